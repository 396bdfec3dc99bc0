//! `POST /sign-out`

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::HeaderMap;

use crate::{
    api::{
        Problem,
        endpoints::{Success, json as answer},
        extract::{body::JsonBody, caller::Caller},
        respond::cookie::clear_session,
    },
    auth::{self, Auth},
    sessions::credential::all_presented,
};

/// End the session
///
/// Ends every session that the request holds. The same answer with and without one; what the body asks for concerns providers with a sign-out of their own.
#[utoipa::path(post, path = "/sign-out", tag = "Sign-in", request_body = Option<serde_json::Value>, responses(
    (status = 200, description = "Signed out, with or without a session", body = Success)))]
pub(crate) async fn sign_out(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    headers: HeaderMap,
    _: JsonBody,
) -> Result<Response, Problem> {
    for token in all_presented(&headers, &auth.settings.cookie.name) {
        auth::sign_out(caller.flow(&auth), &token).await?;
    }
    let mut response = answer(&Success { success: true });
    clear_session(response.headers_mut(), &auth.settings);
    Ok(response)
}
