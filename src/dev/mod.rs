//! Runs `authgate dev`: the gateway with everything it needs on one machine: a private database, captured mail, a
//! built-in configuration.
//!
//! The gateway itself is the one that `serve` runs; what is different is only what is handed to it.

mod account;
mod administrator;
mod app_paths;
mod banner;
mod binaries;
mod cluster;
mod console;
mod data_dir;
mod front;
mod mailbox;
mod notices;
mod options;
mod provider;
mod run;
mod settings;
mod signing_key;

pub(crate) use options::Options;
pub(crate) use run::dev;
