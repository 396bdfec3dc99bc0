//! Serves the ways in which one can sign in: `GET /list-accounts`, `POST /unlink-account`.

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
            signed_in::{ProvedLately, SignedIn},
        },
        respond::{
            json::{Status, json_response},
            views::AccountView,
        },
    },
    auth::{self, AccountSelector, Auth},
};

/// Says which account is meant.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct AccountSelectorBody<'a> {
    /// This is the `id` of an account in the list; beside `providerId`, the `accountId` in it.
    #[schema(nullable = false)]
    account_id: Option<&'a str>,
    /// Older clients name the account in this way.
    #[schema(nullable = false)]
    provider_id: Option<&'a str>,
}

impl<'a> AccountSelectorBody<'a> {
    /// Parses the fields of a body, or those of a query that are called alike.
    pub(crate) fn parse(mut fields: Fields<'a>) -> Result<Self, Problem> {
        let provider_id = fields.optional_string("providerId");
        let account_id = match provider_id {
            Some(_) => fields.optional_string("accountId"),
            None => Some(fields.string("accountId")),
        };
        fields.finish()?;
        Ok(Self { account_id, provider_id })
    }

    /// Returns which account is meant, in either of the two forms (contract §13).
    pub(crate) fn selector(&self) -> AccountSelector {
        let account_id = self.account_id.map(str::to_owned);
        match self.provider_id {
            Some(provider_id) => AccountSelector::Provider { provider_id: provider_id.to_owned(), account_id },
            // It is there: a body with neither of the two is not parsed.
            None => AccountSelector::Id(account_id.unwrap_or_default()),
        }
    }
}

// The body of `POST /unlink-account` has a name of its own in the document. A doc comment here would put what is inlined
// one level deeper, into an `allOf`.
#[derive(ToSchema)]
pub(crate) struct UnlinkAccountBody<'a>(#[schema(inline)] AccountSelectorBody<'a>);

impl<'a> UnlinkAccountBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        AccountSelectorBody::parse(Fields::from_body(body)?).map(Self)
    }
}

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
#[utoipa::path(post, path = "/unlink-account", tag = "Accounts", request_body = UnlinkAccountBody<'_>,
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
    let UnlinkAccountBody(which) = UnlinkAccountBody::parse(body.as_ref())?;
    auth::unlink_account(caller.flow(&auth), &which.selector(), &found).await?;
    Ok(json_response(&Status { status: true }))
}
