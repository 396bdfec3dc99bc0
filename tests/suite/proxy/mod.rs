//! Requests that are forwarded: who may pass, what is told to the upstream, and what comes back.

mod assertion;
mod cors;
mod credentials;
mod forward_auth;
mod headers;
mod live;
mod paths;
mod requests;
mod require;
mod route_limits;
mod streaming;
mod tls;
mod upstreams;
mod websocket;
