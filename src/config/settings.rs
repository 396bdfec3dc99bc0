//! Holds what a configuration says, compiled.

use std::{net::SocketAddr, path::PathBuf};

use crate::{auth, jobs, mail, observe, pages, proxy, routing::Routes, store, types::Secret};

/// Holds a whole, valid configuration. Nothing in it is optional for want of a default, and nothing changes it
/// afterwards.
#[derive(Debug, Clone)]
pub struct Config {
    /// Lists the addresses of the public listener; there is at least one.
    pub listen: Vec<SocketAddr>,
    /// Lists the addresses at which everybody is sent to `public_url`.
    pub redirect_listen: Vec<SocketAddr>,
    /// Is the address of /healthz, /readyz and /metrics.
    pub ops_listen: SocketAddr,
    /// Counts the threads that serve requests, 1 to 512.
    pub threads: usize,
    pub database: store::Settings,
    /// There is at least one secret, and each has at least 32 bytes: the first signs and seals, all verify and open.
    pub secrets: Vec<Secret>,
    pub proxy: proxy::Settings,
    pub routes: Routes,
    pub auth: auth::Settings,
    pub mail: mail::Settings,
    pub pages: pages::Settings,
    pub retention: jobs::Retention,
    /// Holds `geoip.database`, read; it is empty where none is configured.
    pub locations: auth::Locations,
    pub log: observe::Settings,
    /// Lists the files that were read beside the configuration's own.
    pub files: Vec<PathBuf>,
    /// Is what errors call the text that it was compiled from: a file's name, mostly.
    pub source: String,
    /// Is the configuration as `check --print` shows it, secrets masked.
    pub printed: String,
}
