//! gateway.yaml: text → raw mirror → [`Config`], with every mistake reported at once.

use std::net::SocketAddr;

use crate::{auth, mail, observe, proxy, routes::Routes, store, types::Secret};

/// A whole, valid configuration. Nothing in it is optional for want of a default, and nothing changes it afterwards.
#[derive(Debug, Clone)]
pub struct Config {
    /// Addresses of the public listener; at least one.
    pub listen: Vec<SocketAddr>,
    /// Address of /healthz, /readyz and /metrics.
    pub ops_listen: SocketAddr,
    pub database: store::Settings,
    /// At least one, each of at least 32 bytes: the first signs and seals, all verify and open.
    pub secrets: Vec<Secret>,
    pub proxy: proxy::Settings,
    pub routes: Routes,
    pub auth: auth::Settings,
    pub mail: mail::Settings,
    pub log: observe::Settings,
}
