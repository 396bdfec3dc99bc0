//! Decides what may happen to a request: its route, its session, its rejection.

pub(crate) mod auth_api;
pub(crate) mod current_gateway;
pub(crate) mod forward_auth;
pub(crate) mod gateway;
pub(crate) mod long_bodies;
pub(crate) mod rate_limit;
pub(crate) mod rejection;
pub(crate) mod route_metrics;
pub(crate) mod state;
pub(crate) mod token_buckets;
