//! Serves what people see of their sessions and do with them: `GET /list-sessions`, `POST /revoke-session`,
//! `/revoke-sessions`, `/revoke-other-sessions`, `/update-session`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            fields::Fields,
            signed_in::{FreshlySignedIn, SignedIn},
        },
        respond::{
            cookie::clear_session,
            json::{Status, json_response},
            views::OwnSessionView,
        },
    },
    auth::{self, Auth, Revoke},
};

/// Is the body of `POST /revoke-session`.
#[derive(ToSchema)]
pub(crate) struct RevokeSessionBody<'a> {
    /// This is the `token` of a session in the list, or one's own token.
    token: &'a str,
}

impl<'a> RevokeSessionBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { token: fields.string("token") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// List where one is signed in
///
/// The live sessions of the user, newest first. Needs a session opened within `auth.session.fresh_age`.
#[utoipa::path(get, path = "/list-sessions", tag = "Sessions", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "All sessions, the one that asks among them", body = Vec<OwnSessionView<'_>>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`SESSION_NOT_FRESH`", body = ProblemBody<'_>)))]
pub(crate) async fn list_sessions(
    State(auth): State<Arc<Auth>>,
    FreshlySignedIn(SignedIn { found, token, .. }): FreshlySignedIn,
) -> Result<Response, Problem> {
    let own = auth::list_sessions(&auth, &found).await?;
    Ok(json_response(&own.iter().map(|own| OwnSessionView::new(own, &token, &auth.settings)).collect::<Vec<_>>()))
}

/// End one of one's sessions
///
/// The same answer whether there was such a session or not. Ending the one that asks clears the cookie.
#[utoipa::path(post, path = "/revoke-session", tag = "Sessions", request_body = RevokeSessionBody<'_>,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "It is over, if it was the user's", body = Status),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, or not from a trusted origin",
        body = ProblemBody<'_>)))]
pub(crate) async fn revoke_session(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let RevokeSessionBody { token: handle } = RevokeSessionBody::parse(body.as_ref())?;
    let is_own = auth::revoke_session(caller.flow(&auth), &found, handle).await?;
    let mut response = done();
    if is_own {
        clear_session(response.headers_mut(), &auth.settings);
    }
    Ok(response)
}

/// End all of one's sessions, this one too
#[utoipa::path(post, path = "/revoke-sessions", tag = "Sessions", request_body = Option<serde_json::Value>,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "All are over", body = Status),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, or not from a trusted origin",
        body = ProblemBody<'_>)))]
pub(crate) async fn revoke_sessions(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    _: JsonBody,
) -> Result<Response, Problem> {
    auth::revoke_sessions(caller.flow(&auth), &found, Revoke::All).await?;
    let mut response = done();
    clear_session(response.headers_mut(), &auth.settings);
    Ok(response)
}

/// End all of one's sessions but this one
#[utoipa::path(post, path = "/revoke-other-sessions", tag = "Sessions", request_body = Option<serde_json::Value>,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "All others are over", body = Status),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, or not from a trusted origin",
        body = ProblemBody<'_>)))]
pub(crate) async fn revoke_other_sessions(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    _: JsonBody,
) -> Result<Response, Problem> {
    auth::revoke_sessions(caller.flow(&auth), &found, Revoke::Others).await?;
    Ok(done())
}

/// Set fields of the session, of which there are none yet
#[utoipa::path(post, path = "/update-session", tag = "Sessions", request_body = serde_json::Value,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 400, description = "`NO_FIELDS_TO_UPDATE`, `BODY_MUST_BE_AN_OBJECT`", body = ProblemBody<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>)))]
// The client knows this response (contract §3.2).
pub(crate) async fn update_session(_: SignedIn, JsonBody(body): JsonBody) -> Problem {
    match body {
        Some(Value::Object(_)) => Problem::bad_request("NO_FIELDS_TO_UPDATE", "No fields to update"),
        _ => Problem::bad_request("BODY_MUST_BE_AN_OBJECT", "Body must be an object"),
    }
}

fn done() -> Response {
    json_response(&Status { status: true })
}
