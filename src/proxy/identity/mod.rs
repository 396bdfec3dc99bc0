//! Determines what an upstream is told of the person, and what no client may tell it.

pub(crate) mod header_names;
pub(crate) mod headers;
