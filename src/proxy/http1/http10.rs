//! Avoids what clients of HTTP/1.0 cannot read: chunks. A response of unknown length ends with its connection for them (RFC
//! 9112 §6.1, §6.3).

use std::any::Any;

use async_trait::async_trait;
use http::{Method, StatusCode, Version, header};
use pingora::{
    http::{RequestHeader, ResponseHeader},
    modules::http::{HttpModule, HttpModuleBuilder, Module},
    proxy::Session,
};

/// Tells whether a client is one of HTTP/1.0.
pub(crate) fn is_spoken(request: &RequestHeader) -> bool {
    request.version < Version::HTTP_11
}

/// Ends the connection behind a response whose end such a client cannot tell otherwise, and lets the response say so.
pub(crate) fn end_where_length_is_unknown(session: &mut Session, response: &ResponseHeader) {
    let request = session.req_header();
    let has_body = request.method != Method::HEAD
        && !response.status.is_informational()
        && !matches!(response.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if is_spoken(request) && has_body && !response.headers.contains_key(header::CONTENT_LENGTH) {
        session.set_keepalive(None);
    }
}

/// Takes `Transfer-Encoding` out of responses. The framework adds it, to those of HTTP/2 upstreams behind every other
/// hook.
pub(crate) struct Unchunk;

impl HttpModuleBuilder for Unchunk {
    fn init(&self) -> Module {
        Box::new(UnchunkOne { is_due: false })
    }
}

/// Does the same for one request.
struct UnchunkOne {
    is_due: bool,
}

#[async_trait]
impl HttpModule for UnchunkOne {
    async fn request_header_filter(&mut self, request: &mut RequestHeader) -> pingora::Result<()> {
        self.is_due = is_spoken(request);
        Ok(())
    }

    async fn response_header_filter(&mut self, response: &mut ResponseHeader, _end: bool) -> pingora::Result<()> {
        if self.is_due {
            response.remove_header(&header::TRANSFER_ENCODING);
        }
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
