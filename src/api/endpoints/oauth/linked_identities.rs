//! Serves the ways in which one can sign in: `GET /list-accounts`, `POST /unlink-account`.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            fields::Fields,
            signed_in::{ProvedLately, SignedIn},
        },
        openapi::bodies::UnlinkAccountBody,
        respond::{
            json::{Status, json_response},
            views::AccountView,
        },
    },
    auth::{self, AccountSelector, Auth},
};

/// List how one can sign in: with a password, and through whom
#[utoipa::path(get, path = "/list-accounts", tag = "Accounts", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "Oldest first", body = Vec<AccountView<'_>>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>)))]
pub(crate) async fn list(State(auth): State<Arc<Auth>>, SignedIn { found, .. }: SignedIn) -> Result<Response, Problem> {
    let own = auth::list_accounts(&auth, &found.user.id).await?;
    Ok(json_response(&own.iter().map(AccountView::from).collect::<Vec<_>>()))
}

/// Take one of these ways away, but not the last one
///
/// Needs a session opened or proved within the last ten minutes.
#[utoipa::path(post, path = "/unlink-account", tag = "Accounts", request_body = UnlinkAccountBody,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "It is gone", body = Status),
        (status = 400, description = "`FAILED_TO_UNLINK_LAST_ACCOUNT`, `ACCOUNT_NOT_FOUND`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`SESSION_NOT_FRESH`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn unlink(
    State(auth): State<Arc<Auth>>,
    ProvedLately(SignedIn { caller, found, .. }): ProvedLately,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let which = account_selector(Fields::from_body(body.as_ref())?)?;
    auth::unlink_account(caller.flow(&auth), &which, &found).await?;
    Ok(json_response(&Status { status: true }))
}

/// Reads which account is meant, in either of the two forms (contract §13).
pub(crate) fn account_selector(mut fields: Fields<'_>) -> Result<AccountSelector, Problem> {
    let selector = match fields.optional_string("providerId") {
        Some(provider_id) => AccountSelector::Provider {
            provider_id: provider_id.to_owned(),
            account_id: fields.optional_string("accountId").map(str::to_owned),
        },
        None => AccountSelector::Id(fields.string("accountId").to_owned()),
    };
    fields.finish()?;
    Ok(selector)
}
