//! Deals with passwords: hashing and proving them, signing in with them, changing and resetting them.

pub(crate) mod change;
pub(crate) mod hasher;
pub(crate) mod notice;
pub(crate) mod proof;
pub(crate) mod request_reset;
pub(crate) mod reset;
pub(crate) mod set;
pub(crate) mod sign_in;
pub(crate) mod verify;
