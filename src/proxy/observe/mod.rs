//! What is logged and counted of each request.

pub(crate) mod access_log;
pub(crate) mod route_metrics;
