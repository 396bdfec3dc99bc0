//! Reads the target of a request and tells where it leads.

use http::header;
use pingora::http::RequestHeader;

use crate::{
    proxy::http1::head::{self, HeadError},
    routing::CanonicalPath,
};

/// Holds the request target, split but not decoded.
pub(crate) struct Target<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) is_absolute_form: bool,
}

impl<'a> Target<'a> {
    /// Splits a target. `head` has checked that it is ASCII and that an absolute form names the Host field's host.
    pub(crate) fn parse(raw: &'a [u8]) -> Result<Self, HeadError> {
        let text = std::str::from_utf8(raw).map_err(|_| HeadError::Target)?;
        let (text, is_absolute_form) = match head::absolute_form_authority(raw) {
            Some(authority) if !text.starts_with('/') => {
                let begin = text.find("://").map_or(0, |at| at + 3) + authority.len();
                (&text[begin..], true)
            }
            _ => (text, false),
        };
        let target = Self::from_origin_form(text);
        let path = if is_absolute_form && target.path.is_empty() { "/" } else { target.path };
        Ok(Self { path, is_absolute_form, ..target })
    }

    /// Splits a path with a query.
    pub(crate) fn from_origin_form(text: &'a str) -> Self {
        let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
        Self { path, query, is_absolute_form: false }
    }

    pub(crate) fn with_path(&self, path: &str) -> String {
        self.query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    }

    pub(crate) fn as_given(&self) -> String {
        self.with_path(self.path)
    }
}

/// Returns Host field and canonical path of a request that was admitted.
pub(crate) fn host_and_path(request: &RequestHeader) -> Option<(String, CanonicalPath)> {
    let target = Target::parse(request.raw_path()).ok()?;
    let host = request.headers.get(header::HOST)?.to_str().ok()?;
    Some((host.to_owned(), CanonicalPath::parse(target.path).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_split_without_decoding() {
        for (raw, path, query, is_absolute) in [
            ("/a?b=c?d", "/a", Some("b=c?d"), false),
            ("/a", "/a", None, false),
            ("/a?", "/a", Some(""), false),
            ("http://gw/a?b", "/a", Some("b"), true),
            ("http://gw", "/", None, true),
            ("http://gw?x", "/", Some("x"), true),
            ("/x?u=http://evil/", "/x", Some("u=http://evil/"), false),
            ("*", "*", None, false),
        ] {
            let target = Target::parse(raw.as_bytes()).unwrap();
            assert_eq!((target.path, target.query, target.is_absolute_form), (path, query, is_absolute), "{raw}");
        }
    }
}
