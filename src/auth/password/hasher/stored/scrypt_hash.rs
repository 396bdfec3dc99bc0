//! Reads and computes scrypt hashes: those of better-auth, Werkzeug, Django and PHC strings, as passlib writes them too.

use std::fmt;

use argon2::password_hash::phc::Output;
use base64::Engine;
use scrypt::{Params, scrypt};

use crate::auth::password::hasher::stored::{
    error::{UnusableHash, bounded},
    fields::{BASE64, SALT_BYTES, base64, fields, hex, log2, number, output, parameters, salt},
};

/// Is 128 MiB, OWASP's first choice for scrypt. Each hashing thread may need it at once.
const MAX_MEMORY_KIB: u64 = 128 * 1024;
/// Is what takes about half a second: N times r times p.
const MAX_WORK: u64 = 1 << 20;
const MAX_LANES: u32 = 16;

/// Holds the three costs of scrypt, within bounds.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Costs {
    log_n: u32,
    r: u32,
    p: u32,
}

impl Costs {
    pub(super) fn new(log_n: u32, r: u32, p: u32) -> Result<Self, UnusableHash> {
        if log_n == 0 || r == 0 || p == 0 {
            return Err(UnusableHash::Malformed("its parameters are out of range"));
        }
        bounded("logarithm of N", log_n.into(), MAX_WORK.ilog2().into())?;
        // Each is below 2^32 and N is at most 2^20: only r times p can overflow.
        bounded("number of lanes", p.into(), MAX_LANES.into())?;
        bounded("memory in KiB", (u64::from(r) << log_n) / 8, MAX_MEMORY_KIB)?;
        bounded("N times r times p", (u64::from(r) << log_n) * u64::from(p), MAX_WORK)?;
        Ok(Self { log_n, r, p })
    }

    /// Computes a result of up to 64 bytes.
    pub(super) fn compute(self, password: &[u8], salt: &[u8], result: &mut [u8]) -> bool {
        let params = u8::try_from(self.log_n).ok().and_then(|log_n| Params::new(log_n, self.r, self.p).ok());
        params.is_some_and(|params| scrypt(password, salt, &params, result).is_ok())
    }
}

impl fmt::Display for Costs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ln={},r={},p={}", self.log_n, self.r, self.p)
    }
}

/// Holds a hash of scrypt taken apart.
#[derive(Clone, PartialEq)]
pub(crate) struct ScryptHash {
    costs: Costs,
    salt: Vec<u8>,
    output: Output,
}

impl ScryptHash {
    /// Reads `$scrypt$ln=16,r=8,p=1$salt$result`.
    pub(super) fn parse_phc(text: &str) -> Result<Self, UnusableHash> {
        let [_, _, costs, salt, result] = fields(text)?;
        let [log_n, r, p] = parameters(costs, ["ln", "r", "p"])?;
        Self::new(Costs::new(log_n, r, p)?, base64(salt)?, &base64(result)?)
    }

    /// Reads Werkzeug's `scrypt:32768:8:1$salt$result`; the salt is text and the result hexadecimal.
    pub(super) fn parse_werkzeug(text: &str) -> Result<Self, UnusableHash> {
        let [method, salt, result] = fields(text)?;
        let [_, n, r, p] = method.split(':').collect::<Vec<_>>()[..] else {
            return Err(UnusableHash::Malformed("its parameters are others"));
        };
        Self::new(Costs::new(log2(number(n)?)?, number(r)?, number(p)?)?, salt.into(), &hex(result)?)
    }

    /// Reads Django's `scrypt$16384$salt$8$5$result`; the salt is text.
    pub(super) fn parse_django(text: &str) -> Result<Self, UnusableHash> {
        let [_, n, salt, r, p, result] = fields(text)?;
        Self::new(Costs::new(log2(number(n)?)?, number(r)?, number(p)?)?, salt.into(), &base64(result)?)
    }

    /// Reads `salt:result` of better-auth, both hexadecimal. The digits of the salt are the salt. `None` when it is none.
    pub(super) fn parse_better_auth(text: &str) -> Option<Self> {
        let (salt, result) = text.split_once(':')?;
        if salt.len() != 32 || result.len() != 128 || hex(salt).is_err() {
            return None;
        }
        let costs = Costs { log_n: 14, r: 16, p: 1 };
        Self::new(costs, salt.into(), &hex(result).ok()?).ok()
    }

    fn new(costs: Costs, salt: Vec<u8>, result: &[u8]) -> Result<Self, UnusableHash> {
        Ok(Self { costs, salt: self::salt(salt, SALT_BYTES)?, output: output(result)? })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let mut result = [0; Output::MAX_LENGTH];
        let result = &mut result[..self.output.len()];
        self.costs.compute(password, &self.salt, result)
            && Output::new(result).is_ok_and(|result| result == self.output)
    }
}

impl fmt::Display for ScryptHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (salt, result) = (BASE64.encode(&self.salt), BASE64.encode(self.output.as_ref()));
        write!(f, "$scrypt${}${salt}${result}", self.costs)
    }
}
