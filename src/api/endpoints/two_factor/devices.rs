//! Serves the browsers that are spared the second factor, to their owner: `GET /two-factor/list-trusted-devices` and
//! `POST /two-factor/revoke-trusted-device`.

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
            json::{Status, json_response},
            views::TrustedDeviceView,
        },
    },
    auth::{Auth, list_trusted_devices, revoke_trusted_device},
};

/// List the browsers that are spared the second factor
#[utoipa::path(get, path = "/two-factor/list-trusted-devices", tag = "Two-factor",
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The browsers, newest first", body = Vec<TrustedDeviceView>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`SESSION_NOT_FRESH`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    FreshlySignedIn(SignedIn { caller, found, .. }): FreshlySignedIn,
) -> Result<Response, Problem> {
    let listed = list_trusted_devices(caller.flow(&auth), &found).await?;
    Ok(json_response(&listed.iter().map(TrustedDeviceView::from).collect::<Vec<_>>()))
}

/// Is the body of `POST /two-factor/revoke-trusted-device`.
#[derive(ToSchema)]
pub(crate) struct TrustedDeviceBody<'a> {
    /// Is the id out of the list.
    id: &'a str,
}

impl<'a> TrustedDeviceBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { id: fields.string("id") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// End the trust in one browser
///
/// Its sessions go on; the next sign-in there takes a second factor.
#[utoipa::path(post, path = "/two-factor/revoke-trusted-device", tag = "Two-factor",
    request_body = TrustedDeviceBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Ended, or there was none", body = Status),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn revoke(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = TrustedDeviceBody::parse(body.as_ref())?;
    if let Ok(id) = body.id.parse() {
        revoke_trusted_device(caller.flow(&auth), &found, &id).await?;
    }
    Ok(json_response(&Status { status: true }))
}
