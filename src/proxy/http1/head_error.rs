//! Says why the head of a request is rejected, and with which response.

use http::StatusCode;

use crate::proxy::http1::{body_framing::BodyError, field::FieldError};

/// Says why a head is rejected. The connection ends with the response, since nobody knows where the next request
/// begins.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum HeadError {
    #[error("the request line is not METHOD, one space, target, one space, HTTP/1.1")]
    RequestLine,
    #[error("the request target holds a character that must be percent-encoded")]
    Target,
    #[error("the target's host is not the Host field's")]
    TargetHost,
    #[error("lines end with CR LF, and neither occurs inside one")]
    LineEnd,
    #[error("a header line continues the one before")]
    Folded,
    #[error("a header name holds a character that is not allowed, or a blank before its colon")]
    FieldName,
    #[error("a header value holds a control character")]
    FieldValue,
    #[error("exactly one Host field is needed, with a host and an optional port")]
    Host,
    #[error("Content-Length is one field of 1 to 19 digits")]
    ContentLength,
    #[error("Transfer-Encoding is one field with the value chunked, on HTTP/1.1 and without Content-Length")]
    TransferEncoding,
    #[error("{0}")]
    Body(#[from] BodyError),
    #[error("Connection names a field that is not its to remove")]
    Connection,
    #[error("the method is not one that is served here")]
    Method,
    #[error("the only expectation met here is 100-continue, said once")]
    Expectation,
    #[error("the request line is longer than 8 KiB")]
    TargetTooLong,
    #[error("the header section is larger than 32 KiB or 100 fields")]
    TooLarge,
    #[error("only HTTP/1.1 and HTTP/1.0 are spoken here")]
    Version,
    #[error("the request head did not arrive in time")]
    Timeout,
}

impl From<FieldError> for HeadError {
    fn from(error: FieldError) -> Self {
        match error {
            FieldError::Folded => Self::Folded,
            FieldError::Name => Self::FieldName,
            FieldError::Value => Self::FieldValue,
        }
    }
}

impl HeadError {
    /// Returns status and stable code of the response.
    #[must_use]
    pub fn response(self) -> (StatusCode, &'static str) {
        match self {
            Self::RequestLine
            | Self::Target
            | Self::TargetHost
            | Self::LineEnd
            | Self::Folded
            | Self::FieldName
            | Self::FieldValue
            | Self::Host
            | Self::ContentLength
            | Self::TransferEncoding
            | Self::Body(_)
            | Self::Connection => (StatusCode::BAD_REQUEST, "MALFORMED_REQUEST"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
            Self::Expectation => (StatusCode::EXPECTATION_FAILED, "EXPECTATION_FAILED"),
            Self::TargetTooLong => (StatusCode::URI_TOO_LONG, "URI_TOO_LONG"),
            Self::TooLarge => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "REQUEST_HEADER_FIELDS_TOO_LARGE"),
            Self::Version => (StatusCode::HTTP_VERSION_NOT_SUPPORTED, "HTTP_VERSION_NOT_SUPPORTED"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT"),
        }
    }
}
