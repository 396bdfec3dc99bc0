//! `POST /sign-out`

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::HeaderMap;

use crate::auth::{self, Auth, credential::all_presented};

use super::{
    super::{Problem, body::JsonBody, caller::Caller, cookie::clear_session},
    Success, json as answer,
};

/// End the session
///
/// Ends every session that the request holds. The same answer with and without one; what the body asks for concerns providers with a sign-out of their own.
#[utoipa::path(post, path = "/sign-out", tag = "Sign-in", request_body = Option<serde_json::Value>, responses(
    (status = 200, description = "Signed out, with or without a session", body = Success)))]
pub(in super::super) async fn sign_out(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    headers: HeaderMap,
    _: JsonBody,
) -> Result<Response, Problem> {
    for token in all_presented(&headers, &auth.settings.cookie.name) {
        auth::sign_out(&auth, &token, &caller.client, caller.now).await?;
    }
    let mut response = answer(&Success { success: true });
    clear_session(response.headers_mut(), &auth.settings);
    Ok(response)
}
