//! One file a noun; each handler reads, calls one flow, and answers.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) mod sessions;
pub(super) mod sign_in;
pub(super) mod sign_out;
pub(super) mod sign_up;
pub(super) mod verification;
pub(super) mod verification_pages;

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
struct Success {
    success: bool,
}

/// It was done, or there was nothing to do and nobody is told.
#[derive(Debug, Serialize, ToSchema)]
struct Status {
    status: bool,
}

/// 200 with a JSON body.
fn json<T: Serialize>(body: &T) -> Response {
    let body = serde_json::to_vec(body).expect("a tree of texts and booleans serialises");
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An empty redirect. The target was re-serialised by the URL parser, so it is visible ASCII.
fn redirect(status: StatusCode, target: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::LOCATION, location(target));
    response
}

fn location(target: &str) -> HeaderValue {
    HeaderValue::from_str(target).expect("a serialised URL is visible ASCII")
}
