//! Reads and computes the hashes of Firebase. It encrypts the project's signer key (AES-256 in counter mode) with what scrypt
//! makes of the password, and stores the ciphertext. That is the signer key XOR a key stream, and the key stream depends on
//! the password alone: it is what is kept here. So no row and no setting holds the signer key, which would be of no use
//! as a pepper: everybody who knows one password and its row can compute it.

use std::fmt;

use aes::{
    Aes256,
    cipher::{BlockCipherEncrypt, KeyInit},
};
use argon2::password_hash::phc::Output;
use base64::Engine;
use zeroize::Zeroizing;

use crate::auth::password::hasher::stored::{
    error::UnusableHash,
    fields::{BASE64, SALT_BYTES, base64, fields, number, output, parameters, salt},
    scrypt_hash::Costs,
};

const KEY_BYTES: usize = 32;
const BLOCK_BYTES: usize = 16;

/// Holds the password hash parameters of a Firebase project, which its console shows.
#[derive(Clone)]
pub struct FirebaseProject {
    signer_key: Zeroizing<Vec<u8>>,
    salt_separator: Vec<u8>,
    costs: Costs,
}

impl FirebaseProject {
    /// Takes the parameters as the console shows them: two texts of base64, and two numbers.
    pub fn new(signer_key: &str, salt_separator: &str, rounds: u32, mem_cost: u32) -> Result<Self, UnusableHash> {
        Self::with_costs(signer_key, salt_separator, Costs::new(mem_cost, rounds, 1)?)
    }

    fn with_costs(signer_key: &str, salt_separator: &str, costs: Costs) -> Result<Self, UnusableHash> {
        let signer_key = Zeroizing::new(either_base64(signer_key)?);
        // The key stream is as long as the signer key.
        output(&signer_key)?;
        Ok(Self { signer_key, salt_separator: either_base64(salt_separator)?, costs })
    }

    /// Takes the salt and the hash of one exported account, both in base64 of either alphabet.
    pub(super) fn hash(&self, salt: &str, hash: &str) -> Result<FirebaseHash, UnusableHash> {
        let hash = either_base64(hash)?;
        if hash.len() != self.signer_key.len() {
            return Err(UnusableHash::Malformed("its result is not as long as the signer key"));
        }
        let key_stream: Vec<u8> = hash.iter().zip(self.signer_key.iter()).map(|(byte, key)| byte ^ key).collect();
        let mut salt = either_base64(salt)?;
        salt.extend(&self.salt_separator);
        FirebaseHash::new(self.costs, salt, &key_stream)
    }
}

impl fmt::Debug for FirebaseProject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirebaseProject")
    }
}

/// Holds the hash of an account of Firebase without the signer key.
#[derive(Clone, PartialEq)]
pub(crate) struct FirebaseHash {
    costs: Costs,
    /// Is the account's salt with the project's separator behind it.
    salt: Vec<u8>,
    key_stream: Output,
}

impl FirebaseHash {
    /// Reads `$firebase-scrypt$ln=14,r=8,p=1$salt$key stream`.
    pub(super) fn parse(text: &str) -> Result<Self, UnusableHash> {
        let [_, _, costs, salt, key_stream] = fields(text)?;
        let [log_n, r, p] = parameters(costs, ["ln", "r", "p"])?;
        Self::new(Costs::new(log_n, r, p)?, base64(salt)?, &base64(key_stream)?)
    }

    /// Reads the spelling of Supabase, which has the parameters of the project in every row:
    /// `$fbscrypt$v=1,n=14,r=8,p=1,ss=separator,sk=signer key$salt$hash`.
    pub(super) fn parse_supabase(text: &str) -> Result<Self, UnusableHash> {
        let [_, _, costs, salt, hash] = fields(text)?;
        let wrong = || UnusableHash::Malformed("its parameters are others");
        let [v, n, r, p, rest @ ..] = &costs.split(',').collect::<Vec<_>>()[..] else { return Err(wrong()) };
        let (separator, signer_key) = match rest {
            [separator, signer_key] => (separator.strip_prefix("ss=").ok_or_else(wrong)?, signer_key),
            [signer_key] => ("", signer_key),
            _ => return Err(wrong()),
        };
        let signer_key = signer_key.strip_prefix("sk=").ok_or_else(wrong)?;
        let value = |pair: &str, name: &str| number(pair.strip_prefix(name).ok_or_else(wrong)?);
        if value(v, "v=")? != 1 {
            return Err(UnusableHash::UnknownKind);
        }
        let costs = Costs::new(value(n, "n=")?, value(r, "r=")?, value(p, "p=")?)?;
        FirebaseProject::with_costs(signer_key, separator, costs)?.hash(salt, hash)
    }

    fn new(costs: Costs, salt: Vec<u8>, key_stream: &[u8]) -> Result<Self, UnusableHash> {
        Ok(Self { costs, salt: self::salt(salt, SALT_BYTES)?, key_stream: output(key_stream)? })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if !self.costs.compute(password, &self.salt, key.as_mut()) {
            return false;
        }
        let aes = Aes256::new(&(*key).into());
        let mut key_stream = [0; Output::MAX_LENGTH];
        for (counter, block) in (0u128..).zip(key_stream.chunks_exact_mut(BLOCK_BYTES)) {
            let mut encrypted = counter.to_be_bytes().into();
            aes.encrypt_block(&mut encrypted);
            block.copy_from_slice(&encrypted);
        }
        // They are compared in constant time.
        Output::new(&key_stream[..self.key_stream.len()]).is_ok_and(|computed| computed == self.key_stream)
    }
}

impl fmt::Display for FirebaseHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (salt, key_stream) = (BASE64.encode(&self.salt), BASE64.encode(self.key_stream.as_ref()));
        write!(f, "$firebase-scrypt${}${salt}${key_stream}", self.costs)
    }
}

/// Reads base64, be it of the alphabet for addresses: Firebase's interfaces write one, its command line the other.
fn either_base64(text: &str) -> Result<Vec<u8>, UnusableHash> {
    base64(&text.replace('-', "+").replace('_', "/"))
}
