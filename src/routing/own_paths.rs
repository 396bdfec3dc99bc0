//! Tells which paths are the gateway's own (PATH-14, PATH-16), and how they stand in logs: the auth API's by their
//! template, so that no token in a path is written down (LOG-05).

use std::borrow::Cow;

use crate::routing::{CanonicalPath, PathPattern};

/// Is the path below the base at which a proxy in front asks. What follows it is the original path, as Envoy appends
/// it.
const FORWARD_AUTH: &str = "/forward-auth";
/// Stands for whatever a client wrote below the base that is no path of the auth API.
const UNKNOWN: &str = "/{unknown}";
/// Bounds how often an escape may be escaped and is still recognised in a path that is rejected.
const MAX_DECODINGS: usize = 4;

/// Returns what follows the forward-auth endpoint's own path, where a path begins with that. It is spelled exactly, as
/// all own paths are.
pub(crate) fn forward_auth_path<'t>(path: &'t str, base: &str) -> Option<&'t str> {
    let rest = path.strip_prefix(base)?.strip_prefix(FORWARD_AUTH)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// Holds the paths that the gateway responds to itself.
#[derive(Debug, Clone)]
pub(crate) struct OwnPaths {
    base: String,
    /// Holds the segments of the base as [`lenient`] reads them.
    base_names: Vec<String>,
    templates: Vec<PathPattern>,
    /// Lists the prefixes of pages. Nothing in a path below them is secret.
    pages: Vec<String>,
}

impl OwnPaths {
    /// Creates the set. `base` and the prefixes of `pages` are canonical; the templates are those of the auth API, without
    /// its base.
    pub(crate) fn new(base: String, templates: &[String], pages: Vec<String>) -> Self {
        let templates = templates.iter().map(String::as_str).chain([FORWARD_AUTH]);
        let templates = templates.filter_map(|template| PathPattern::parse(&format!("{base}{template}")).ok());
        Self { base_names: lenient(&base), templates: templates.collect(), base, pages }
    }

    /// Returns whether a path is the gateway's own, or is to a server that cuts `;` parameters off.
    pub(crate) fn cover(&self, path: &CanonicalPath) -> bool {
        path.is_within(&self.base) || self.pages.iter().any(|prefix| path.is_within(prefix))
    }

    /// Tells whether one of them is spelled as the gateway serves it: each has one spelling, without parameters
    /// (PATH-14).
    pub(crate) fn are_spelled(path: &CanonicalPath, spelling: &str) -> bool {
        path.as_str() == spelling && path.without_parameters().is_none()
    }

    /// Returns a path as a log may show it, from its spelling in the request and without its query.
    pub(crate) fn logged<'p>(&self, path: &'p str) -> Cow<'p, str> {
        match forward_auth_path(path, &self.base) {
            Some(rest) => match self.own(rest) {
                Some(own) => format!("{}{FORWARD_AUTH}{own}", self.base).into(),
                None => path.into(),
            },
            None => self.own(path).map_or(path.into(), Cow::Owned),
        }
    }

    /// Returns the template, where anybody could take the path for one below the base.
    fn own(&self, path: &str) -> Option<String> {
        let begins = path.get(..self.base.len()).is_some_and(|start| start.eq_ignore_ascii_case(&self.base));
        if !begins && !is_odd(path) {
            return None;
        }
        let canonical = CanonicalPath::parse(path).ok();
        let exact = canonical.as_ref().filter(|canonical| canonical.as_str() == path && !path.ends_with('/'));
        if let Some(template) = exact.and_then(|path| self.template(path)) {
            return Some(template.to_owned());
        }
        let names = lenient(path);
        let mut is_own = resolved(&names).starts_with(&self.base_names);
        // Nobody knows how others would have read what is rejected.
        is_own |=
            canonical.is_none() && names.windows(self.base_names.len().max(1)).any(|part| part == self.base_names);
        is_own.then(|| format!("{}{UNKNOWN}", self.base))
    }

    /// A template without parameters wins over one with them.
    fn template(&self, path: &CanonicalPath) -> Option<&str> {
        let mut matching = self.templates.iter().filter(|template| template.matches(path)).map(PathPattern::as_str);
        let first = matching.next()?;
        Some(if first == path.as_str() { first } else { matching.find(|text| *text == path.as_str()).unwrap_or(first) })
    }
}

/// Tells whether there is anything in a path that servers read differently.
fn is_odd(path: &str) -> bool {
    path.contains(['%', ';', '\\']) || path.contains("//") || path.contains("/.")
}

/// Returns the segments as the most forgiving server reads them: decoded however often it takes, without case,
/// parameters and empty segments. Dot segments are still there.
fn lenient(path: &str) -> Vec<String> {
    let mut text = path.to_owned();
    for _ in 0..MAX_DECODINGS {
        if !text.contains('%') {
            break;
        }
        let once = text.replace("%25", "%");
        text = percent_encoding::percent_decode_str(&once).decode_utf8_lossy().into_owned();
    }
    let names = text.split(['/', '\\']).map(|name| name.split_once(';').map_or(name, |(name, _)| name));
    names.filter(|name| !name.is_empty() && *name != ".").map(str::to_ascii_lowercase).collect()
}

/// Returns the path without dot segments.
fn resolved(names: &[String]) -> Vec<String> {
    let mut kept = Vec::with_capacity(names.len());
    for name in names {
        if name == ".." {
            kept.pop();
        } else {
            kept.push(name.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(base: &str) -> OwnPaths {
        let templates = ["/ok", "/reset-password", "/reset-password/{token}", "/callback/{id}", "/callback/known"];
        OwnPaths::new(base.to_owned(), &templates.map(str::to_owned), vec!["/_dev".to_owned()])
    }

    #[test]
    fn they_end_at_segments_and_parameters_hide_none() {
        for (path, expected) in [
            ("/api/auth", true),
            ("/api/auth/", true),
            ("/api/auth/ok", true),
            ("/api/authority", false),
            ("/", false),
            ("/api/auth;x/ok", true),
            ("/api/auth;/ok", true),
            ("/api;y/auth/ok", true),
            ("/api%3By/auth%3b/ok", true),
            ("/;x/api/auth/ok", true),
            ("/api/auth;x", true),
            ("/api/authority;x", false),
            ("/_dev/mail", true),
            ("/_dev;x/mail", true),
        ] {
            assert_eq!(own("/api/auth").cover(&CanonicalPath::parse(path).unwrap()), expected, "{path}");
        }
    }

    #[test]
    fn a_question_has_one_spelling() {
        for (path, expected) in [
            ("/api/auth/forward-auth", Some("")),
            ("/api/auth/forward-auth/", Some("/")),
            ("/api/auth/forward-auth/items", Some("/items")),
            ("/api/auth/forward-authority", None),
            ("/api/auth/Forward-Auth", None),
            ("/forward-auth", None),
            ("/x/api/auth/forward-auth", None),
        ] {
            assert_eq!(forward_auth_path(path, "/api/auth"), expected, "{path}");
        }
    }

    #[test]
    fn own_paths_are_logged_by_their_template() {
        for (path, expected) in [
            ("/api/auth/ok", "/api/auth/ok"),
            ("/api/auth/reset-password", "/api/auth/reset-password"),
            ("/api/auth/reset-password/TOKEN", "/api/auth/reset-password/{token}"),
            ("/api/auth/callback/known", "/api/auth/callback/known"),
            ("/api/auth/callback/TOKEN", "/api/auth/callback/{id}"),
            ("/api/auth/forward-auth", "/api/auth/forward-auth"),
            ("/api/auth/forward-auth/items/7", "/api/auth/forward-auth/items/7"),
            (
                "/api/auth/forward-auth/api/auth/reset-password/TOKEN",
                "/api/auth/forward-auth/api/auth/reset-password/{token}",
            ),
            ("/api/auth/forward-auth/API/auth/x/TOKEN", "/api/auth/forward-auth/api/auth/{unknown}"),
            (
                "/api/auth/forward-auth/api/auth/forward-auth/api/auth/TOKEN",
                "/api/auth/forward-auth/api/auth/{unknown}",
            ),
        ] {
            assert_eq!(own("/api/auth").logged(path), expected, "{path}");
        }
        for path in [
            "/api/auth/TOKEN",
            "/api/auth/reset-password/TOKEN/",
            "/api/auth/reset-password/TOKEN/x",
            "/api/auth/reset-password/TOKEN%2B",
            "/api/auth/reset-pass%77ord/TOKEN",
            "/%61pi/auth/reset-password/TOKEN",
            "/API/Auth/reset-password/TOKEN",
            "/api/auth;x/reset-password/TOKEN",
            "/api/auth%3Bx/reset-password/TOKEN",
            "/api;/auth/reset-password/TOKEN",
            "//api/auth/reset-password/TOKEN",
            "/api//auth/reset-password/TOKEN",
            "/api/./auth/reset-password/TOKEN",
            "/x/../api/auth/reset-password/TOKEN",
            "/x//../api/auth/reset-password/TOKEN",
            "/public/..%2fapi/auth/reset-password/TOKEN",
            "/api%2fauth%2freset-password%2fTOKEN",
            "/api%252Fauth/reset-password/TOKEN",
            "/%2561pi/auth/reset-password/TOKEN",
            "/api\\auth\\TOKEN",
            "/api/auth/reset-password/TOKEN%zz",
            "/api/auth/reset-password/../TOKEN",
            "/x/%zz/api/auth/reset-password/TOKEN",
        ] {
            assert_eq!(own("/api/auth").logged(path), "/api/auth/{unknown}", "{path}");
        }
        assert_eq!(own("/a:b/%C3%A9").logged("/a%3ab/%c3%a9/TOKEN"), "/a:b/%C3%A9/{unknown}");
        assert_eq!(own("/a:b/%C3%A9").logged("/a:b/%C3%A9/reset-password/TOKEN"), "/a:b/%C3%A9/reset-password/{token}");
    }

    #[test]
    fn all_others_are_logged_as_they_came() {
        for path in [
            "/",
            "*",
            "",
            "/items/7",
            "/api/authority/x",
            "/v2/api/auth/keys",
            "/caf%C3%A9/%zz/..",
            "/public/../items",
            "/api;x/items",
            "/_dev/mail/3",
        ] {
            assert_eq!(own("/api/auth").logged(path), path);
        }
    }
}
