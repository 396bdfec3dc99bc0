//! The endpoints about one's own sessions.

mod endpoints;
mod new_device;
mod own_sessions;
