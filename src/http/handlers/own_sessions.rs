//! What people see of their sessions and do with them: `GET /list-sessions`, `POST /revoke-session`,
//! `/revoke-sessions`, `/revoke-other-sessions`, `/update-session`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde_json::{Value, json};

use crate::auth::{Auth, Revoke, list_sessions, revoke_session, revoke_sessions};

use super::{
    super::{
        Problem,
        body::JsonBody,
        cookie::clear_session,
        fields::Fields,
        signed_in::{FreshlySignedIn, SignedIn},
        views::OwnSessionView,
    },
    json as answer,
};

pub(in super::super) async fn list(
    State(auth): State<Arc<Auth>>,
    FreshlySignedIn(SignedIn { found, .. }): FreshlySignedIn,
) -> Result<Response, Problem> {
    let own = list_sessions(&auth, &found).await?;
    Ok(answer(&own.iter().map(OwnSessionView::from).collect::<Vec<_>>()))
}

/// The same answer whether there was such a session or not.
pub(in super::super) async fn revoke(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let mut fields = Fields::of_body(body.as_ref())?;
    let handle = fields.string("token");
    fields.finish()?;
    let is_own = revoke_session(&auth, &found, handle, &caller.client, caller.now).await?;
    let mut response = done();
    if is_own {
        clear_session(response.headers_mut(), &auth.settings);
    }
    Ok(response)
}

pub(in super::super) async fn revoke_all(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    _: JsonBody,
) -> Result<Response, Problem> {
    revoke_sessions(&auth, &found, Revoke::All, &caller.client, caller.now).await?;
    let mut response = done();
    clear_session(response.headers_mut(), &auth.settings);
    Ok(response)
}

pub(in super::super) async fn revoke_others(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    _: JsonBody,
) -> Result<Response, Problem> {
    revoke_sessions(&auth, &found, Revoke::Others, &caller.client, caller.now).await?;
    Ok(done())
}

/// Sessions have no fields that anybody may set; the client knows this answer (contract §3.2).
pub(in super::super) async fn update(_: SignedIn, JsonBody(body): JsonBody) -> Problem {
    match body {
        Some(Value::Object(_)) => Problem::bad_request("NO_FIELDS_TO_UPDATE", "No fields to update"),
        _ => Problem::bad_request("BODY_MUST_BE_AN_OBJECT", "Body must be an object"),
    }
}

fn done() -> Response {
    answer(&json!({ "status": true }))
}
