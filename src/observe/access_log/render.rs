//! Renders one line. Whatever a client put into it can neither end the line, nor begin another, nor speak to a
//! terminal (LOG-02).

use std::{
    fmt::Write as _,
    io::{self, Write},
    time::Duration,
};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter};

use crate::{observe::access_log::line::AccessLine, types::write_timestamp};

/// Bounds the values in characters; what is longer ends in `…`.
const MAX_PATH: usize = 1024;
const MAX_HOST: usize = 255;
const MAX_USER_AGENT: usize = 256;
const MAX_SHORT: usize = 64;

/// Writes the line as one JSON object of plain ASCII. The names are documented in `docs/operations.md`.
pub(crate) fn write_json(out: &mut Vec<u8>, line: &AccessLine<'_>) -> io::Result<()> {
    out.extend_from_slice(b"{\"timestamp\":\"");
    write_timestamp(out, line.time)?;
    out.extend_from_slice(b"\",\"event\":\"request\"");
    text(out, "request.id", &capped(line.request_id, MAX_SHORT))?;
    text(out, "method", &capped(line.method, MAX_SHORT))?;
    text(out, "host", &capped(line.host, MAX_HOST))?;
    text(out, "path", &capped(without_query(line.path), MAX_PATH))?;
    name(out, "status");
    number(out, line.status.into());
    name(out, "duration_ms");
    milliseconds(out, line.duration);
    text(out, "route.name", &whole(line.route))?;
    if let Some(check) = line.check {
        name(out, "check_ms");
        milliseconds(out, check);
    }
    if let Some(upstream) = line.upstream {
        text(out, "upstream", &whole(upstream))?;
    }
    name(out, "client.ip");
    write!(out, "\"{}\"", line.client_ip.address())?;
    if let Some(user) = line.user_id {
        text(out, "user.id", &whole(user.as_str()))?;
    }
    if let Some(session) = line.session_id {
        text(out, "session.id", &whole(session.as_str()))?;
    }
    name(out, "bytes_in");
    number(out, line.bytes_in);
    name(out, "bytes_out");
    number(out, line.bytes_out);
    text(out, "user_agent", &capped(line.user_agent, MAX_USER_AGENT))?;
    if let Some(error) = line.error {
        text(out, "error", &capped(error, MAX_USER_AGENT))?;
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

fn name(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writes a member whose value is a text. Most need no escapes; the others are left to the serializer, since there is one
/// such line for each request.
fn text(out: &mut Vec<u8>, member: &str, value: &Capped<'_>) -> io::Result<()> {
    name(out, member);
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if !value.is_cut && value.text.bytes().all(is_plain) {
        out.push(b'"');
        out.extend_from_slice(value.text.as_bytes());
        out.push(b'"');
        return Ok(());
    }
    let mut serializer = serde_json::Serializer::with_formatter(out, AsciiFormatter);
    value.serialize(&mut serializer)?;
    Ok(())
}

fn number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Writes a duration in milliseconds with up to three decimals, as a session check takes less than one.
fn milliseconds(out: &mut Vec<u8>, duration: Duration) {
    let microseconds = u64::try_from((duration.as_nanos() + 500) / 1000).unwrap_or(u64::MAX);
    number(out, microseconds / 1000);
    let decimals = microseconds % 1000;
    let mut digits = [b'.', b'0', b'0', b'0'];
    for (place, unit) in digits[1..].iter_mut().zip([100, 10, 1]) {
        *place += u8::try_from(decimals / unit % 10).unwrap_or_default();
    }
    let zeros = digits[2..].iter().rev().take_while(|&&digit| digit == b'0').count();
    out.extend_from_slice(&digits[..digits.len() - zeros]);
}

/// Writes the line for people: what happened first, the details behind it.
pub(crate) fn write_text(out: &mut Vec<u8>, line: &AccessLine<'_>) -> io::Result<()> {
    write_timestamp(out, line.time)?;
    write!(
        out,
        " {} {} {} {:.1}ms route={}",
        line.status,
        Printable(line.method, MAX_SHORT),
        Printable(without_query(line.path), MAX_PATH),
        as_milliseconds(line.duration),
        line.route,
    )?;
    if let Some(check) = line.check {
        write!(out, " check={:.1}ms", as_milliseconds(check))?;
    }
    if let Some(user) = line.user_id {
        write!(out, " user={user}")?;
    }
    if let Some(error) = line.error {
        write!(out, " error=\"{}\"", Printable(error, MAX_USER_AGENT))?;
    }
    writeln!(out, " id={}", Printable(line.request_id, MAX_SHORT))
}

/// Writes a text cut after a number of characters.
struct Capped<'a> {
    text: &'a str,
    is_cut: bool,
}

fn capped(text: &str, max: usize) -> Capped<'_> {
    // Most texts are shorter in bytes already.
    let cut = if text.len() <= max { None } else { text.char_indices().nth(max) };
    match cut {
        None => Capped { text, is_cut: false },
        Some((at, _)) => Capped { text: text.get(..at).unwrap_or_default(), is_cut: true },
    }
}

fn whole(text: &str) -> Capped<'_> {
    Capped { text, is_cut: false }
}

impl Serialize for Capped<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_cut {
            serializer.collect_str(&format_args!("{}…", self.text))
        } else {
            serializer.serialize_str(self.text)
        }
    }
}

/// JSON leaves everything from U+007F on as it is: line separators, the terminal's C1 controls and the marks that turn
/// text around included. Escaped by their number they mean the same to a parser and nothing to a screen.
struct AsciiFormatter;

impl Formatter for AsciiFormatter {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.bytes().position(|byte| byte >= 0x7f) {
            let (plain, special) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut chars = special.chars();
            for unit in chars.next().unwrap_or_default().encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        out.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        serde_json::ser::CompactFormatter.write_char_escape(out, escape)
    }
}

/// Writes a text as a person may see it: one line, no control characters, nothing that turns text around.
struct Printable<'a>(&'a str, usize);

impl std::fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Capped { text, is_cut } = capped(self.0, self.1);
        // `escape_debug` leaves printable characters of any language and escapes the rest.
        for character in text.chars() {
            match character {
                '\'' => f.write_char(character)?,
                _ => write!(f, "{}", character.escape_debug())?,
            }
        }
        if is_cut { f.write_char('…') } else { Ok(()) }
    }
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

fn as_milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(line: &AccessLine<'_>) -> String {
        let mut out = Vec::new();
        write_json(&mut out, line).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn text(line: &AccessLine<'_>) -> String {
        let mut out = Vec::new();
        write_text(&mut out, line).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_line_is_one_object_with_dotted_names() {
        assert_eq!(
            json(&AccessLine::sample()),
            concat!(
                r#"{"timestamp":"2026-11-20T21:07:31.042Z","event":"request","request.id":"0190b3c5","method":"GET","#,
                r#""host":"app.example.com","path":"/items/1","status":200,"duration_ms":3.204,"route.name":"app","#,
                r#""check_ms":0.412,"upstream":"127.0.0.1:8000","client.ip":"192.0.2.7","bytes_in":0,"bytes_out":17,"#,
                r#""user_agent":"curl/8"}"#,
                "\n"
            )
        );
        assert_eq!(
            text(&AccessLine::sample()),
            "2026-11-20T21:07:31.042Z 200 GET /items/1 3.2ms route=app check=0.4ms id=0190b3c5\n"
        );
    }

    #[test]
    fn no_value_can_forge_a_line_or_speak_to_a_terminal() {
        let forged = "a\r\n{\"event\":\"request\"}\u{1b}[2J\u{7f}\u{85}\u{9b}2J\u{2028}\u{2029}\u{202e}\0\u{1f980}é";
        let line =
            AccessLine { path: forged, host: forged, user_agent: forged, error: Some(forged), ..AccessLine::sample() };
        let rendered = json(&line);
        assert!(rendered.trim_end().bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{rendered:?}");
        let parsed: serde_json::Value = serde_json::from_str(&rendered).unwrap();
        for name in ["path", "host", "user_agent", "error"] {
            assert_eq!(parsed[name], forged, "{name}");
        }
        let rendered = text(&line);
        let body = rendered.strip_suffix('\n').unwrap();
        assert!(!body.chars().any(|c| c.is_control() || "\u{2028}\u{2029}\u{202e}".contains(c)), "{body:?}");
    }

    #[test]
    fn durations_are_numbers_of_up_to_three_decimals() {
        for (nanoseconds, expected) in [
            (0, "0.0"),
            (499, "0.0"),
            (500, "0.001"),
            (412_000, "0.412"),
            (3_204_499, "3.204"),
            (120_000_000, "120.0"),
            (1_500_000, "1.5"),
            (1_010_000, "1.01"),
        ] {
            let mut out = Vec::new();
            milliseconds(&mut out, Duration::from_nanos(nanoseconds));
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{nanoseconds}");
        }
    }

    #[test]
    fn values_are_cut() {
        let long = "ä".repeat(5_000);
        let parsed: serde_json::Value =
            serde_json::from_str(&json(&AccessLine { path: &long, user_agent: &long, ..AccessLine::sample() }))
                .unwrap();
        for (name, max) in [("path", MAX_PATH), ("user_agent", MAX_USER_AGENT)] {
            assert_eq!(parsed[name], format!("{}…", "ä".repeat(max)), "{name}");
        }
    }

    #[test]
    fn the_query_is_never_written() {
        for path in ["/api/auth/verify-email?token=secret", "/a#token=secret"] {
            let line = AccessLine { path, ..AccessLine::sample() };
            assert!(!json(&line).contains("secret") && !text(&line).contains("secret"), "{path}");
        }
    }
}
