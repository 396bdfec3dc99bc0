//! Mail: what is in it, and that none of it is ever lost or readable on the way.

mod claims;
mod content;
mod delivery;
// Elsewhere only the system's settings say which authorities are trusted.
#[cfg(target_os = "linux")]
mod foreign_server;
