//! Derives keys from the configured secrets: for sealing what the database must not be able to read, and for signing.
//!
//! Owns key derivation, rotation and the formats. Knows neither what is sealed or signed nor where it is stored.

pub(crate) mod jwt;
mod keyring;
mod mac;
mod sealer;
mod signer;
pub mod totp;

pub use keyring::Keyring;
pub use mac::Mac;
pub use sealer::{Sealer, Unsealable};
pub(crate) use signer::SigningKey;
pub use signer::{KeyAlgorithm, PublicKey, Signer, key_set};
