//! Handles what a forwarded request does to its session, and how a long-lived connection ends with it.

pub(crate) mod caching;
pub(crate) mod exchange;
pub(crate) mod frames;
pub(crate) mod long_lived;
pub(crate) mod refresh;
