//! Serves requests: the decision is asked for, then the request goes to its upstream or to the auth API, and what became
//! of it is written down.

pub(crate) mod access_log;
mod auth_api;
mod deadlines;
mod exchange;
mod failure;
mod interrupt;
pub(crate) mod response;
pub(crate) mod serve;
mod upstream;
mod upstream_response;
