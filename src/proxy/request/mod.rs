//! What is known of one request, and what may be read from it.

pub(crate) mod cors;
pub(crate) mod forwarded;
pub(crate) mod state;
pub(crate) mod websocket;
