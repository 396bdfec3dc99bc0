//! Makes argon2id hashes with the parameters of today (PASS-05).

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{self, Salt},
};

use crate::{
    auth::password::hasher::stored::{Argon2Hash, compute},
    types::{Password, PasswordHash},
};

/// Is OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const PARAMS: Params = Params::DEFAULT;
const OUTPUT_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;
const SALT_BYTES: usize = Salt::RECOMMENDED_LENGTH;

/// Returns a new hash, computed on the calling thread: for commands, which nobody else waits for.
#[must_use]
pub fn hash_password(password: &Password) -> PasswordHash {
    hash(password, &mut Vec::new())
}

/// Returns a new hash, with a new salt. The memory is kept for the next one.
pub(super) fn hash(password: &Password, memory: &mut Vec<Block>) -> PasswordHash {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).expect("the operating system provides randomness");
    let phc = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: (&PARAMS).try_into().expect("our own parameters are in range"),
        salt: Some(Salt::new(&salt).expect("16 bytes are a salt")),
        hash: Some(hash_with_salt(password.expose(), &salt, memory)),
    };
    PasswordHash::new(phc.to_string())
}

/// Does the work of verifying a password without a hash to hold it against.
pub(super) fn spend(password: &Password, memory: &mut Vec<Block>) {
    for bytes in password.spellings() {
        hash_with_salt(bytes, &[0; SALT_BYTES], memory);
    }
}

/// Tells whether a stored hash is one that would be made today.
pub(super) fn is_current(hash: &Argon2Hash) -> bool {
    let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    matches!((hash.algorithm, hash.version), (Algorithm::Argon2id, Version::V0x13))
        && costs(&hash.params) == costs(&PARAMS)
        && hash.salt.len() >= SALT_BYTES
        && hash.output.len() >= OUTPUT_BYTES
}

fn hash_with_salt(password: &[u8], salt: &[u8; SALT_BYTES], memory: &mut Vec<Block>) -> phc::Output {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS);
    compute(&argon2, password, salt, OUTPUT_BYTES, memory).expect("our own parameters are in range")
}
