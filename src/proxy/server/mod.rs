//! Serves connections: accepting them, their protocols, and how many there may be.

pub(crate) mod accept;
pub(crate) mod certificate;
pub(crate) mod connection;
pub(crate) mod http1;
pub(crate) mod http2;
pub(crate) mod http2_socket;
pub(crate) mod listener;
pub(crate) mod proxy;
pub(crate) mod proxy_protocol;
pub(crate) mod redirect;
