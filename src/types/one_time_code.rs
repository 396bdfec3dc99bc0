//! Defines the codes that people type in: each works once.

use std::fmt;

use zeroize::Zeroizing;

use crate::types::token::TokenHash;

/// Means that the text is not six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has six digits")]
pub struct MalformedCode;

/// Is a code of an authenticator app, or one that was mailed: six ASCII digits and nothing else (TOTP-07).
#[derive(Clone)]
pub struct OneTimeCode(Zeroizing<String>);

impl OneTimeCode {
    /// Is the number of digits.
    pub const DIGITS: usize = 6;

    /// Reads what somebody typed.
    pub fn parse(text: &str) -> Result<Self, MalformedCode> {
        let is_code = text.len() == Self::DIGITS && text.bytes().all(|b| b.is_ascii_digit());
        if is_code { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(MalformedCode) }
    }

    /// Returns the digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode")
    }
}

/// Is the number of characters of a backup code: 120 random bits, so that a plain hash of it tells nothing (TOTP-06).
const LENGTH: usize = 24;
/// Is the number of characters between two hyphens.
const GROUP: usize = 6;
/// Holds the lengths of codes of other systems, without hyphens. Ten letters and digits, as of better-auth, have 59 bits.
const FOREIGN_LENGTHS: std::ops::RangeInclusive<usize> = 8..=16;
/// Holds no letter that is easily taken for another character (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Is a code that its owner has written down, for when nothing else is at hand.
#[derive(Clone)]
pub struct BackupCode(Zeroizing<String>);

impl BackupCode {
    /// Makes a new code.
    ///
    /// # Panics
    /// Panics when the operating system gives no randomness.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = Zeroizing::new([0_u8; LENGTH]);
        getrandom::fill(bytes.as_mut()).expect("the operating system provides randomness");
        let character = |byte: &u8| ALPHABET.get(usize::from(byte & 31)).copied().map(char::from);
        Self(Zeroizing::new(bytes.iter().filter_map(character).collect()))
    }

    /// Reads what somebody typed: in any case, with or without hyphens and blanks, `o` for `0` and `i` or `l` for `1`.
    /// Codes of other systems are shorter, and their letters are what they are.
    pub fn parse(text: &str) -> Result<Self, MalformedCode> {
        if text.len() > 4 * LENGTH {
            return Err(MalformedCode);
        }
        Self::parse_own(text).or_else(|_| Self::parse_foreign(text))
    }

    fn parse_foreign(text: &str) -> Result<Self, MalformedCode> {
        let code: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        let is_code = FOREIGN_LENGTHS.contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
        if is_code { Ok(Self(Zeroizing::new(code))) } else { Err(MalformedCode) }
    }

    fn parse_own(text: &str) -> Result<Self, MalformedCode> {
        let typed = text.bytes().filter(|b| !matches!(b, b'-' | b' '));
        let read = typed.map(|byte| match byte.to_ascii_lowercase() {
            b'o' => b'0',
            b'i' | b'l' => b'1',
            byte => byte,
        });
        let read: Option<String> = read.map(|byte| ALPHABET.contains(&byte).then_some(char::from(byte))).collect();
        let code = read.filter(|code| code.len() == LENGTH).ok_or(MalformedCode)?;
        Ok(Self(Zeroizing::new(code)))
    }

    /// Returns the code as its owner gets it, in groups.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH + LENGTH / GROUP));
        for (index, character) in self.0.chars().enumerate() {
            if index > 0 && index % GROUP == 0 {
                text.push('-');
            }
            text.push(character);
        }
        text
    }

    /// Returns what is stored.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::from_token(&self.0)
    }
}

impl fmt::Debug for BackupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_ascii_digits() {
        for text in ["000000", "123456"] {
            assert_eq!(OneTimeCode::parse(text).unwrap().expose(), text);
        }
        for text in ["", "12345", "1234567", "12345a", " 12345", "123 456", "１２３４５６", "-12345", "1234.6"] {
            assert_eq!(OneTimeCode::parse(text).unwrap_err(), MalformedCode, "{text:?}");
        }
    }

    #[test]
    fn a_backup_code_is_read_however_it_is_typed() {
        let code = BackupCode::generate();
        let shown = code.expose();
        assert_eq!(shown.len(), 27, "{}", shown.as_str());
        assert_ne!(BackupCode::generate().hash(), code.hash());
        let typed = shown.replace('-', " ").to_uppercase().replace('0', "O").replace('1', "l");
        for text in [shown.as_str(), &typed, &shown.replace('-', "")] {
            assert_eq!(BackupCode::parse(text).unwrap().hash(), code.hash(), "{text}");
        }
        for text in ["aB3dE-x9Y0z", "aB3dEx9Y0z", "aB3dE x9Y0z"] {
            let code = BackupCode::parse(text).unwrap();
            assert_eq!(code.hash(), BackupCode::parse("aB3dE-x9Y0z").unwrap().hash(), "{text}");
        }
        assert_ne!(BackupCode::parse("ab3de-x9y0z").unwrap().hash(), BackupCode::parse("aB3dE-x9Y0z").unwrap().hash());
        for text in ["", "0", &shown[1..], &format!("{}0", shown.as_str()), &shown.replace('-', "_"), &"0".repeat(999)]
        {
            assert_eq!(BackupCode::parse(text).unwrap_err(), MalformedCode, "{text}");
        }
        assert_eq!(format!("{code:?}"), "BackupCode");
    }
}
