//! Holds what `authgate dev` is told on the command line.

use std::{net::SocketAddr, path::PathBuf};

/// Holds what the command line gives.
#[derive(Debug)]
pub(crate) struct Options {
    /// Is the backend's URL.
    pub(crate) upstream: String,
    /// Is a loopback address.
    pub(crate) listen: SocketAddr,
    /// Is a loopback address too; by default one that is free.
    pub(crate) ops_listen: Option<SocketAddr>,
    /// Lists patterns of paths that need no session.
    pub(crate) public: Vec<String>,
    /// These are trusted beside every origin of this machine.
    pub(crate) trusted_origins: Vec<String>,
    /// The database and the secret are kept here between runs.
    pub(crate) data_dir: PathBuf,
}
