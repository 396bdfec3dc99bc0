//! Writes responses with a JSON body.

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use serde::Serialize;
use utoipa::ToSchema;

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Success {
    pub(crate) success: bool,
}

/// It was done, or there was nothing to do and nobody is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Status {
    pub(crate) status: bool,
}

/// Returns a 200 with a JSON body.
pub(crate) fn json_response<T: Serialize>(body: &T) -> Response {
    let body = serde_json::to_vec(body).expect("a tree of texts and booleans serialises");
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
