//! Sessions on every request: credentials, revocation, expiry, and the endpoints that tell of them.

mod better_auth;
mod bounds;
mod cached;
mod credentials;
mod jwt;
mod liveness;
mod odd_rows;
mod renewal;
