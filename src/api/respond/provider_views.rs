//! Shows as JSON what a provider knows of somebody, and its tokens.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::respond::views::wire_time,
    auth::oauth::{AccessToken, AccountInfo},
    types::{AccountId, Secret},
};

/// Shows a provider's access token.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderToken)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessTokenView<'a> {
    access_token: &'a str,
    #[schema(format = DateTime, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_expires_at: Option<String>,
    scopes: &'a [String],
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
}

impl<'a> From<&'a AccessToken> for AccessTokenView<'a> {
    fn from(token: &'a AccessToken) -> Self {
        Self {
            access_token: token.access.expose(),
            access_token_expires_at: token.expires_at.map(wire_time),
            scopes: &token.scopes,
            id_token: token.id.as_ref().map(Secret::expose),
        }
    }
}

/// Shows a provider's tokens, just renewed.
#[derive(Serialize, ToSchema)]
#[schema(as = RefreshedProviderToken)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshedTokenView<'a> {
    access_token: &'a str,
    #[schema(required)]
    refresh_token: Option<&'a str>,
    #[schema(format = DateTime, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_expires_at: Option<String>,
    #[schema(format = DateTime, required)]
    refresh_token_expires_at: Option<String>,
    /// Lists the scopes, separated by commas.
    scope: String,
    #[schema(required)]
    id_token: Option<&'a str>,
    provider_id: &'a str,
    /// Is the `id` of the account in the list.
    #[schema(value_type = String)]
    account_id: &'a AccountId,
}

impl<'a> From<&'a AccessToken> for RefreshedTokenView<'a> {
    fn from(token: &'a AccessToken) -> Self {
        Self {
            access_token: token.access.expose(),
            refresh_token: token.refresh.as_ref().map(Secret::expose),
            access_token_expires_at: token.expires_at.map(wire_time),
            refresh_token_expires_at: token.refresh_expires_at.map(wire_time),
            scope: token.scopes.join(","),
            id_token: token.id.as_ref().map(Secret::expose),
            provider_id: &token.account.provider_id,
            account_id: &token.account.id,
        }
    }
}

/// Shows who somebody is at a provider.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountInfo)]
pub(crate) struct AccountInfoView<'a> {
    user: ProviderUserView<'a>,
    /// Is the profile as the provider tells it.
    data: &'a serde_json::Value,
    account: ProviderAccountView<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ProviderUser)]
#[serde(rename_all = "camelCase")]
struct ProviderUserView<'a> {
    id: &'a str,
    name: &'a str,
    #[schema(required)]
    email: Option<&'a str>,
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    email_verified: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ProviderAccount)]
#[serde(rename_all = "camelCase")]
struct ProviderAccountView<'a> {
    #[schema(value_type = String)]
    id: &'a AccountId,
    provider_id: &'a str,
    account_id: &'a str,
}

impl<'a> From<&'a AccountInfo> for AccountInfoView<'a> {
    fn from(info: &'a AccountInfo) -> Self {
        let AccountInfo { account, profile, data } = info;
        Self {
            user: ProviderUserView {
                id: &account.account_id,
                name: &profile.name,
                email: profile.email.as_deref(),
                image: profile.image.as_deref(),
                email_verified: profile.email_verified,
            },
            data,
            account: ProviderAccountView {
                id: &account.id,
                provider_id: &account.provider_id,
                account_id: &account.account_id,
            },
        }
    }
}
