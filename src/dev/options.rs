//! Holds what `authgate dev` is told on the command line.

use std::{net::SocketAddr, path::PathBuf};

use crate::types::OriginPattern;

/// Holds what the command line gives.
#[derive(Debug)]
pub(crate) struct Options {
    /// Names the configuration to use, in place of the built-in one.
    pub(crate) config: Option<PathBuf>,
    /// Is the backend's URL; by default the configuration's.
    pub(crate) upstream: Option<String>,
    /// Is a loopback address.
    pub(crate) listen: SocketAddr,
    /// A loopback address too; by default one that is free.
    pub(crate) ops_listen: Option<SocketAddr>,
    /// Lists patterns of paths that need no session, for the built-in configuration only.
    pub(crate) public: Vec<String>,
    /// These are trusted beside every origin of this machine.
    pub(crate) trusted_origins: Vec<OriginPattern>,
    /// The database and the secret are kept here between runs.
    pub(crate) data_dir: PathBuf,
}

impl Options {
    /// Is the upstream of the built-in configuration.
    pub(crate) const DEFAULT_UPSTREAM: &str = "http://127.0.0.1:8000";
}
