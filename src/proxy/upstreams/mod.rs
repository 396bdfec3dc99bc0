//! Holds the servers behind: which of them a request goes to, which are left out because they fail, and the connections
//! to them.

pub(crate) mod connect;
pub(crate) mod connection;
pub(crate) mod health;
pub(crate) mod health_watch;
pub(crate) mod idle;
pub(crate) mod peer;
pub(crate) mod pool;
pub(crate) mod resolve;
pub(crate) mod server;
