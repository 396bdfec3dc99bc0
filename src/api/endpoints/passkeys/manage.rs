//! Serves passkeys to their owner: `GET /passkey/list-user-passkeys`, `POST /passkey/update-passkey` and
//! `POST /passkey/delete-passkey`.

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
            fields::{Fields, passkey_name},
            signed_in::{ProvedLately, SignedIn},
        },
        respond::{
            json::{Status, json_response},
            passkey_view::PasskeyView,
        },
    },
    auth::{self, Auth, ManagePasskeyError},
    types::PasskeyId,
};

/// List one's passkeys
#[utoipa::path(get, path = "/passkey/list-user-passkeys", tag = "Passkeys",
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The passkeys, oldest first", body = Vec<PasskeyView<'_>>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn list(State(auth): State<Arc<Auth>>, SignedIn { found, .. }: SignedIn) -> Result<Response, Problem> {
    let own = auth::list_passkeys(&auth, &found.user.id).await?;
    Ok(json_response(&own.iter().map(PasskeyView::from).collect::<Vec<_>>()))
}

/// Is the body of `POST /passkey/delete-passkey`.
#[derive(ToSchema)]
pub(crate) struct DeletePasskeyBody<'a> {
    /// Is the id out of the list.
    id: &'a str,
}

impl<'a> DeletePasskeyBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { id: fields.string("id") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Remove a passkey, but not the last way to sign in
///
/// Needs a session opened or proved within the last ten minutes. Its owner is told by mail.
#[utoipa::path(post, path = "/passkey/delete-passkey", tag = "Passkeys", request_body = DeletePasskeyBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "It is gone", body = Status),
        (status = 400, description = "`FAILED_TO_DELETE_LAST_PASSKEY`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`SESSION_NOT_FRESH`, or not from a trusted origin", body = ProblemBody<'_>),
        (status = 404, description = "`PASSKEY_NOT_FOUND`: it is not there, or not one's own", body = ProblemBody<'_>),
    ))]
pub(crate) async fn delete(
    State(auth): State<Arc<Auth>>,
    ProvedLately(SignedIn { caller, found, .. }): ProvedLately,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = DeletePasskeyBody::parse(body.as_ref())?;
    auth::remove_passkey(caller.flow(&auth), &found, &passkey_id(body.id)?).await?;
    Ok(json_response(&Status { status: true }))
}

/// Is the body of `POST /passkey/update-passkey`.
#[derive(ToSchema)]
pub(crate) struct UpdatePasskeyBody<'a> {
    /// Is the id out of the list.
    id: &'a str,
    #[schema(min_length = 1, max_length = 64)]
    name: &'a str,
}

impl<'a> UpdatePasskeyBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { id: fields.string("id"), name: passkey_name(&mut fields, true).unwrap_or_default() };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Shows a passkey under its new name.
#[derive(Serialize, ToSchema)]
#[schema(as = UpdatedPasskey)]
struct Updated<'a> {
    passkey: PasskeyView<'a>,
}

/// Rename a passkey
#[utoipa::path(post, path = "/passkey/update-passkey", tag = "Passkeys", request_body = UpdatePasskeyBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Renamed", body = Updated<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 404, description = "`PASSKEY_NOT_FOUND`: it is not there, or not one's own", body = ProblemBody<'_>),
    ))]
pub(crate) async fn update(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = UpdatePasskeyBody::parse(body.as_ref())?;
    let renamed = auth::rename_passkey(caller.flow(&auth), &found, &passkey_id(body.id)?, body.name).await?;
    Ok(json_response(&Updated { passkey: PasskeyView::from(&renamed) }))
}

/// Parses an id; what is none names no passkey.
fn passkey_id(text: &str) -> Result<PasskeyId, Problem> {
    text.parse().map_err(|_| ManagePasskeyError::UnknownPasskey.into())
}
