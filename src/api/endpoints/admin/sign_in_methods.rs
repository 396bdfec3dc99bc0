//! Serves how a user signs in to administrators: `GET /admin/list-user-sign-in-methods`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            administrator::{Administrating, user_ref},
            body::pairs,
            fields::Fields,
        },
        respond::{json::json_response, views::wire_time},
    },
    auth::{
        Account, Auth,
        admin::{self, Factor, Passkey, Permission},
    },
    types::{AccountId, PasskeyId},
};

/// Shows how a user signs in.
#[derive(Serialize, ToSchema)]
#[schema(as = UserSignInMethods)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    /// Lists the password (`credential`) and linked identities.
    accounts: Vec<AccountView<'a>>,
    passkeys: Vec<PasskeyView<'a>>,
    #[schema(required)]
    two_factor: Option<TwoFactorView>,
    /// Counts the backup codes that are left.
    backup_codes: i64,
    /// Counts the browsers that are spared the second factor.
    trusted_browsers: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UserSignInAccount)]
#[serde(rename_all = "camelCase")]
struct AccountView<'a> {
    #[schema(value_type = String)]
    id: &'a AccountId,
    provider_id: &'a str,
    account_id: &'a str,
    #[schema(format = DateTime)]
    created_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UserSignInPasskey)]
#[serde(rename_all = "camelCase")]
struct PasskeyView<'a> {
    #[schema(value_type = String)]
    id: &'a PasskeyId,
    #[schema(required)]
    name: Option<&'a str>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime, required)]
    last_used_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UserSignInTwoFactor)]
#[serde(rename_all = "camelCase")]
struct TwoFactorView {
    /// Is `totp` for an authenticator app, `email` for mailed codes.
    kind: &'static str,
    /// Is `null` where no code was proved yet: nobody is asked for one.
    #[schema(format = DateTime, required)]
    enabled_at: Option<String>,
}

impl<'a> From<&'a Account> for AccountView<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            id: &account.id,
            provider_id: &account.provider_id,
            account_id: &account.account_id,
            created_at: wire_time(account.created_at),
        }
    }
}

impl<'a> From<&'a Passkey> for PasskeyView<'a> {
    fn from(passkey: &'a Passkey) -> Self {
        Self {
            id: &passkey.id,
            name: passkey.name.as_deref(),
            created_at: wire_time(passkey.created_at),
            last_used_at: passkey.last_used_at.map(wire_time),
        }
    }
}

impl From<&Factor> for TwoFactorView {
    fn from(factor: &Factor) -> Self {
        Self { kind: if factor.is_totp { "totp" } else { "email" }, enabled_at: factor.enabled_at.map(wire_time) }
    }
}

/// List how a user signs in
///
/// Password, linked identities, passkeys and second factor, without any secret.
#[utoipa::path(get, path = "/admin/list-user-sign-in-methods", tag = "Administration",
    params(("id" = String, Query, description = "The user's id")),
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The ways", body = Body<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_GET_USER`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserGet)?;
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let user = user_ref(&mut fields, "id");
    fields.finish()?;
    let now = administrating.signed_in.caller.now;
    let methods = admin::view_sign_in_methods(&administrating.administration, &user?, now).await?;
    let factors = &methods.factors;
    Ok(json_response(&Body {
        accounts: methods.accounts.iter().map(AccountView::from).collect(),
        passkeys: factors.passkeys.iter().map(PasskeyView::from).collect(),
        two_factor: factors.second.as_ref().map(TwoFactorView::from),
        backup_codes: factors.backup_codes,
        trusted_browsers: factors.trusted_browsers.len(),
    }))
}
