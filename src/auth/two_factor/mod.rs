//! Holds second factors: codes of an authenticator app, mailed codes, backup codes, and the browsers that are spared
//! them for a while.

pub(crate) mod challenge;
pub(crate) mod settings;
pub(crate) mod trusted_device;
