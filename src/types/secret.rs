//! Holds bytes that must never be printed.

use std::fmt;

use zeroize::Zeroizing;

/// Holds a secret text. It is wiped on drop and shows nothing of itself in `Debug`; there is no `Display` and no
/// `Serialize`, so it cannot slip into a log line, an error or a configuration dump.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Returns the text itself. Every caller is a place to look at in a review.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
