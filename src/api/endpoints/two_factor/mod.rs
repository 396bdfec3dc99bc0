//! Serves `/two-factor/…`, the paths of the client's plugin, and the list of trusted devices.

pub(crate) mod devices;
pub(crate) mod manage;
pub(crate) mod verify;
