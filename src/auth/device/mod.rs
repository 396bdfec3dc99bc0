//! Tells which device and place a session is used from.

pub(crate) mod known_devices;
pub(crate) mod location;
pub(crate) mod user_agent;
