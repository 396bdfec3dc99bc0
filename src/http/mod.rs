//! stand-in
use crate::types::{ClientIp, RequestId};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}
impl Problem {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new() }
    }
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }
    #[must_use]
    pub fn parts(self, _id: Option<&RequestId>) -> (StatusCode, Vec<(HeaderName, HeaderValue)>, Bytes) {
        (self.status, self.headers, Bytes::from(self.message))
    }
}
#[derive(Clone, Debug)]
pub struct RequestContext {
    pub request_id: RequestId,
    pub client_ip: ClientIp,
    pub now: time::OffsetDateTime,
}
