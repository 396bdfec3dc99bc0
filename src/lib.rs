//! AuthGate: a reverse proxy that authenticates.

pub mod auth;
pub mod config;
pub mod crypto;
pub mod http;
pub mod jobs;
pub mod mail;
pub mod observe;
pub mod policy;
pub mod proxy;
pub mod routes;
pub mod store;
pub mod types;
