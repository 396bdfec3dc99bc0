//! Reads what may be read from a request.

pub(crate) mod cors;
pub(crate) mod field_values;
pub(crate) mod forwarded;
pub(crate) mod hop_by_hop;
pub(crate) mod target;
pub(crate) mod websocket;
