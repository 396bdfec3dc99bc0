//! Serves the sessions of a user to administrators: `POST /admin/list-user-sessions`, `/admin/revoke-user-session` and
//! `/admin/revoke-user-sessions`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::admin::roles_and_bans::UserIdBody,
        error::problem::ProblemBody,
        extract::{administrator::Administrating, body::JsonBody, fields::Fields},
        respond::{
            json::{Success, json_response},
            views::OwnSessionView,
        },
    },
    auth::{
        Auth,
        admin::{self, AdministrationError, Permission},
    },
};

/// Is the body of `POST /admin/revoke-user-session`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UserSessionBody<'a> {
    /// Is the `token` of a session in the list, which names it.
    session_token: &'a str,
}

impl<'a> UserSessionBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { session_token: fields.string("sessionToken") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Shows the sessions of a user.
#[derive(Serialize, ToSchema)]
#[schema(as = UserSessions)]
struct Body<'a> {
    sessions: Vec<OwnSessionView<'a>>,
}

/// List the live sessions of a user
///
/// Newest first. `token` is a handle that names a session and opens nothing.
#[utoipa::path(post, path = "/admin/list-user-sessions", tag = "Administration", request_body = UserIdBody,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The sessions", body = Body<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_LIST_USERS_SESSIONS`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::SessionList)?;
    let UserIdBody { user_id } = UserIdBody::parse(body.as_ref())?;
    let now = administrating.signed_in.caller.now;
    let listed = admin::view_sessions(&administrating.administration, &auth, &user_id, now).await?;
    Ok(json_response(&Body {
        sessions: listed.iter().map(|own| OwnSessionView::without_token(own, &auth.settings)).collect(),
    }))
}

/// End one session of a user
///
/// The next request with it is refused.
#[utoipa::path(post, path = "/admin/revoke-user-session", tag = "Administration", request_body = UserSessionBody<'_>,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "It is over", body = Success),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS`, \
        `YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>),
    (status = 404, description = "`SESSION_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn revoke(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::SessionRevoke)?;
    let UserSessionBody { session_token } = UserSessionBody::parse(body.as_ref())?;
    let session = session_token.parse().map_err(|_| AdministrationError::UnknownSession)?;
    admin::revoke_session(&administrating.administration, &session, administrating.signed_in.caller.now).await?;
    Ok(json_response(&Success { success: true }))
}

/// End all sessions of a user
#[utoipa::path(post, path = "/admin/revoke-user-sessions", tag = "Administration", request_body = UserIdBody,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "They are over", body = Success),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS`, \
        `YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn revoke_all(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::SessionRevoke)?;
    let UserIdBody { user_id } = UserIdBody::parse(body.as_ref())?;
    admin::revoke_sessions(&administrating.administration, &user_id, administrating.signed_in.caller.now).await?;
    Ok(json_response(&Success { success: true }))
}
