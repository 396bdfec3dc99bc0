//! Completes what the framework offers of HTTP/2.

pub(crate) mod stream_writer;
