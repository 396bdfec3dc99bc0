//! AuthGate: a reverse proxy that authenticates.

pub mod auth;
pub mod cli;
pub mod config;
pub mod crypto;
mod dev;
pub mod http;
pub mod jobs;
pub mod mail;
pub mod observe;
mod ops;
pub mod policy;
pub mod proxy;
pub mod routes;
mod serve;
pub mod store;
pub mod tasks;
pub mod types;
