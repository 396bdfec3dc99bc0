//! Completes what pingora offers of HTTP/2.

pub(crate) mod stream_writer;
