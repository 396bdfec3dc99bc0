//! AuthGate: a reverse proxy that authenticates.

pub mod api;
mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod crypto;
mod dev;
pub mod jobs;
pub mod mail;
pub mod observe;
pub mod policy;
pub mod proxy;
pub mod routing;
pub mod sessions;
pub mod store;
pub mod tasks;
pub mod types;
