//! Reads the values of a field that a client may repeat.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName};

/// Returns every value of a field as one text, for checks that must see all of them.
pub(crate) fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let mut text = String::new();
    for value in headers.get_all(name) {
        let _ = write!(text, "{}{}", if text.is_empty() { "" } else { "," }, String::from_utf8_lossy(value.as_bytes()));
    }
    text
}
