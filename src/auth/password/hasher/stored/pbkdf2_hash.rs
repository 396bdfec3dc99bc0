//! Reads and computes PBKDF2 hashes: those of Django, Werkzeug, passlib, Keycloak and PHC strings.

use std::fmt;

use argon2::password_hash::phc::Output;
use base64::Engine;
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::auth::password::hasher::stored::{
    error::{UnusableHash, bounded},
    fields::{BASE64, SALT_BYTES, base64, dotted_base64, fields, hex, number, output, salt},
};

/// Is twice what Django takes today, and takes a second or less.
const MAX_ITERATIONS: u32 = 2_000_000;

/// Holds a hash of PBKDF2 taken apart.
#[derive(Clone, PartialEq)]
pub(crate) struct Pbkdf2Hash {
    digest: Hmac,
    iterations: u32,
    salt: Vec<u8>,
    output: Output,
}

/// Names the hash function inside.
#[derive(Clone, Copy, PartialEq)]
enum Hmac {
    Sha1,
    Sha256,
    Sha512,
}

impl Hmac {
    fn parse(name: &str) -> Result<Self, UnusableHash> {
        match name {
            "sha1" => Ok(Self::Sha1),
            "sha256" => Ok(Self::Sha256),
            "sha512" => Ok(Self::Sha512),
            _ => Err(UnusableHash::UnknownKind),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn output_size(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl Pbkdf2Hash {
    /// Reads Django's `pbkdf2_sha256$1000000$salt$result`; the salt is text.
    pub(super) fn parse_django(text: &str) -> Result<Self, UnusableHash> {
        let [algorithm, iterations, salt, result] = fields(text)?;
        let digest = algorithm.strip_prefix("pbkdf2_").ok_or(UnusableHash::UnknownKind)?;
        Self::new(digest, number(iterations)?, salt.into(), &base64(result)?)
    }

    /// Reads Werkzeug's `pbkdf2:sha256:600000$salt$result`; the salt is text and the result hexadecimal.
    pub(super) fn parse_werkzeug(text: &str) -> Result<Self, UnusableHash> {
        let [method, salt, result] = fields(text)?;
        let [_, digest, iterations] = method.split(':').collect::<Vec<_>>()[..] else {
            return Err(UnusableHash::Malformed("its parameters are others"));
        };
        Self::new(digest, number(iterations)?, salt.into(), &hex(result)?)
    }

    /// Reads passlib's `$pbkdf2-sha256$29000$salt$result` (without a suffix it is SHA-1) and the PHC string
    /// `$pbkdf2-sha256$i=29000,l=32$salt$result`.
    pub(super) fn parse_phc(text: &str) -> Result<Self, UnusableHash> {
        let [_, algorithm, costs, salt, result] = fields(text)?;
        let digest = match algorithm.strip_prefix("pbkdf2") {
            Some("") => "sha1",
            Some(suffix) => suffix.strip_prefix('-').ok_or(UnusableHash::UnknownKind)?,
            None => return Err(UnusableHash::UnknownKind),
        };
        let Some(costs) = costs.strip_prefix("i=") else {
            return Self::new(digest, number(costs)?, dotted_base64(salt)?, &dotted_base64(result)?);
        };
        let result = base64(result)?;
        let iterations = match costs.split_once(",l=") {
            Some((iterations, length)) if usize::try_from(number(length)?) == Ok(result.len()) => iterations,
            Some(_) => return Err(UnusableHash::Malformed("its result is not as long as it says")),
            None => costs,
        };
        Self::new(digest, number(iterations)?, base64(salt)?, &result)
    }

    /// Takes what is stored in fields of their own.
    pub(super) fn new(digest: &str, iterations: u32, salt: Vec<u8>, result: &[u8]) -> Result<Self, UnusableHash> {
        let digest = Hmac::parse(digest)?;
        bounded("number of iterations", iterations.into(), MAX_ITERATIONS.into())?;
        if iterations == 0 {
            return Err(UnusableHash::Malformed("its parameters are out of range"));
        }
        Ok(Self { digest, iterations, salt: self::salt(salt, SALT_BYTES)?, output: output(result)? })
    }

    /// Computes the first block of the result alone: each block costs all the iterations and says as much of the password as
    /// all of them, which is why attackers compute no more either.
    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let length = self.output.len().min(self.digest.output_size());
        let (salt, iterations) = (&self.salt, self.iterations);
        let mut result = [0; Output::MAX_LENGTH];
        let result = &mut result[..length];
        match self.digest {
            Hmac::Sha1 => pbkdf2_hmac::<Sha1>(password, salt, iterations, result),
            Hmac::Sha256 => pbkdf2_hmac::<Sha256>(password, salt, iterations, result),
            Hmac::Sha512 => pbkdf2_hmac::<Sha512>(password, salt, iterations, result),
        }
        // They are compared in constant time.
        matches!((Output::new(result), Output::new(&self.output.as_ref()[..length])), (Ok(a), Ok(b)) if a == b)
    }
}

impl fmt::Display for Pbkdf2Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (salt, result) = (BASE64.encode(&self.salt), BASE64.encode(self.output.as_ref()));
        let (digest, iterations, length) = (self.digest.name(), self.iterations, self.output.len());
        write!(f, "$pbkdf2-{digest}$i={iterations},l={length}${salt}${result}")
    }
}
