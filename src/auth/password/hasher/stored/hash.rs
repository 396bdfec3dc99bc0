//! Tells the spellings of hashes apart by how they begin, and is what all of them become.

use std::fmt;

use argon2::Block;

use crate::auth::password::hasher::stored::{
    argon2_hash::Argon2Hash, bcrypt_hash::BcryptHash, error::UnusableHash, firebase::FirebaseHash,
    pbkdf2_hash::Pbkdf2Hash, scrypt_hash::ScryptHash,
};

/// No spelling that is read is longer.
const MAX_TEXT: usize = 512;

/// Holds a password hash taken apart, within the bounds that are computed. It is written in one spelling, whichever it was
/// read from.
#[derive(Clone, PartialEq)]
pub(in crate::auth::password::hasher) enum StoredHash {
    Argon2(Argon2Hash),
    Bcrypt(BcryptHash),
    Scrypt(ScryptHash),
    Pbkdf2(Pbkdf2Hash),
    Firebase(FirebaseHash),
}

impl StoredHash {
    pub(in crate::auth::password::hasher) fn parse(text: &str) -> Result<Self, UnusableHash> {
        if text.len() > MAX_TEXT {
            return Err(UnusableHash::WrongLength { part: "whole", found: text.len(), least: 1, most: MAX_TEXT });
        }
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
        if starts(&["$argon2"]) {
            Argon2Hash::parse(text).map(Self::Argon2)
        } else if let Some(text) = text.strip_prefix("argon2$") {
            // Django writes its own name for it in front of all but the first dollar sign.
            Argon2Hash::parse(&format!("${text}")).map(Self::Argon2)
        } else if starts(&["$2", "bcrypt$", "bcrypt_sha256$"]) {
            BcryptHash::parse(text).map(Self::Bcrypt)
        } else if starts(&["$scrypt$"]) {
            ScryptHash::parse_phc(text).map(Self::Scrypt)
        } else if starts(&["scrypt:"]) {
            ScryptHash::parse_werkzeug(text).map(Self::Scrypt)
        } else if starts(&["scrypt$"]) {
            ScryptHash::parse_django(text).map(Self::Scrypt)
        } else if starts(&["$pbkdf2"]) {
            Pbkdf2Hash::parse_phc(text).map(Self::Pbkdf2)
        } else if starts(&["pbkdf2:"]) {
            Pbkdf2Hash::parse_werkzeug(text).map(Self::Pbkdf2)
        } else if starts(&["pbkdf2_"]) {
            Pbkdf2Hash::parse_django(text).map(Self::Pbkdf2)
        } else if starts(&["$firebase-scrypt$"]) {
            FirebaseHash::parse(text).map(Self::Firebase)
        } else if starts(&["$fbscrypt$"]) {
            FirebaseHash::parse_supabase(text).map(Self::Firebase)
        } else {
            ScryptHash::parse_better_auth(text).map(Self::Scrypt).ok_or(UnusableHash::UnknownKind)
        }
    }

    /// Tells whether these are the bytes that were hashed. It compares in constant time.
    ///
    /// Passwords with a NUL match argon2 alone. bcrypt reads a password again and again with a NUL between, and HMAC fills it up
    /// with NULs, so that with them one password would stand for another; and many programs end a password there.
    pub(in crate::auth::password::hasher) fn verify(&self, password: &[u8], memory: &mut Vec<Block>) -> bool {
        match self {
            Self::Argon2(hash) => hash.verify(password, memory),
            _ if password.contains(&0) => false,
            Self::Bcrypt(hash) => hash.verify(password),
            Self::Scrypt(hash) => hash.verify(password),
            Self::Pbkdf2(hash) => hash.verify(password),
            Self::Firebase(hash) => hash.verify(password),
        }
    }
}

impl fmt::Display for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argon2(hash) => hash.fmt(f),
            Self::Bcrypt(hash) => hash.fmt(f),
            Self::Scrypt(hash) => hash.fmt(f),
            Self::Pbkdf2(hash) => hash.fmt(f),
            Self::Firebase(hash) => hash.fmt(f),
        }
    }
}

impl fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredHash")
    }
}
