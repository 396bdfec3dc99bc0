//! Holds the servers behind: which of them a request goes to, and which are left out because they fail.

pub(crate) mod deferred_connect;
pub(crate) mod health;
pub(crate) mod health_watch;
pub(crate) mod peer;
pub(crate) mod pool;
pub(crate) mod resolve;
pub(crate) mod server;
