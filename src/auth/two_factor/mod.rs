//! Holds second factors: codes of an authenticator app, mailed codes, backup codes, and the browsers that are spared
//! them for a while.

pub(crate) mod challenge;
pub(crate) mod change;
pub(crate) mod claimant;
pub(crate) mod enable;
pub(crate) mod error;
pub(crate) mod mailed_code;
pub(crate) mod methods;
pub(crate) mod notice;
pub(crate) mod password;
pub(crate) mod settings;
pub(crate) mod trust;
pub(crate) mod trusted_device;
pub(crate) mod verify;

/// Is the purpose of the keys that seal the secrets of authenticator apps, and mailed codes.
pub const TOTP_PURPOSE: &str = "totp";
