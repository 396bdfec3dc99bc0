//! Keys derived from the configured secrets, and sealing of what the database must not be able to read.
//!
//! Owns key derivation, rotation and the sealed format. Knows neither what is sealed nor where it is stored.

mod keyring;
mod sealer;

pub use keyring::Keyring;
pub use sealer::{Sealer, Unsealable};
