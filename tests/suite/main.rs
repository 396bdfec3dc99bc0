//! Black-box tests: the real binary before a recording upstream, seen only from outside.
//!
//! Each test has a gateway and a database of its own, so all of them run in parallel. Modules are named after behaviour.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod account;
mod admin_cli;
mod architecture;
mod assertion;
mod audit;
mod cached;
mod citations;
mod config_cli;
mod cors;
mod dashboards;
mod dev;
mod docs;
mod enumeration;
mod failures;
mod fastapi;
mod forward_auth;
mod harness;
mod headers;
mod limits;
mod live;
mod mail;
mod openapi;
mod operations;
mod ops;
mod password;
mod paths;
mod pooler;
mod postgres;
mod proxying;
mod reload;
mod route_limits;
mod security;
mod sessions;
mod sign_in;
mod sign_up;
mod social;
mod streaming;
mod supply;
mod tls;
mod upgrade;
mod upstreams;
mod verification;
mod websocket;
