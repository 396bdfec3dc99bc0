//! Reads and computes argon2 hashes of any variant and parameters, within bounds.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash::phc::Output};
use base64::Engine;

use crate::auth::password::hasher::stored::{
    error::{UnusableHash, bounded},
    fields::{BASE64, base64, fields, number, output, parameters, salt},
};

/// Is 256 MiB, which libsodium calls moderate. Each hashing thread may need it at once.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// Is what takes about half a second: memory times passes, in KiB.
const MAX_WORK_KIB: u64 = 1024 * 1024;
/// Lanes are computed one after the other here: their number costs nothing.
const MAX_LANES: u32 = 16;
/// More memory than this is given back after the hash: it is what new hashes take.
const KEPT_BLOCKS: usize = Params::DEFAULT.block_count();

/// Holds a PHC string of argon2 taken apart.
#[derive(Clone, PartialEq)]
pub(crate) struct Argon2Hash {
    pub(in crate::auth::password::hasher) algorithm: Algorithm,
    pub(in crate::auth::password::hasher) version: Version,
    pub(in crate::auth::password::hasher) params: Params,
    pub(in crate::auth::password::hasher) salt: Vec<u8>,
    pub(in crate::auth::password::hasher) output: Output,
}

impl Argon2Hash {
    /// Reads `$argon2id$v=19$m=19456,t=2,p=1$salt$result`. Without `v=` it is the first version.
    pub(super) fn parse(text: &str) -> Result<Self, UnusableHash> {
        let (version, [_, algorithm, costs, salt, result]) = match fields::<6>(text) {
            Ok([start, algorithm, version, rest @ ..]) => {
                let version = version.strip_prefix("v=").ok_or(UnusableHash::Malformed("its version is missing"))?;
                let [costs, salt, result] = rest;
                (number(version)?, [start, algorithm, costs, salt, result])
            }
            Err(_) => (Version::V0x10.into(), fields::<5>(text)?),
        };
        let [memory, passes, lanes] = parameters(costs, ["m", "t", "p"])?;
        Self::new(algorithm, version, [memory, passes, lanes], base64(salt)?, &base64(result)?)
    }

    /// Takes what is stored in fields of their own; costs are memory in KiB, passes and lanes.
    pub(super) fn new(
        algorithm: &str,
        version: u32,
        [memory, passes, lanes]: [u32; 3],
        salt: Vec<u8>,
        result: &[u8],
    ) -> Result<Self, UnusableHash> {
        bounded("memory in KiB", memory.into(), MAX_MEMORY_KIB.into())?;
        bounded("memory in KiB times passes", u64::from(memory) * u64::from(passes), MAX_WORK_KIB)?;
        bounded("number of lanes", lanes.into(), MAX_LANES.into())?;
        let output = output(result)?;
        Ok(Self {
            algorithm: algorithm.parse().map_err(|_| UnusableHash::UnknownKind)?,
            version: version.try_into().map_err(|_| UnusableHash::Malformed("its version is none that there is"))?,
            params: Params::new(memory, passes, lanes, Some(output.len()))
                .map_err(|_| UnusableHash::Malformed("its parameters are out of range"))?,
            salt: self::salt(salt, argon2::MIN_SALT_LEN..=64)?,
            output,
        })
    }

    /// Takes the memory of the thread, and leaves it for the next one.
    pub(in crate::auth::password::hasher) fn verify(&self, password: &[u8], memory: &mut Vec<Block>) -> bool {
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        // They are compared in constant time.
        compute(&argon2, password, &self.salt, self.output.len(), memory).is_some_and(|output| output == self.output)
    }
}

impl fmt::Display for Argon2Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (version, params) = (u32::from(self.version), &self.params);
        let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
        let (salt, result) = (BASE64.encode(&self.salt), BASE64.encode(self.output.as_ref()));
        write!(f, "${}$v={version}$m={memory},t={passes},p={lanes}${salt}${result}", self.algorithm)
    }
}

/// Computes argon2 in memory that is kept.
pub(in crate::auth::password::hasher) fn compute(
    argon2: &Argon2<'_>,
    password: &[u8],
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
    let result = argon2.hash_password_into_with_memory(password, salt, output, &mut memory[..blocks]);
    if blocks > KEPT_BLOCKS {
        memory.truncate(KEPT_BLOCKS);
        memory.shrink_to_fit();
    }
    result.ok().and_then(|()| Output::new(output).ok())
}
