//! Recognises web origins: who may call with credentials, and where a redirect may lead (CSRF-04, CORS-01, REDIR-01).

use std::fmt;

use url::{Host, Url};

use crate::types::FirstSeen;

/// Describes why a text is not an origin.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OriginError {
    #[error("an origin is written like https://app.example.com or https://app.example.com:8443")]
    Syntax,
    #[error("an origin has the scheme http, https, or one of an app's own, as in capacitor://localhost")]
    Scheme,
    #[error("an origin has no path, query, fragment or user name")]
    TooMuch,
    #[error("a wildcard stands for whole labels at the start, as in https://*.example.com")]
    Wildcard,
    /// Requests carry internationalised names in ASCII (RFC 5891), and so does the configuration.
    #[error("an internationalised name is written in its ASCII form: {0}")]
    NotAscii(String),
}

/// Holds scheme, host and port, in the serialised form of the URL standard (default ports left out). Two origins are
/// the same exactly when these texts are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Reads the origin of an `Origin` header or of the configuration: nothing but scheme, host and port. The text
    /// `null` is not an origin here.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let url = Url::parse(text).map_err(|_| OriginError::Syntax)?;
        let origin = Self::from_url(&url)?;
        if !text.is_ascii() {
            return Err(OriginError::NotAscii(origin.0));
        }
        // Browsers send the serialised form; comparing with it also refuses paths, user names and odd spellings.
        if text.trim_end_matches('/').eq_ignore_ascii_case(&origin.0) || has_default_port(text, &url, &origin) {
            Ok(origin)
        } else {
            Err(OriginError::TooMuch)
        }
    }

    /// Reads the origin of an app's pages or deep links: `capacitor://localhost`, `exp://192.168.1.5:8081`, `myapp://`.
    /// Such an origin is the text itself, as no standard says which spellings are the same.
    pub fn parse_app(text: &str) -> Result<Self, OriginError> {
        let (_, authority) = split_app_url(text).ok_or(OriginError::Scheme)?;
        if is_app_authority(authority) { Ok(Self(text.to_owned())) } else { Err(OriginError::TooMuch) }
    }

    /// Reads either kind.
    pub fn parse_any(text: &str) -> Result<Self, OriginError> {
        Self::parse_app(text)
            .or_else(|error| if split_app_url(text).is_some() { Err(error) } else { Self::parse(text) })
    }

    /// Returns what names the origin in a content security policy: of an app the scheme alone.
    #[must_use]
    pub fn policy_source(&self) -> &str {
        match split_app_url(&self.0) {
            Some((scheme, _)) => &self.0[..=scheme.len()],
            None => &self.0,
        }
    }

    /// Returns the origin of an http or https URL.
    pub fn from_url(url: &Url) -> Result<Self, OriginError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OriginError::Scheme);
        }
        if url.host().is_none() {
            return Err(OriginError::Syntax);
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// Returns the serialised origin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Schemes that mean something to browsers or to the system, so that no app's page or deep link has them.
const NO_APPS: [&str; 20] = [
    "about",
    "blob",
    "chrome",
    "content",
    "data",
    "file",
    "filesystem",
    "ftp",
    "http",
    "https",
    "intent",
    "javascript",
    "mailto",
    "resource",
    "sms",
    "tel",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// Cuts a URL of an app's own scheme (RFC 3986 §3.1) into scheme and the rest. `None` where the scheme is not one that
/// an app can have.
#[must_use]
pub fn split_app_url(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b));
    (is_scheme && !NO_APPS.contains(&scheme)).then_some((scheme, rest))
}

/// Tells whether a text is host and port as apps write them, or nothing. There is one spelling: lower case, no escapes.
fn is_app_authority(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:[]".contains(&b))
}

fn has_default_port(text: &str, url: &Url, origin: &Origin) -> bool {
    url.port().is_none()
        && url
            .port_or_known_default()
            .is_some_and(|port| text.trim_end_matches('/').eq_ignore_ascii_case(&format!("{origin}:{port}")))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Is one entry of `auth.trusted_origins`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OriginPattern {
    /// Is exactly this origin.
    Exact(Origin),
    /// Is any number of whole labels before a suffix, same scheme and port: `https://*.example.com` covers
    /// `https://a.b.example.com`, not `https://example.com` and not `https://notexample.com`.
    Subdomains { before: String, after: String },
    /// Is every page and deep link of an app's own scheme: `myapp://` covers `myapp://welcome`. Holds it with `://`.
    App { before: String },
    /// Is any origin of this machine, whatever its port. No configuration says it: it is for development.
    Loopback,
}

impl OriginPattern {
    /// Parses an entry of the configuration.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let Some((scheme, rest)) = text.split_once("://*.") else {
            return match split_app_url(text) {
                _ if text.contains('*') => Err(OriginError::Wildcard),
                Some((_, "")) => Ok(Self::App { before: text.to_owned() }),
                _ => Origin::parse_any(text).map(Self::Exact),
            };
        };
        if rest.contains('*') {
            return Err(OriginError::Wildcard);
        }
        let base = Origin::parse(&format!("{scheme}://{rest}")).map_err(|error| match error {
            OriginError::NotAscii(base) => OriginError::NotAscii(base.replacen("://", "://*.", 1)),
            other => other,
        })?;
        let url = Url::parse(base.as_str()).map_err(|_| OriginError::Syntax)?;
        if !matches!(url.host(), Some(Host::Domain(_))) {
            return Err(OriginError::Wildcard);
        }
        let (scheme, host) = base.as_str().split_once("://").ok_or(OriginError::Syntax)?;
        Ok(Self::Subdomains { before: format!("{scheme}://"), after: format!(".{host}") })
    }

    /// Tells whether the origin is covered.
    #[must_use]
    pub fn matches(&self, origin: &Origin) -> bool {
        match self {
            Self::Exact(exact) => exact == origin,
            Self::App { before } => origin.as_str().starts_with(before.as_str()),
            Self::Loopback => Url::parse(origin.as_str()).is_ok_and(|url| url.host_str().is_some_and(is_loopback_host)),
            Self::Subdomains { before, after } => origin
                .as_str()
                .strip_prefix(before.as_str())
                .and_then(|rest| rest.strip_suffix(after.as_str()))
                .is_some_and(|labels| !labels.is_empty() && labels.split('.').all(|label| !label.is_empty())),
        }
    }
}

/// Tells whether a host, as it stands in a URL and without port, is this machine whatever a name server says.
#[must_use]
pub fn is_loopback_host(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

/// Lists the origins that may send credentials and receive redirects. `public_url`'s own is always among them.
#[derive(Debug, Clone)]
pub struct TrustedOrigins {
    patterns: Vec<OriginPattern>,
    /// Is told the headers that name others.
    rejected: Option<FirstSeen>,
}

impl TrustedOrigins {
    /// Trusts the public origin and the configured further ones.
    #[must_use]
    pub fn new(public: Origin, further: Vec<OriginPattern>) -> Self {
        let mut patterns = vec![OriginPattern::Exact(public)];
        patterns.extend(further);
        Self { patterns, rejected: None }
    }

    /// Trusts these as well.
    #[must_use]
    pub fn with(mut self, further: impl IntoIterator<Item = OriginPattern>) -> Self {
        self.patterns.extend(further);
        self
    }

    /// Tells of `Origin` headers that name others.
    #[must_use]
    pub fn telling(self, rejected: FirstSeen) -> Self {
        Self { rejected: Some(rejected), ..self }
    }

    /// Tells whether the origin is trusted.
    #[must_use]
    pub fn allows(&self, origin: &Origin) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(origin))
    }

    /// Tells whether an `Origin` header's value is a trusted origin; `null` and anything malformed is not.
    #[must_use]
    pub fn allows_header(&self, value: &str) -> bool {
        let is_trusted = Origin::parse_any(value).is_ok_and(|origin| self.allows(&origin));
        if let (false, Some(rejected)) = (is_trusted, &self.rejected) {
            rejected.see(value);
        }
        is_trusted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_as_whole_triples() {
        let trusted = TrustedOrigins::new(
            Origin::parse("https://gw.example").unwrap(),
            vec![
                OriginPattern::parse("http://localhost:3000").unwrap(),
                OriginPattern::parse("https://*.preview.example.com").unwrap(),
                OriginPattern::parse("capacitor://localhost").unwrap(),
                OriginPattern::parse("exp://192.168.1.5:8081").unwrap(),
                OriginPattern::parse("myapp://").unwrap(),
            ],
        );
        for (origin, allowed) in [
            ("https://gw.example", true),
            ("https://gw.example:443", true),
            ("https://GW.example", true),
            ("http://gw.example", false),
            ("https://gw.example:8443", false),
            ("https://gw.example.evil.test", false),
            ("https://evil.test/https://gw.example", false),
            ("https://user@gw.example", false),
            ("null", false),
            ("", false),
            ("http://localhost:3000", true),
            ("http://localhost:30000", false),
            ("https://a.preview.example.com", true),
            ("https://a.b.preview.example.com", true),
            ("https://preview.example.com", false),
            ("https://evilpreview.example.com", false),
            ("https://a.preview.example.com:444", false),
            ("https://.preview.example.com", false),
            ("capacitor://localhost", true),
            ("capacitor://localhost:80", false),
            ("capacitor://localhost/", false),
            ("Capacitor://localhost", false),
            ("capacitor://evil.example", false),
            ("exp://192.168.1.5:8081", true),
            ("exp://192.168.1.5:8082", false),
            ("myapp://", true),
            ("myapp://welcome", true),
            ("myapp://welcome@evil", false),
            ("myapp2://welcome", false),
            ("otherapp://welcome", false),
        ] {
            assert_eq!(trusted.allows_header(origin), allowed, "{origin}");
        }
    }

    #[test]
    fn refuses_entries_that_could_never_match() {
        for (text, error) in [
            ("https://app.example.com/path", OriginError::TooMuch),
            ("app.example.com", OriginError::Syntax),
            ("ftp://app.example.com", OriginError::Scheme),
            ("javascript://app.example.com", OriginError::Scheme),
            ("intent://app.example.com", OriginError::Scheme),
            ("capacitor://localhost/", OriginError::TooMuch),
            ("myapp://Welcome", OriginError::TooMuch),
            ("myapp://*.example", OriginError::Scheme),
            ("myapp://w*", OriginError::Wildcard),
            ("https://a*.example.com", OriginError::Wildcard),
            ("https://*.*.example.com", OriginError::Wildcard),
            ("https://*.10.0.0.1", OriginError::Wildcard),
            ("*", OriginError::Wildcard),
        ] {
            assert_eq!(OriginPattern::parse(text), Err(error), "{text}");
        }
    }
}
