//! Knows the spellings of password hashes that other systems made, and verifies each of them. A text is taken apart whole,
//! with its costs in bounds, before anything is computed; what does not fit is refused with its reason.

mod argon2_hash;
mod bcrypt_hash;
mod error;
mod fields;
mod firebase;
mod hash;
mod keycloak;
mod pbkdf2_hash;
mod scrypt_hash;
#[cfg(test)]
mod tests;

pub(super) use self::{
    argon2_hash::{Argon2Hash, compute},
    hash::StoredHash,
};
pub use self::{error::UnusableHash, firebase::FirebaseProject};
use crate::types::PasswordHash;

/// Tells what another system stored as somebody's password.
#[derive(Debug, Clone)]
pub enum StoredPassword {
    /// This is the spelling to store.
    Hash(PasswordHash),
    /// The account has none, or one that was made unusable.
    NoPassword,
}

/// Reads what another system stored as somebody's password, in any spelling of docs/passwords.md, and returns it in the
/// spelling that the gateway stores.
pub fn parse_stored(text: &str) -> Result<StoredPassword, UnusableHash> {
    // Django writes `!` and random letters, Unix `!` or `*`.
    if text.is_empty() || text.starts_with(['!', '*']) {
        return Ok(StoredPassword::NoPassword);
    }
    StoredHash::parse(text).map(StoredPassword::from)
}

/// Reads a password credential of Keycloak: its `credentialData` and its `secretData`, which are JSON.
pub fn parse_keycloak(credential_data: &str, secret_data: &str) -> Result<StoredPassword, UnusableHash> {
    keycloak::parse(credential_data, secret_data).map(StoredPassword::from)
}

/// Reads the salt and the password hash of an account that was exported from Firebase.
pub fn parse_firebase(project: &FirebaseProject, salt: &str, hash: &str) -> Result<StoredPassword, UnusableHash> {
    if hash.is_empty() {
        return Ok(StoredPassword::NoPassword);
    }
    project.hash(salt, hash).map(StoredHash::Firebase).map(StoredPassword::from)
}

impl From<StoredHash> for StoredPassword {
    fn from(hash: StoredHash) -> Self {
        Self::Hash(PasswordHash::new(hash.to_string()))
    }
}
