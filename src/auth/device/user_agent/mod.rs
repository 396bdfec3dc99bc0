//! Reads what a user agent tells of browser, operating system and kind of device. It is the client's own claim: for
//! people to recognise their sessions by, never to decide on.

#[cfg(test)]
mod tests;

use woothee::parser::{Parser, WootheeResult};

/// Describes what somebody signed in with, as far as it can be told. The texts come out of tables, never from the
/// client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Is the browser's name: `Firefox`, `Chrome`, `curl`.
    pub browser: Option<&'static str>,
    /// Is the family without its version, `Windows` or `iOS`: browsers have stopped to tell versions truly.
    pub os: Option<&'static str>,
    pub kind: Option<DeviceKind>,
}

/// Tells what a device is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    Desktop,
    Mobile,
    Tablet,
    /// Is a crawler or feed reader.
    Bot,
    /// Is any other program, library, console or television set.
    Other,
}

/// Lists the programs that say who they are before the first slash, and by what name people know them.
const PROGRAMS: [(&str, &str); 22] = [
    ("aiohttp", "aiohttp"),
    ("Apache-HttpClient", "Apache HttpClient"),
    ("axios", "axios"),
    ("Bruno", "Bruno"),
    ("curl", "curl"),
    ("Dart", "Dart"),
    ("Deno", "Deno"),
    ("Go-http-client", "Go"),
    ("HTTPie", "HTTPie"),
    ("httpx", "HTTPX"),
    ("insomnia", "Insomnia"),
    ("Java", "Java"),
    ("node", "Node.js"),
    ("node-fetch", "Node.js"),
    ("okhttp", "OkHttp"),
    ("PostmanRuntime", "Postman"),
    ("python-httpx", "HTTPX"),
    ("python-requests", "Python"),
    ("Python-urllib", "Python"),
    ("reqwest", "reqwest"),
    ("undici", "Node.js"),
    ("Wget", "Wget"),
];

impl Device {
    /// Reads a user agent. Anything is accepted; what says nothing gives nothing.
    #[must_use]
    pub fn parse(user_agent: &str) -> Self {
        if let Some(program) = program(user_agent) {
            return Self { browser: Some(program), os: None, kind: Some(DeviceKind::Other) };
        }
        let Some(found) = Parser::new().parse(user_agent) else {
            return Self { browser: None, os: None, kind: None };
        };
        let os = os(user_agent, found.os);
        Self { browser: browser(user_agent, found.name), os, kind: kind(user_agent, &found, os) }
    }

    /// Returns `Firefox on Linux`, `Firefox`, `Linux`, or that nothing is known: for people, and to tell devices apart
    /// by.
    #[must_use]
    pub fn label(&self) -> String {
        match (self.browser, self.os) {
            (Some(browser), Some(os)) => format!("{browser} on {os}"),
            (Some(only), None) | (None, Some(only)) => only.to_owned(),
            (None, None) => "Unknown device".to_owned(),
        }
    }
}

fn program(user_agent: &str) -> Option<&'static str> {
    let product = user_agent.split(['/', ' ']).next()?;
    // Node's own fetch says `node` and nothing else.
    PROGRAMS.iter().find(|(known, _)| known.eq_ignore_ascii_case(product)).map(|(_, name)| *name)
}

/// Returns the parser's name of the browser under the one it has today. Firefox and Edge on iOS are Safari inside, and
/// those who use them know them as what they are called.
fn browser(user_agent: &str, found: &str) -> Option<&'static str> {
    let name = match found {
        "Internet Explorer" => "Internet Explorer",
        "Edge" => "Edge",
        "Chrome" if user_agent.contains("OPR/") => "Opera",
        "Chrome" if user_agent.contains("DuckDuckGo/") => "DuckDuckGo",
        "Chrome" => "Chrome",
        "Safari" if user_agent.contains("Ddg/") => "DuckDuckGo",
        "Safari" if is_chromium_on_ios(user_agent) => "Chrome",
        "Safari" => "Safari",
        "Firefox" => "Firefox",
        "Opera" => "Opera",
        "Vivaldi" => "Vivaldi",
        "SamsungBrowser" => "Samsung Internet",
        "Yandex Browser" => "Yandex Browser",
        "Google Search App" => "Google app",
        "Sleipnir" => "Sleipnir",
        "Webview" => "In-app browser",
        _ => return None,
    };
    Some(name)
}

fn is_chromium_on_ios(user_agent: &str) -> bool {
    user_agent.contains("CriOS/")
}

fn os(user_agent: &str, found: &str) -> Option<&'static str> {
    let name = match found {
        "Windows Phone OS" => "Windows Phone",
        windows if windows.starts_with("Windows") => "Windows",
        "Mac OSX" | "Mac OS Classic" => "macOS",
        "iPhone" | "iPod" | "iOS" => "iOS",
        "iPad" => "iPadOS",
        "Android" => "Android",
        "ChromeOS" => "ChromeOS",
        "Linux" => "Linux",
        "BSD" => "BSD",
        "BlackBerry" | "BlackBerry 10" => "BlackBerry",
        "Firefox OS" => "Firefox OS",
        "PlayStation 3" | "PlayStation 4" | "PlayStation Vita" | "PlayStation Portable" => "PlayStation",
        "Xbox 360" | "Xbox One" => "Xbox",
        "Nintendo 3DS" | "Nintendo DSi" | "Nintendo Wii" | "Nintendo Wii U" => "Nintendo",
        // Firefox on Android does not mention the Linux that the parser looks for.
        _ if user_agent.contains("(Android") => "Android",
        _ => return None,
    };
    Some(name)
}

fn kind(user_agent: &str, found: &WootheeResult<'_>, os: Option<&str>) -> Option<DeviceKind> {
    match (found.category, os) {
        ("crawler", _) => Some(DeviceKind::Bot),
        // Google asks Android browsers on phones, and only there, to say "Mobile".
        (_, Some("Android")) if user_agent.contains("Mobile") => Some(DeviceKind::Mobile),
        (_, Some("Android" | "iPadOS")) => Some(DeviceKind::Tablet),
        ("pc", _) => Some(DeviceKind::Desktop),
        ("smartphone" | "mobilephone", _) => Some(DeviceKind::Mobile),
        ("appliance" | "misc", _) => Some(DeviceKind::Other),
        _ => None,
    }
}
