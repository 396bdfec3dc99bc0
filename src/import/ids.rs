//! Maps ids of an origin to ids here. Most stay as they are; those that no id here can be are replaced, always alike.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::types::UserId;

/// Counts the hexadecimal digits of an id that replaces another.
const DIGITS: usize = 32;

/// Is the id of an object here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LocalId {
    /// Is the origin's own.
    Same(String),
    /// Stands for one that no id here can be: the first 32 hexadecimal digits of its SHA-256.
    Replaced(String),
}

impl LocalId {
    /// Returns the id here of an id there.
    pub(crate) fn of_source(source_id: &str) -> Self {
        // All kinds of ids have the same form.
        if source_id.parse::<UserId>().is_ok() {
            Self::Same(source_id.to_owned())
        } else {
            Self::Replaced(digest(&[source_id]))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        let (Self::Same(id) | Self::Replaced(id)) = self;
        id
    }
}

/// Returns the id here of an id there, whichever of the two it is.
pub(crate) fn local_id(source_id: &str) -> String {
    LocalId::of_source(source_id).as_str().to_owned()
}

/// Returns the id of an object whose own id somebody else has here: it depends on the origin too.
pub(crate) fn distinct_id(origin: &str, source_id: &str) -> String {
    digest(&[origin, "\0", source_id])
}

/// Returns an id for somebody whose origin gives none, out of what stays the same of them.
pub(crate) fn derived_id(text: &str) -> String {
    digest(&[text])
}

fn digest(parts: &[&str]) -> String {
    hex(&Sha256::digest(parts.concat()))[..DIGITS].to_owned()
}

/// Returns the bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Reads hexadecimal digits of either case.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_or_are_replaced_always_alike() {
        for id in ["42", "vJ8qOQwI8Zb3xk1q2P0sYt5uLr7nHd4e", "0190b3c5-7a3b-7c00-8000-000000000000"] {
            assert_eq!(LocalId::of_source(id), LocalId::Same(id.to_owned()));
        }
        let replaced = LocalId::of_source("auth0|5f7c8ec7c33c6c004bbafe82");
        assert_eq!(replaced, LocalId::Replaced("41aa487887e3c45c19b2448b2f036552".to_owned()));
        assert!(replaced.as_str().parse::<UserId>().is_ok());
        assert_ne!(distinct_id("a", "42"), distinct_id("b", "42"));
    }

    #[test]
    fn bytes_are_written_and_read() {
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
        assert_eq!(unhex("00FF10"), Some(vec![0, 255, 16]));
        for text in ["0", "0g", "ä", "+1"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}
