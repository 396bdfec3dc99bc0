//! Serves the two files that pages load: the script and the logo.

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};

use crate::pages::{
    error::PageError,
    look::SCRIPT,
    visit::{PageResult, Visit},
};

/// Serves the script.
pub(crate) async fn script() -> Response {
    file(Body::from(SCRIPT), "text/javascript; charset=utf-8")
}

/// Serves the logo, where there is one. As a document of its own, an SVG may run nothing.
pub(crate) async fn logo(visit: Visit) -> PageResult {
    let logo = visit.pages.settings.logo.as_ref().ok_or(PageError::NotFound)?;
    Ok(file(Body::from(logo.bytes.clone()), logo.media_type))
}

fn file(body: Body, media_type: &'static str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
