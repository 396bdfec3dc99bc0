//! Serves the front page of `authgate dev`: what is running, and a way through all of it.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use crate::{
    dev::banner::{Probed, probe},
    proxy,
};

/// Styles stand in the page itself, and nothing is fetched.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Holds what the page leads to. Whatever is not there is left out.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    pub(crate) public_url: String,
    pub(crate) base_path: String,
    /// Is the path below which people sign in, where the built-in pages are on.
    pub(crate) auth_path: Option<String>,
    pub(crate) account_path: String,
    pub(crate) admin_path: Option<String>,
    /// Holds address and password of the ready-made administrator.
    pub(crate) administrator: Option<(&'static str, &'static str)>,
    pub(crate) providers: Vec<String>,
    pub(crate) database: String,
    /// Is the operators' address.
    pub(crate) ops: String,
    pub(crate) config: String,
    /// Knows the upstreams, which are asked each time whether they respond.
    pub(crate) proxy: proxy::Settings,
}

/// Returns the page, at the path of all development pages.
pub(crate) fn routes(front: Front) -> Router {
    let front = Arc::new(front);
    let page = move || {
        let front = Arc::clone(&front);
        async move { show(&front).await }
    };
    Router::new().route("/__dev", get(page.clone())).route("/__dev/", get(page))
}

#[derive(Template)]
#[template(path = "front.html")]
struct Page<'f> {
    front: &'f Front,
    upstreams: Vec<Probed>,
}

async fn show(front: &Front) -> Response {
    let page = Page { front, upstreams: probe(&front.proxy).await };
    match page.render() {
        Ok(html) => {
            let headers = [
                (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
                (header::CACHE_CONTROL, "no-store"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (headers, Html(html)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the front page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
