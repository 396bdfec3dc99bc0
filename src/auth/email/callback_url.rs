//! Decides where a browser may be sent afterwards (REDIR-01 to REDIR-04). The text is validated as written *and* as the URL
//! standard reads it, since browsers repair what looks harmless (`/\evil`, `/<tab>/evil`) into another origin.

use url::Url;

use crate::types::{MailToken, Origin, PublicUrl, TrustedOrigins, split_app_url};

/// Limits the length: longer URLs fit no mailed link. It holds for the text as it came and as it is sent, which escapes
/// can make three times as long.
const MAX_BYTES: usize = 2048;

/// Means that the text leads, or could lead, somewhere untrusted.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("Invalid callbackURL")]
pub struct InvalidCallbackUrl;

/// Is a path of our own, or an absolute URL within a trusted origin, re-serialised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackUrl {
    text: String,
    /// Is the origin of an absolute one.
    origin: Option<Origin>,
}

impl CallbackUrl {
    /// Checks a client's text, and again a stored one before it is used.
    pub fn parse(text: &str, trusted: &TrustedOrigins, public: &PublicUrl) -> Result<Self, InvalidCallbackUrl> {
        if text.len() > MAX_BYTES || text.contains('\\') || text.chars().any(|c| c.is_control() || c == ' ') {
            return Err(InvalidCallbackUrl);
        }
        if has_escaped_control(text) {
            return Err(InvalidCallbackUrl);
        }
        let target = if text.starts_with('/') { parse_path(text, public) } else { parse_absolute(text, trusted) }?;
        // A longer one would be stored, and not be taken again when it is used.
        if target.text.len() > MAX_BYTES { Err(InvalidCallbackUrl) } else { Ok(target) }
    }

    /// Resolves the text as a page of this origin means it: a path leads within the page's origin, which has to be
    /// trusted.
    pub fn seen_from(
        self,
        page: &Origin,
        trusted: &TrustedOrigins,
        public: &PublicUrl,
    ) -> Result<Self, InvalidCallbackUrl> {
        if self.origin.is_some() || page == public.origin() {
            return Ok(self);
        }
        Self::parse(&format!("{page}{}", self.text), trusted, public)
    }

    /// Returns what goes into `Location`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the origin of an absolute URL; `None` for a path of our own.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Returns the URL with `error=CODE` appended to the query (contract §3.3). `code` is one of our constants, never a
    /// client's text.
    #[must_use]
    pub fn with_error(&self, code: &'static str) -> String {
        self.with_pair("error", code)
    }

    /// Returns the absolute form, with `token=…` appended to the query, for the page of the frontend that spends it.
    #[must_use]
    pub fn absolute_with_token(&self, token: &MailToken, public: &PublicUrl) -> String {
        self.made_absolute(self.with_pair("token", token.expose()), public)
    }

    /// Returns the absolute form, with `invitation=…` appended to the query, for the page that signs people up.
    #[must_use]
    pub fn absolute_with_invitation(&self, token: &MailToken, public: &PublicUrl) -> String {
        self.made_absolute(self.with_pair("invitation", token.expose()), public)
    }

    /// Returns the absolute form.
    #[must_use]
    pub fn absolute(&self, public: &PublicUrl) -> String {
        self.made_absolute(self.text.clone(), public)
    }

    /// Returns the absolute form of [`Self::with_error`].
    #[must_use]
    pub fn absolute_with_error(&self, code: &'static str, public: &PublicUrl) -> String {
        self.made_absolute(self.with_error(code), public)
    }

    fn made_absolute(&self, text: String, public: &PublicUrl) -> String {
        if self.origin.is_none() { public.join(&text) } else { text }
    }

    /// Appends a pair to the query. `value` needs no escaping.
    fn with_pair(&self, key: &str, value: &str) -> String {
        let (before, fragment) = match self.text.split_once('#') {
            Some((before, fragment)) => (before, Some(fragment)),
            None => (self.text.as_str(), None),
        };
        let separator = if before.contains('?') { '&' } else { '?' };
        let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
        format!("{before}{separator}{key}={value}{fragment}")
    }
}

fn parse_path(text: &str, public: &PublicUrl) -> Result<CallbackUrl, InvalidCallbackUrl> {
    let path = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    if text.starts_with("//") || path.contains("%2f") || path.contains("%5c") {
        return Err(InvalidCallbackUrl);
    }
    let base = Url::parse(public.origin().as_str()).map_err(|_| InvalidCallbackUrl)?;
    let url = base.join(text).map_err(|_| InvalidCallbackUrl)?;
    if Origin::from_url(&url).ok().as_ref() != Some(public.origin()) {
        return Err(InvalidCallbackUrl);
    }
    let text = &url[url::Position::BeforePath..];
    // Dot segments could have collapsed into two slashes, which is another host to a browser.
    if text.starts_with("//") {
        Err(InvalidCallbackUrl)
    } else {
        Ok(CallbackUrl { text: text.to_owned(), origin: None })
    }
}

fn parse_absolute(text: &str, trusted: &TrustedOrigins) -> Result<CallbackUrl, InvalidCallbackUrl> {
    if let Some((scheme, rest)) = split_app_url(text) {
        return parse_deep_link(text, (scheme, rest), trusted);
    }
    let (scheme, rest) = text.split_once("://").ok_or(InvalidCallbackUrl)?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err(InvalidCallbackUrl);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Escapes and full-width characters in a host are read differently by different parsers; a user name is bait.
    if authority.is_empty() || !authority.is_ascii() || authority.contains(['@', '%']) {
        return Err(InvalidCallbackUrl);
    }
    let url = Url::parse(text).map_err(|_| InvalidCallbackUrl)?;
    let origin = Origin::from_url(&url).map_err(|_| InvalidCallbackUrl)?;
    if !trusted.allows(&origin) {
        return Err(InvalidCallbackUrl);
    }
    Ok(CallbackUrl { text: url.into(), origin: Some(origin) })
}

/// A link that opens an app, where its origin or its whole scheme is trusted. Who wrote the app says what it means, so
/// nothing of it is repaired.
fn parse_deep_link(
    text: &str,
    (scheme, rest): (&str, &str),
    trusted: &TrustedOrigins,
) -> Result<CallbackUrl, InvalidCallbackUrl> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let origin = Origin::parse_app(&format!("{scheme}://{authority}")).map_err(|_| InvalidCallbackUrl)?;
    if !text.bytes().all(|b| b.is_ascii_graphic()) || !trusted.allows(&origin) {
        return Err(InvalidCallbackUrl);
    }
    Ok(CallbackUrl { text: text.to_owned(), origin: Some(origin) })
}

/// Tells whether the text holds `%00` to `%1f` or `%7f`: a server that decodes before it redirects would split its own
/// header.
fn has_escaped_control(text: &str) -> bool {
    text.as_bytes().windows(3).any(|window| {
        window[0] == b'%'
            && std::str::from_utf8(&window[1..])
                .ok()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                .is_some_and(|value| value.is_ascii_control())
    })
}

#[cfg(test)]
mod tests {
    use crate::types::OriginPattern;

    use super::*;

    fn parse(text: &str) -> Result<CallbackUrl, InvalidCallbackUrl> {
        let public = PublicUrl::parse("https://gw.example").unwrap();
        let further = ["http://localhost:3000", "https://*.preview.example.com", "exp://192.168.1.5:8081", "myapp://"];
        let further = further.iter().map(|text| OriginPattern::parse(text).unwrap()).collect();
        let trusted = TrustedOrigins::new(public.origin().clone(), further);
        CallbackUrl::parse(text, &trusted, &public)
    }

    #[test]
    fn keeps_what_stays_within_trusted_origins() {
        for (text, expected) in [
            ("/", "/"),
            ("/dashboard", "/dashboard"),
            ("/dashboard?tab=a%2Fb#top", "/dashboard?tab=a%2Fb#top"),
            ("/a/../b", "/b"),
            ("/@user", "/@user"),
            ("/search?next=https://evil.example", "/search?next=https://evil.example"),
            ("/münchen", "/m%C3%BCnchen"),
            ("https://gw.example", "https://gw.example/"),
            ("https://GW.example:443/x", "https://gw.example/x"),
            ("http://localhost:3000/welcome?x=1", "http://localhost:3000/welcome?x=1"),
            ("https://pr-7.preview.example.com/", "https://pr-7.preview.example.com/"),
            ("myapp://", "myapp://"),
            ("myapp://welcome?tab=1#top", "myapp://welcome?tab=1#top"),
            ("exp://192.168.1.5:8081/--/welcome", "exp://192.168.1.5:8081/--/welcome"),
        ] {
            assert_eq!(parse(text).as_ref().map(CallbackUrl::as_str), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn refuses_the_corpus_of_redir_03_and_its_cousins() {
        for text in [
            "",
            "x",
            "dashboard",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "\\/evil.example",
            "https:evil.example",
            "https:/evil.example",
            "https:///evil.example",
            "https:gw.example",
            "https:/gw.example",
            "https:///gw.example",
            "https:\\\\gw.example",
            "https://gw.example@evil.example",
            "https://gw.example:80@evil.example",
            "https://user@gw.example/",
            "https://@gw.example/",
            "https://gw.example.evil.example",
            "https://evilgw.example",
            "http://gw.example",
            "https://gw.example:8443",
            "https://evil.example?https://gw.example",
            "https://evil.example?gw.example",
            "https://evil.example#gw.example",
            "https://evil.example/https://gw.example",
            "https://evil.example\\@gw.example",
            "https://GW%2eexample",
            "https://gw%2Eexample/",
            "https://gw。example",
            "https://ｇｗ.example",
            "https://gw.example。evil.example",
            "https://xn--gw-.example",
            "http://[::]@evil.example",
            "http://[::1",
            "myapp:welcome",
            "myapp:/welcome",
            "myapp2://welcome",
            "MYAPP://welcome",
            "myapp://user@welcome",
            "myapp://wel%63ome",
            "myapp://welcome/\u{e4}",
            "myapp://welcome/%0d%0aX:y",
            "exp://192.168.1.5:8082/",
            "exp://192.168.1.5:8081.evil.example/",
            "intent://welcome#Intent;scheme=myapp;end",
            "javascript:alert(1)",
            "JaVaScRiPt://gw.example/%0aalert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "ftp://gw.example",
            "/%0d%0aX: y",
            "/%0D%0aSet-Cookie:a=b",
            "/?x=%0d%0aX:y",
            "/%09/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/%5cevil.example",
            "/%5Cevil.example",
            "/%2fevil.example",
            "/%2Fevil.example",
            "/%00",
            "/a\0",
            "/.//evil.example",
            "/x/..//evil.example",
            "/%2e//evil.example",
            "https://localhost:30000/",
            "https://preview.example.com/",
        ] {
            assert_eq!(parse(text), Err(InvalidCallbackUrl), "{text:?}");
        }
        for longest in ["a".repeat(MAX_BYTES - 1), "<".repeat((MAX_BYTES - 1) / 3), "ü".repeat((MAX_BYTES - 1) / 6)] {
            let taken = parse(&format!("/{longest}")).unwrap();
            assert_eq!(parse(taken.as_str()), Ok(taken.clone()), "what was stored is taken again");
            assert_eq!(parse(&format!("/{longest}{}", &longest[..2].repeat(3))), Err(InvalidCallbackUrl), "{longest}");
        }
    }

    #[test]
    fn a_path_is_meant_within_the_origin_of_the_page_that_asks() {
        let public = PublicUrl::parse("https://gw.example").unwrap();
        let frontend = Origin::parse("http://localhost:3000").unwrap();
        let trusted =
            TrustedOrigins::new(public.origin().clone(), vec![OriginPattern::parse(frontend.as_str()).unwrap()]);
        let seen = |text: &str, page: &str| {
            let target = CallbackUrl::parse(text, &trusted, &public).unwrap();
            let target = target.seen_from(&Origin::parse(page).unwrap(), &trusted, &public);
            target.map(|target| target.as_str().to_owned())
        };
        let own = "https://gw.example";
        assert_eq!(seen("/a?b=c#d", frontend.as_str()).unwrap(), "http://localhost:3000/a?b=c#d");
        assert_eq!(seen("/@evil.example", frontend.as_str()).unwrap(), "http://localhost:3000/@evil.example");
        assert_eq!(seen("/a", own).unwrap(), "/a");
        assert_eq!(seen("https://gw.example/a", frontend.as_str()).unwrap(), "https://gw.example/a");
        assert_eq!(seen("/a", "https://evil.example"), Err(InvalidCallbackUrl));
        assert_eq!(seen(&format!("/{}", "a".repeat(MAX_BYTES - 1)), frontend.as_str()), Err(InvalidCallbackUrl));
    }

    #[test]
    fn appends_errors_to_the_query() {
        for (text, expected) in [
            ("/a", "/a?error=INVALID_TOKEN"),
            ("/a?b=c", "/a?b=c&error=INVALID_TOKEN"),
            ("/a?b=c#d?e", "/a?b=c&error=INVALID_TOKEN#d?e"),
            ("/a#d", "/a?error=INVALID_TOKEN#d"),
        ] {
            assert_eq!(parse(text).unwrap().with_error("INVALID_TOKEN"), expected);
        }
    }
}
