//! `POST /sign-out`

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde_json::json;

use crate::auth::{self, Auth};

use super::{
    super::{Problem, body::JsonBody, caller::Caller, cookie::clear_session},
    json as answer,
};

/// The same answer with and without a session; what the body asks for concerns providers with a sign-out of their own.
pub(in super::super) async fn sign_out(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    _: JsonBody,
) -> Result<Response, Problem> {
    if let Some(token) = caller.token() {
        auth::sign_out(&auth, token, &caller.client, caller.now).await?;
    }
    let mut response = answer(&json!({ "success": true }));
    clear_session(response.headers_mut(), &auth.settings);
    Ok(response)
}
