//! Writes responses that lead elsewhere.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};

/// Returns an empty redirect. The target was re-serialised by the URL parser, so it is visible ASCII.
pub(crate) fn redirect(status: StatusCode, target: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::LOCATION, location(target));
    response
}

/// Returns the value of `Location` for a target.
pub(crate) fn location(target: &str) -> HeaderValue {
    HeaderValue::from_str(target).expect("a serialised URL is visible ASCII")
}
