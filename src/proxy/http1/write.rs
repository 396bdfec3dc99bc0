//! Writes the heads of requests and responses.

use bytes::{BufMut, BytesMut};
use http::{HeaderName, HeaderValue};
use pingora::http::{RequestHeader, ResponseHeader};

use crate::proxy::http1::header_case::HeaderCase;

/// Writes a request's head. It always speaks HTTP/1.1: versions are said from hop to hop (RFC 9110 §2.5).
pub(crate) fn request(out: &mut BytesMut, request: &RequestHeader, header_case: &HeaderCase) {
    out.reserve(1024);
    out.put_slice(request.method.as_str().as_bytes());
    out.put_u8(b' ');
    out.put_slice(request.raw_path());
    out.put_slice(b" HTTP/1.1\r\n");
    fields(out, request.headers.iter(), header_case);
}

/// Writes a response's head.
pub(crate) fn response(out: &mut BytesMut, response: &ResponseHeader, header_case: &HeaderCase) {
    out.reserve(1024);
    out.put_slice(b"HTTP/1.1 ");
    out.put_slice(response.status.as_str().as_bytes());
    out.put_u8(b' ');
    out.put_slice(response.get_reason_phrase().unwrap_or_default().as_bytes());
    out.put_slice(b"\r\n");
    fields(out, response.headers.iter(), header_case);
}

fn fields<'h>(
    out: &mut BytesMut,
    fields: impl Iterator<Item = (&'h HeaderName, &'h HeaderValue)>,
    header_case: &HeaderCase,
) {
    for (name, value) in fields {
        header_case.write(out, name);
        out.put_slice(b": ");
        out.put_slice(value.as_bytes());
        out.put_slice(b"\r\n");
    }
    out.put_slice(b"\r\n");
}
