//! Reads and computes bcrypt hashes, those over a SHA-256 of Django included.

use std::fmt;

use argon2::password_hash::phc::Output;
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::auth::password::hasher::stored::{
    error::{UnusableHash, bounded},
    fields::{fields, output},
};

/// Each step doubles the time: 14 is about a second.
const MAX_COST: u32 = 14;
/// bcrypt reads no more of a password.
const MAX_KEY: usize = 72;
/// Several bcrypts leave bits of the last letter as they were, and none of them looks at those.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::BCRYPT,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// Holds a hash of bcrypt taken apart.
#[derive(Clone, PartialEq)]
pub(crate) struct BcryptHash {
    /// Tells that the hexadecimal SHA-256 of the password was hashed: Django's way around the 72 bytes.
    is_of_sha256: bool,
    /// Is `2a`, `2b` or `2y`, which all mean the same for passwords below 256 bytes.
    variant: Variant,
    cost: u32,
    salt: [u8; 16],
    output: Output,
}

#[derive(Clone, Copy, PartialEq)]
enum Variant {
    A,
    B,
    Y,
}

impl BcryptHash {
    /// Reads `$2b$12$` with salt and result behind it, and `bcrypt$$2b$…` and `bcrypt_sha256$$2b$…` of Django.
    pub(super) fn parse(text: &str) -> Result<Self, UnusableHash> {
        let (is_of_sha256, text) = match text.strip_prefix("bcrypt_sha256$") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("bcrypt$").unwrap_or(text)),
        };
        let ["", variant, cost, rest] = fields(text)? else { return Err(UnusableHash::UnknownKind) };
        let variant = match variant {
            "2a" => Variant::A,
            "2b" => Variant::B,
            "2y" => Variant::Y,
            "2x" => return Err(UnusableHash::FaultyBcrypt),
            _ => return Err(UnusableHash::UnknownKind),
        };
        let malformed = UnusableHash::Malformed("it is no bcrypt hash of 60 letters");
        let is_number = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
        let cost: u32 = cost.parse().ok().filter(|cost| is_number && *cost >= 4).ok_or_else(|| malformed.clone())?;
        bounded("cost", cost.into(), MAX_COST.into())?;
        let (salt, result) = rest.split_at_checked(22).ok_or_else(|| malformed.clone())?;
        let salt = BASE64.decode(salt).ok().and_then(|salt| salt.try_into().ok()).ok_or_else(|| malformed.clone())?;
        let result = BASE64.decode(result).ok().filter(|result| result.len() == 23).ok_or(malformed)?;
        Ok(Self { is_of_sha256, variant, cost, salt, output: output(&result)? })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        if self.is_of_sha256 {
            let digest = Sha256::digest(password);
            let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            let digits: Vec<u8> = digits.map(|digit| b"0123456789abcdef"[usize::from(digit)]).collect();
            return self.verify_key(&digits);
        }
        self.verify_key(password)
    }

    fn verify_key(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new([0; MAX_KEY]);
        let length = password.len().min(MAX_KEY);
        key[..length].copy_from_slice(&password[..length]);
        // A NUL ends what is shorter.
        let key = &key[..(length + 1).min(MAX_KEY)];
        let computed = bcrypt::bcrypt(self.cost, self.salt, key);
        Output::new(&computed[..23]).is_ok_and(|output| output == self.output)
    }
}

impl fmt::Display for BcryptHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_of_sha256 { "bcrypt_sha256$" } else { "" };
        let variant = match self.variant {
            Variant::A => 'a',
            Variant::B => 'b',
            Variant::Y => 'y',
        };
        let (salt, result) = (BASE64.encode(self.salt), BASE64.encode(self.output.as_ref()));
        write!(f, "{scheme}$2{variant}${:02}${salt}{result}", self.cost)
    }
}
