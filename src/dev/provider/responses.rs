//! Gives responses their form, and the headers that all of them have.

use axum::{
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};

/// The way back leads over several origins, so forms are not bound to one.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

pub(super) fn json_response(status: StatusCode, body: &serde_json::Value) -> Response {
    secured((status, [(header::CONTENT_TYPE, "application/json")], body.to_string()))
}

pub(super) fn refuse(what: &'static str) -> Response {
    secured((StatusCode::BAD_REQUEST, what))
}

pub(super) fn secured(response: impl IntoResponse) -> Response {
    secured_with(CONTENT_SECURITY_POLICY.to_owned(), response)
}

/// Allows one inline script, by its hash.
pub(super) fn secured_with_script(hash: &str, response: impl IntoResponse) -> Response {
    secured_with(format!("{CONTENT_SECURITY_POLICY}; script-src 'sha256-{hash}'"), response)
}

fn secured_with(policy: String, response: impl IntoResponse) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    ([(header::CONTENT_SECURITY_POLICY, policy)], headers, response).into_response()
}
