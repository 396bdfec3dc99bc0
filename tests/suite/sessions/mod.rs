//! Sessions on every request: credentials, revocation, expiry, and the endpoints that tell of them.

mod bounds;
mod credentials;
mod endpoints;
mod liveness;
mod new_device;
mod odd_rows;
mod own_sessions;
mod renewal;
