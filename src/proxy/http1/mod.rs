//! Reads HTTP/1.1 as bytes: the head of a request and the framing of its body.

pub mod body_framing;
pub(crate) mod field;
pub mod head;
pub(crate) mod http10;
