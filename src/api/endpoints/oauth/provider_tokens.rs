//! Serves a provider's tokens and its responses, for the user they are of: `POST /get-access-token`,
//! `POST /refresh-token`, `GET /account-info`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};

use crate::{
    api::{
        Problem,
        endpoints::oauth::linked_identities::AccountSelectorBody,
        error::{oauth::ProviderRequest, problem::ProblemBody},
        extract::{
            body::{JsonBody, pairs},
            fields::Fields,
            signed_in::SignedIn,
        },
        respond::{
            json::json_response,
            provider_views::{AccessTokenView, AccountInfoView, RefreshedTokenView},
        },
    },
    auth::{Auth, oauth},
};

/// Get a provider's access token, renewed where it is about to end
#[utoipa::path(post, path = "/get-access-token", tag = "Accounts", request_body = AccountSelectorBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Only with `store_tokens: true`", body = AccessTokenView<'_>),
        (status = 400, description = "`ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_SUPPORTED`, `FAILED_TO_GET_ACCESS_TOKEN`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, or not from a trusted origin",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn get(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let which = AccountSelectorBody::parse(Fields::from_body(body.as_ref())?)?.selector();
    let token = oauth::access_token(&auth, &which, &found.user.id, caller.now).await;
    Ok(json_response(&AccessTokenView::from(
        &token.map_err(|error| Problem::from_token_error(error, ProviderRequest::Token))?,
    )))
}

/// Get a new access token
#[utoipa::path(post, path = "/refresh-token", tag = "Accounts", request_body = AccountSelectorBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Only with `store_tokens: true`", body = RefreshedTokenView<'_>),
        (status = 400, description = "`ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_SUPPORTED`, `REFRESH_TOKEN_NOT_FOUND`, \
            `FAILED_TO_REFRESH_ACCESS_TOKEN`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, or not from a trusted origin",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn refresh(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let which = AccountSelectorBody::parse(Fields::from_body(body.as_ref())?)?.selector();
    let token = oauth::refresh_token(&auth, &which, &found.user.id, caller.now).await;
    Ok(json_response(&RefreshedTokenView::from(
        &token.map_err(|error| Problem::from_token_error(error, ProviderRequest::Refresh))?,
    )))
}

/// Tell who one is at a provider
///
/// Asked of the provider where `store_tokens: true` keeps a token for that; otherwise what it said at the last sign-in.
#[utoipa::path(get, path = "/account-info", tag = "Accounts", security(("cookie" = []), ("bearer" = [])),
    params(("accountId" = Option<String>, Query), ("providerId" = Option<String>, Query)),
    responses(
        (status = 200, description = "As the provider tells it", body = AccountInfoView<'_>),
        (status = 400, description = "`ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_CONFIGURED`, `ACCESS_TOKEN_NOT_FOUND`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`, `FAILED_TO_GET_USER_INFO`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn info(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let which = AccountSelectorBody::parse(Fields::from_query(&query)?)?.selector();
    let info = oauth::account_info(&auth, &which, &found.user.id, caller.now).await;
    Ok(json_response(&AccountInfoView::from(
        &info.map_err(|error| Problem::from_token_error(error, ProviderRequest::Profile))?,
    )))
}
