//! The commands beside the server itself.

pub(crate) mod admin;
mod dev;
