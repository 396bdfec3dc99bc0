//! Says what a user is called.

/// Describes why a text is not a name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DisplayNameError {
    #[error("Too big: expected string to have <=200 characters")]
    TooLong,
    #[error("Invalid input: expected string without control characters")]
    ControlCharacter,
}

/// Holds a name as typed: up to 200 characters and no control characters, since it goes into mails and upstream headers
/// (MAIL-10). May be empty (contract §3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Limits the length of a name: longer ones fit no mail and no page.
    pub const MAX_CHARACTERS: usize = 200;

    /// Returns the text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for DisplayName {
    type Err = DisplayNameError;

    fn from_str(text: &str) -> Result<Self, DisplayNameError> {
        // Line and paragraph separators end a line for some readers of mail and logs.
        if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
            Err(DisplayNameError::ControlCharacter)
        } else if text.chars().count() > Self::MAX_CHARACTERS {
            Err(DisplayNameError::TooLong)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_fits_one_line() {
        let long = "x".repeat(201);
        for (text, error) in [
            ("", None),
            ("Ada Lovelace", None),
            ("李小龍 😀", None),
            ("a\r\nBcc: b@example.com", Some(DisplayNameError::ControlCharacter)),
            ("a\0", Some(DisplayNameError::ControlCharacter)),
            ("a\u{2028}b", Some(DisplayNameError::ControlCharacter)),
            (&long, Some(DisplayNameError::TooLong)),
        ] {
            assert_eq!(text.parse::<DisplayName>().err(), error, "{text:?}");
        }
    }
}
