//! Makes the configuration of `authgate dev`: a file's, or a built-in one, with what this machine decides in place of
//! what it says, compiled like anybody's. All that a `gateway.yaml` could not say is that every origin and host of this machine
//! is trusted.

mod built_in_routes;
mod compile;
#[cfg(test)]
mod tests;

pub(crate) use compile::{Inputs, compile};
