//! Says why a delivery failed, and whether trying again can help.

use lettre::transport::smtp::{self, response::Category};

/// Describes why a delivery failed. The reason is fit for logs and for the outbox row: one line, bounded, without
/// addresses, links or tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Means the server, the way to it or our standing with it: the same message may pass later.
    #[error("{0}")]
    Transient(String),
    /// The server refuses this recipient or this message.
    #[error("{0}")]
    Permanent(String),
}

/// Limits the kept reason, in characters.
const MAX_REASON_CHARS: usize = 300;
/// Longer words are taken for tokens, which are 43 characters long.
const MAX_WORD_CHARS: usize = 40;

impl DeliveryError {
    /// Describes a failure before the server had seen any message: connecting, TLS, signing in.
    pub(crate) fn connecting(error: &smtp::Error) -> Self {
        Self::Transient(scrub(&format!("could not connect: {error}")))
    }

    /// Describes a failure while the message was handed over.
    pub(crate) fn sending(error: &smtp::Error) -> Self {
        let reason = scrub(&format!("refused: {error}"));
        // 530, 535 and their like (RFC 4954 §6) speak of our credentials, not of this message.
        let is_about_us = error.status().is_some_and(|code| code.category == Category::Unspecified3);
        if error.is_permanent() && !is_about_us { Self::Permanent(reason) } else { Self::Transient(reason) }
    }

    pub(crate) fn io(error: &std::io::Error) -> Self {
        Self::Transient(scrub(&format!("could not write: {error}")))
    }
}

/// Servers quote what they refuse: the recipient, or a link of the message.
fn scrub(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words
        .map(|word| {
            let is_private = word.contains(['@', '=']) || word.contains("://") || word.chars().count() > MAX_WORD_CHARS;
            if is_private { "[removed]" } else { word }
        })
        .collect();
    words.join(" ").chars().take(MAX_REASON_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_holds_nothing_private() {
        let token = "a".repeat(43);
        for (text, expected) in [
            ("550 5.1.1 <alice@example.com>: no such user", "550 5.1.1 [removed] no such user"),
            ("554 blocked (https://app.example.com/v?token=x)", "554 blocked [removed]"),
            ("line one\r\nline\ttwo\0", "line one line two"),
            (&format!("spam {token} token=abc"), "spam [removed] [removed]"),
        ] {
            assert_eq!(scrub(text), expected);
        }
        assert_eq!(scrub(&"word ".repeat(500)).chars().count(), MAX_REASON_CHARS);
    }
}
