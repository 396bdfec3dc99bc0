//! Serves mailed codes, under the paths of the client's plugin.

pub(crate) mod account;
pub(crate) mod send;
pub(crate) mod sign_in;
