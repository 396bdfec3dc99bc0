//! Computes argon2id (PASS-05): makes hashes with the parameters of today, and verifies those that are stored, whatever
//! theirs are, within bounds.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{self, Output, Salt},
};

use crate::types::{Password, PasswordHash};

/// Is OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const PARAMS: Params = Params::DEFAULT;
const OUTPUT_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;
const SALT_BYTES: usize = Salt::RECOMMENDED_LENGTH;
/// A stored hash that asks for more than this is not computed: 256 MiB, 16 passes, 4 lanes.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 4;

/// Tells whether a password is the one that was hashed.
#[must_use = "a password that is not looked at lets everybody in"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// It is the password; with `rehash` the stored hash has other parameters than new ones get.
    Match {
        rehash: bool,
    },
    Mismatch,
}

/// Returns a new hash, computed on the calling thread: for commands, which nobody else waits for.
#[must_use]
pub fn hash_password(password: &Password) -> PasswordHash {
    hash(password, &mut Vec::new())
}

/// Returns a new hash, with a new salt. The memory is kept for the next one.
pub(super) fn hash(password: &Password, memory: &mut Vec<Block>) -> PasswordHash {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).expect("the operating system provides randomness");
    hash_with_salt(password, &salt, memory)
}

fn hash_with_salt(password: &Password, salt: &[u8; SALT_BYTES], memory: &mut Vec<Block>) -> PasswordHash {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS);
    let output = compute(&argon2, password, salt, OUTPUT_BYTES, memory).expect("our own parameters are in range");
    let phc = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: (&PARAMS).try_into().expect("our own parameters are in range"),
        salt: Some(Salt::new(salt).expect("16 bytes are a salt")),
        hash: Some(output),
    };
    PasswordHash::new(phc.to_string())
}

/// Verifies a password against a stored hash. Without one, or with one that is not computed, it costs the same and is a
/// mismatch (ENUM-02).
pub(super) fn verify(password: &Password, against: Option<&PasswordHash>, memory: &mut Vec<Block>) -> Verified {
    let stored = against.and_then(|hash| {
        let stored = Stored::parse(hash);
        if stored.is_none() {
            tracing::error!("a stored password hash is of an unknown kind; its owner has to reset the password");
        }
        stored
    });
    let Some(stored) = stored else {
        hash_with_salt(password, &[0; SALT_BYTES], memory);
        return Verified::Mismatch;
    };
    let argon2 = Argon2::new(stored.algorithm, stored.version, stored.params.clone());
    match compute(&argon2, password, stored.salt.as_ref(), stored.output.len(), memory) {
        // They are compared in constant time.
        Some(output) if output == stored.output => Verified::Match { rehash: !stored.is_current() },
        _ => Verified::Mismatch,
    }
}

fn compute(
    argon2: &Argon2<'_>,
    password: &Password,
    salt: &[u8],
    length: usize,
    memory: &mut Vec<Block>,
) -> Option<Output> {
    let blocks = argon2.params().block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..length)?;
    let result = argon2.hash_password_into_with_memory(password.expose(), salt, output, &mut memory[..blocks]);
    if blocks > PARAMS.block_count() {
        memory.truncate(PARAMS.block_count());
        memory.shrink_to_fit();
    }
    result.ok().and_then(|()| Output::new(output).ok())
}

/// Holds a PHC string taken apart, within the bounds that we compute.
pub(super) struct Stored {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    pub(super) fn parse(hash: &PasswordHash) -> Option<Self> {
        let hash = phc::PasswordHash::new(hash.expose()).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let is_bounded =
            params.m_cost() <= MAX_MEMORY_KIB && params.t_cost() <= MAX_PASSES && params.p_cost() <= MAX_LANES;
        Some(Self {
            algorithm: Algorithm::try_from(hash.algorithm.as_str()).ok()?,
            version: hash.version.map_or(Ok(Version::V0x10), Version::try_from).ok()?,
            params: is_bounded.then_some(params)?,
            salt: hash.salt?,
            output: hash.hash?,
        })
    }

    fn is_current(&self) -> bool {
        let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        matches!((self.algorithm, self.version), (Algorithm::Argon2id, Version::V0x13))
            && costs(&self.params) == costs(&PARAMS)
            && self.salt.as_ref().len() >= SALT_BYTES
            && self.output.len() >= OUTPUT_BYTES
    }
}
