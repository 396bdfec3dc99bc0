//! The commands beside the server itself.

mod admin;
mod dev;
