//! Holds passkeys (WebAuthn): their registration, the sign-in with them, and what their owners do with them.

pub(crate) mod ceremony;
pub(crate) mod error;
pub(crate) mod manage;
pub(crate) mod notice;
pub(crate) mod register;
pub mod relying_party;
pub(crate) mod response;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub mod unverified;
