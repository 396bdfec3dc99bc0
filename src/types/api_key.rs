//! Defines API keys: how one is written, and what the database says of one that was presented.
//!
//! A key is a prefix, 43 random characters and a checksum. Both make it recognisable: a scanner of source code finds it
//! by its form, and a mistyped or made-up one is told apart without asking the database (KEY-01).

use std::fmt;

use zeroize::Zeroizing;

use crate::types::{ApiKeyId, OrganizationId, UserId, token::TokenHash};

/// Is the alphabet of what follows the prefix, in the order of the checksum's digits.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Counts the random characters: 62 to the power of 43 is a little more than 2 to the power of 256.
const RANDOM: usize = 43;
/// Counts the digits of the checksum: 62 to the power of 6 is more than 2 to the power of 32.
const CHECKSUM: usize = 6;

/// Bounds the characters of keys that other systems made.
const FOREIGN_LENGTHS: std::ops::RangeInclusive<usize> = 20..=256;

/// Is a key as its owner has it. Only its SHA-256 is stored.
#[derive(Clone)]
pub struct ApiKey(Zeroizing<String>);

/// Means that a text is no key: its form or its checksum is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an API key")]
pub struct MalformedApiKey;

impl ApiKey {
    /// Is the longest prefix, in characters.
    pub const MAX_PREFIX: usize = 32;
    /// Counts the characters that are stored and shown to tell keys apart, beside the prefix.
    const SHOWN: usize = 6;

    /// Tells whether keys can begin with a text.
    #[must_use]
    pub fn is_prefix(text: &str) -> bool {
        let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        (1..=Self::MAX_PREFIX).contains(&text.len()) && text.bytes().all(is_word)
    }

    /// Makes a new key of 256 bits from the operating system.
    ///
    /// # Panics
    /// When the operating system has no randomness to give; a gateway that went on would hand out guessable keys.
    #[must_use]
    pub fn generate(prefix: &str) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(prefix.len() + RANDOM + CHECKSUM));
        text.push_str(prefix);
        while text.len() < prefix.len() + RANDOM {
            let mut bytes = Zeroizing::new([0_u8; 64]);
            getrandom::fill(bytes.as_mut()).expect("the operating system provides randomness");
            // 248 is the last multiple of 62 below 256: each character is as likely as any other.
            let chosen =
                bytes.iter().filter(|byte| **byte < 248).map(|byte| char::from(BASE62[usize::from(byte % 62)]));
            let missing = prefix.len() + RANDOM - text.len();
            text.extend(chosen.take(missing));
        }
        let digits = checksum(text.as_bytes());
        text.extend(digits.map(char::from));
        Self(text)
    }

    /// Reads a key off the wire.
    pub fn parse(text: &[u8]) -> Result<Self, MalformedApiKey> {
        let (random_at, checked) =
            text.len().checked_sub(RANDOM + CHECKSUM).zip(text.len().checked_sub(CHECKSUM)).ok_or(MalformedApiKey)?;
        let text = std::str::from_utf8(text).map_err(|_| MalformedApiKey)?;
        let is_key = text.is_ascii()
            && Self::is_prefix(&text[..random_at])
            && text[random_at..].bytes().all(|b| b.is_ascii_alphanumeric())
            && checksum(&text.as_bytes()[..checked]) == text.as_bytes()[checked..];
        if is_key { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(MalformedApiKey) }
    }

    /// Reads a key that another system made, of which nothing is known but that it is long and of plain characters.
    pub fn parse_foreign(text: &[u8]) -> Result<Self, MalformedApiKey> {
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let text = std::str::from_utf8(text).map_err(|_| MalformedApiKey)?;
        let is_key = FOREIGN_LENGTHS.contains(&text.len()) && text.as_bytes().iter().all(is_word);
        if is_key { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(MalformedApiKey) }
    }

    /// Returns what is stored and looked up.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::from_token(&self.0)
    }

    /// Returns the beginning, which is stored and shown so that its owner can tell keys apart.
    #[must_use]
    pub fn start(&self) -> &str {
        let prefix = self.0.len().saturating_sub(RANDOM + CHECKSUM);
        self.0.get(..prefix + Self::SHOWN).unwrap_or_default()
    }

    /// Returns the key itself, for its owner, once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey")
    }
}

/// Returns the CRC-32 of IEEE 802.3 in base 62, as GitHub's tokens carry theirs.
fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let mut rest = !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    });
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// Says whose a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKeyOwner {
    User(UserId),
    Organization(OrganizationId),
}

impl ApiKeyOwner {
    /// Returns the two ids, of which one is there: as rows and JSON objects have them.
    #[must_use]
    pub fn ids(&self) -> (Option<&UserId>, Option<&OrganizationId>) {
        match self {
            Self::User(id) => (Some(id), None),
            Self::Organization(id) => (None, Some(id)),
        }
    }
}

/// Describes a key that was presented, as the database had it after the request arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyGrant {
    pub id: ApiKeyId,
    pub state: ApiKeyState,
    /// Lists what it may, as `resource:action`.
    pub scopes: Vec<String>,
    /// Its uses are counted: it has a rate limit, or a number of uses left.
    pub is_counted: bool,
    /// Grows whenever what was counted before counts no more.
    pub quota_revision: i64,
}

/// Tells whether a key opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyState {
    Active,
    /// Its owner or an operator switched it off.
    Disabled,
    Expired,
}

/// Tells why a presented key opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyRejection {
    /// It is malformed, unknown or deleted, its owner is banned, or another credential stands beside it.
    Invalid,
    Disabled,
    Expired,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_form_and_never_shows_itself() {
        let key = ApiKey::generate("ag_");
        let text = key.expose().to_owned();
        assert_eq!((text.len(), &text[..3], key.start()), (52, "ag_", &text[..9]));
        assert_eq!(ApiKey::parse(text.as_bytes()).unwrap().hash(), key.hash());
        assert_eq!(format!("{key:?}"), "ApiKey");
        assert_ne!(ApiKey::generate("ag_").hash(), key.hash());
        for at in 0..text.len() {
            let mut typed = text.clone().into_bytes();
            typed[at] = if typed[at] == b'x' { b'y' } else { b'x' };
            assert!(ApiKey::parse(&typed).is_err(), "a mistyped character at {at}");
        }
        let cut = &text.as_bytes()[..text.len() - 1];
        for other in [&b""[..], b"ag_", &text.as_bytes()[3..], cut, &[text.as_bytes(), b" "].concat(), &[0xff; 60]] {
            assert!(ApiKey::parse(other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn the_checksum_is_the_common_one() {
        // The check value of CRC-32/ISO-HDLC is 0xCBF43926, which is 3 421 780 262.
        assert_eq!(&checksum(b"123456789"), b"3jZRME");
    }
}
