//! Speaks HTTP/1.1: reads the heads of requests strictly and those of responses as servers write them, takes bodies out
//! of their framing, and writes both.

pub mod body;
pub mod body_framing;
pub(crate) mod connection;
pub(crate) mod field;
pub mod head;
mod head_error;
pub mod header_case;
pub mod output;
pub(crate) mod request;
pub mod response_head;
pub(crate) mod socket;
pub(crate) mod write;
