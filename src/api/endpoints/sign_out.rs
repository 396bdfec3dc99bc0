//! Serves `POST /sign-out`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::HeaderMap;

use crate::{
    api::{
        Problem,
        extract::{body::JsonBody, caller::Caller},
        respond::{
            cookie::{clear_admin_session, clear_device_session_cookie, clear_session},
            json::{Success, json_response},
        },
    },
    auth::{self, Auth, admin::presented_admin_session, presented_device_session_ids},
    sessions::credential::all_presented,
};

/// End the session
///
/// Ends every session that the request holds, with all that the browser keeps. The same answer with and without one;
/// what the body asks for concerns providers with a sign-out of their own.
#[utoipa::path(post, path = "/sign-out", tag = "Sign-in", request_body = Option<serde_json::Value>, responses(
    (status = 200, description = "Signed out, with or without a session", body = Success)))]
pub(crate) async fn sign_out(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    headers: HeaderMap,
    _: JsonBody,
) -> Result<Response, Problem> {
    for token in all_presented(&headers, &auth.settings.cookie) {
        auth::sign_out(caller.flow(&auth), &token).await?;
    }
    for kept in &caller.device_session_cookies {
        auth::sign_out(caller.flow(&auth), &kept.token).await?;
    }
    // An administrator who signs out in somebody's place means their own account too.
    let own = presented_admin_session(&headers, &auth.settings.cookie);
    if let Some(token) = &own {
        auth::sign_out(caller.flow(&auth), token).await?;
    }
    let mut response = json_response(&Success { success: true });
    clear_session(response.headers_mut(), &auth.settings);
    if own.is_some() {
        clear_admin_session(response.headers_mut(), &auth.settings);
    }
    if auth.settings.multi_session.is_some() {
        for id in presented_device_session_ids(&headers, &auth.settings.cookie, &caller.device_session_cookies) {
            clear_device_session_cookie(response.headers_mut(), &auth.settings, &id);
        }
    }
    Ok(response)
}
