//! Serves API keys, under the paths of the client's plugin.

pub(crate) mod create;
pub(crate) mod manage;
pub(crate) mod verify;
