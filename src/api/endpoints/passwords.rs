//! Serves the password of who is signed in: `POST /change-password`, `/set-password`, `/verify-password`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            fields::Fields,
            schemas,
            signed_in::{ProvedLately, SignedIn},
        },
        respond::{
            cookie::renew_device,
            cookie::{replace_token, set_session},
            json::{Status, json_response},
            views::UserView,
        },
    },
    auth::{self, Auth, ChangePassword, ChangePasswordError, Changed, Sessions, VerifyPasswordError},
    sessions::credential::Presented,
    types::Password,
};

/// Is the body of `POST /change-password`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ChangePasswordBody<'a> {
    #[schema(schema_with = schemas::new_password)]
    new_password: &'a str,
    #[schema(format = Password)]
    current_password: &'a str,
    /// With `false` the other sessions go on.
    #[schema(required = false, default = true)]
    revoke_other_sessions: bool,
}

impl<'a> ChangePasswordBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            new_password: fields.string("newPassword"),
            current_password: fields.string("currentPassword"),
            // Somebody who changes a password because it leaked wants the others out, whether or not the frontend asks.
            revoke_other_sessions: fields.boolean_or("revokeOtherSessions", true),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Is the body of `POST /set-password`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SetPasswordBody<'a> {
    #[schema(schema_with = schemas::new_password)]
    new_password: &'a str,
}

impl<'a> SetPasswordBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { new_password: fields.string("newPassword") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Is the body of `POST /verify-password`.
#[derive(ToSchema)]
pub(crate) struct VerifyPasswordBody<'a> {
    #[schema(format = Password)]
    password: &'a str,
}

impl<'a> VerifyPasswordBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { password: fields.string("password") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// The password was changed.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangePasswordAnswer)]
struct Body<'a> {
    /// This is the token of the session that replaces all others; it is `null` where they go on.
    #[schema(required)]
    token: Option<&'a str>,
    user: UserView<'a>,
}

/// Replace a known password
///
/// Ends all sessions and opens a new one, unless `revokeOtherSessions` is `false`.
#[utoipa::path(post, path = "/change-password", tag = "Password", request_body = ChangePasswordBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Changed", body = Body<'_>),
        (status = 400, description = "`INVALID_PASSWORD`, `CREDENTIAL_ACCOUNT_NOT_FOUND`, or the new one is not taken",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn change(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = ChangePasswordBody::parse(body.as_ref())?;
    let rules = &auth.settings.password;
    let new = Password::choose(body.new_password, rules, Some(found.user.owner()))?;
    let current = Password::attempt(body.current_password, rules).map_err(|_| ChangePasswordError::WrongPassword)?;
    let sessions = match (body.revoke_other_sessions, &caller.presented) {
        (true, _) => Sessions::Revoked,
        (false, Presented::Cookie(_)) => Sessions::Renewed,
        // A client that sent a bearer token would go on sending that one.
        (false, _) => Sessions::Kept,
    };
    let input = ChangePassword { current, new, sessions, device: caller.device.clone() };
    let changed = auth::change_password(caller.flow(&auth), &input, &found).await?;
    let token = match &changed.session {
        Changed::Reopened(session) => Some(session.token.expose()),
        Changed::Renewed(_) | Changed::Unchanged => None,
    };
    let mut response = json_response(&Body { token, user: UserView::new(&found.user, &auth.settings.user_fields) });
    match &changed.session {
        Changed::Reopened(session) => set_session(response.headers_mut(), &auth.settings, session),
        Changed::Renewed(token) => {
            replace_token(response.headers_mut(), caller.flow(&auth), token, &found.session);
        }
        Changed::Unchanged => {}
    }
    renew_device(response.headers_mut(), &auth, changed.device.as_ref());
    Ok(response)
}

/// Set a first password, beside other ways to sign in
///
/// Needs a session opened or proved within the last ten minutes.
#[utoipa::path(post, path = "/set-password", tag = "Password", request_body = SetPasswordBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Set", body = Status),
        (status = 400, description = "`PASSWORD_ALREADY_SET`, or the password is not taken", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`SESSION_NOT_FRESH`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn set(
    State(auth): State<Arc<Auth>>,
    ProvedLately(SignedIn { caller, found, .. }): ProvedLately,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = SetPasswordBody::parse(body.as_ref())?;
    let password = Password::choose(body.new_password, &auth.settings.password, Some(found.user.owner()))?;
    auth::set_password(caller.flow(&auth), password, &found).await?;
    Ok(json_response(&Status { status: true }))
}

/// Hold a password against one's own
///
/// From then on the session counts as proved, for ten minutes of sensitive operations.
#[utoipa::path(post, path = "/verify-password", tag = "Password", request_body = VerifyPasswordBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "It is the password", body = Status),
        (status = 400, description = "`INVALID_PASSWORD`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn verify(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = VerifyPasswordBody::parse(body.as_ref())?;
    let password =
        Password::attempt(body.password, &auth.settings.password).map_err(|_| VerifyPasswordError::WrongPassword)?;
    auth::verify_password(caller.flow(&auth), &found, &password).await?;
    Ok(json_response(&Status { status: true }))
}
