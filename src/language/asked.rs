//! Reads which language a request asks for.

use cookie::Cookie;
use http::{HeaderMap, header};

use crate::language::{Language, Languages, accept};

/// Names the cookie that keeps the language that somebody chose on a page. It holds a code and is no secret.
pub const LANGUAGE_COOKIE: &str = "authgate_language";

/// Holds what a request says of languages: what was chosen in its browser, and what the browser itself is set to.
#[derive(Debug, Clone, Default)]
pub struct AskedLanguage {
    chosen: Option<Language>,
    accepted: Option<String>,
}

impl AskedLanguage {
    /// Reads the cookie and Accept-Language, of which lines are joined (RFC 9110 §5.3).
    #[must_use]
    pub fn new(headers: &HeaderMap) -> Self {
        let texts = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let cookies = texts(header::COOKIE).flat_map(Cookie::split_parse).filter_map(Result::ok);
        let mut chosen = cookies.filter(|cookie| cookie.name() == LANGUAGE_COOKIE);
        let accepted = texts(header::ACCEPT_LANGUAGE).collect::<Vec<_>>().join(",");
        Self {
            chosen: chosen.find_map(|cookie| Language::parse(cookie.value())),
            accepted: (!accepted.is_empty()).then(|| accept::bounded(&accepted).to_owned()),
        }
    }

    /// Returns what is offered and was chosen, else what the browser accepts, else the default.
    #[must_use]
    pub fn among(&self, offered: &Languages) -> Language {
        let chosen = self.chosen.filter(|language| offered.contains(*language));
        chosen.unwrap_or_else(|| offered.choose(self.accepted.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    #[test]
    fn the_cookie_counts_before_the_header_as_long_as_it_is_offered() {
        let offered = Languages::new(Language::English, [Language::German, Language::French]);
        for (headers, expected) in [
            (&[] as &[(HeaderName, &str)], Language::English),
            (&[(header::ACCEPT_LANGUAGE, "fr")], Language::French),
            (&[(header::ACCEPT_LANGUAGE, "it"), (header::ACCEPT_LANGUAGE, "fr")], Language::French),
            (&[(header::ACCEPT_LANGUAGE, "fr"), (header::COOKIE, "a=b; authgate_language=de")], Language::German),
            (&[(header::ACCEPT_LANGUAGE, "fr"), (header::COOKIE, "authgate_language=es")], Language::French),
            (
                &[(header::ACCEPT_LANGUAGE, "fr"), (header::COOKIE, "authgate_language=xx; authgate_language=de")],
                Language::German,
            ),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(name, value.parse().unwrap());
            }
            assert_eq!(AskedLanguage::new(&map).among(&offered), expected, "{headers:?}");
        }
    }
}
