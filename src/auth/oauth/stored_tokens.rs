//! Gives out a provider's tokens for its own API, where `store_tokens: true` keeps them: sealed, opened for their user
//! alone, and renewed when they are about to end (OAUTH-10).

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::{
    auth::{
        AccountSelector, Auth, list_accounts,
        oauth::{
            provider::error::{ProviderError, TokenError},
            sealed_tokens::unseal,
            token_refresh::renew,
        },
    },
    store::users::{
        accounts::Account,
        identities::{self, ProviderProfile, SealedTokens},
        token_refreshes,
    },
    types::{Secret, UserId},
};

/// Tokens that end sooner are renewed first.
const RENEWED: Duration = Duration::seconds(5);

/// Holds the token that the provider's API takes.
#[derive(Debug)]
pub struct AccessToken {
    pub account: Account,
    pub access: Secret,
    pub refresh: Option<Secret>,
    pub id: Option<Secret>,
    pub expires_at: Option<OffsetDateTime>,
    pub refresh_expires_at: Option<OffsetDateTime>,
    pub scopes: Vec<String>,
}

/// Describes who somebody is at the provider.
#[derive(Debug)]
pub struct AccountInfo {
    pub account: Account,
    pub profile: ProviderProfile,
    /// Is the profile as the provider tells it; without a token it is `profile` once more.
    pub data: serde_json::Value,
}

/// Returns a token that is good for a few seconds at least.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %user))]
pub async fn access_token(
    auth: &Arc<Auth>,
    which: &AccountSelector,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<AccessToken, TokenError> {
    let (account, stored) = find(auth, which, user).await?;
    if stored.access.is_none() {
        return Err(TokenError::NoToken);
    }
    let ends = stored.access_expires_at.is_some_and(|end| end <= now + RENEWED);
    let newest = if ends && stored.refresh.is_some() { renew(auth, &account, stored, now).await? } else { stored };
    open(auth, account, &newest)
}

/// Asks for a new token, whatever the old one is good for.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %user))]
pub async fn refresh_token(
    auth: &Arc<Auth>,
    which: &AccountSelector,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<AccessToken, TokenError> {
    let (account, stored) = find(auth, which, user).await?;
    let newest = renew(auth, &account, stored, now).await?;
    open(auth, account, &newest)
}

/// Asks the provider. Where no token of it is kept, what it said at the last sign-in is all that is known.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %user))]
pub async fn account_info(
    auth: &Arc<Auth>,
    which: &AccountSelector,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<AccountInfo, TokenError> {
    let token = match access_token(auth, which, user, now).await {
        Err(TokenError::NoToken) => return last_profile(auth, which, user).await,
        token => token?,
    };
    let provider = auth.oauth.provider(&token.account.provider_id).map_err(|_| TokenError::NoProvider)?;
    let (profile, data) = provider
        .current_profile(token.access.expose(), token.id.as_ref().map(Secret::expose))
        .await
        .map_err(|source| TokenError::at(&token.account.provider_id, source))?;
    // Tokens of another identity would be a fault of the provider's.
    if profile.subject != token.account.account_id {
        return Err(TokenError::at(&token.account.provider_id, ProviderError::OtherSubject));
    }
    Ok(AccountInfo { account: token.account, profile: profile.to_provider_profile(), data })
}

async fn last_profile(auth: &Auth, which: &AccountSelector, user: &UserId) -> Result<AccountInfo, TokenError> {
    let (account, _) = find(auth, which, user).await?;
    let told = identities::find_profile(&mut *auth.db.acquire().await?, &account.id).await?;
    let profile = told.ok_or(TokenError::NoToken)?;
    Ok(AccountInfo { data: serde_json::json!(profile), account, profile })
}

async fn find(auth: &Auth, which: &AccountSelector, user: &UserId) -> Result<(Account, SealedTokens), TokenError> {
    let own = list_accounts(auth, user).await?;
    let account = which.find(own).ok_or(TokenError::UnknownAccount)?;
    auth.oauth.provider(&account.provider_id).map_err(|_| TokenError::NoProvider)?;
    let stored = token_refreshes::find(&mut *auth.db.acquire().await?, &account.id).await?;
    let (stored, _) = stored.ok_or(TokenError::UnknownAccount)?;
    Ok((account, stored))
}

fn open(auth: &Auth, account: Account, stored: &SealedTokens) -> Result<AccessToken, TokenError> {
    let plain = |sealed: &Option<Vec<u8>>| sealed.as_deref().and_then(|sealed| unseal(auth, sealed));
    Ok(AccessToken {
        access: plain(&stored.access).ok_or(TokenError::NoToken)?,
        refresh: plain(&stored.refresh),
        id: plain(&stored.id),
        expires_at: stored.access_expires_at,
        refresh_expires_at: stored.refresh_expires_at,
        scopes: stored.scopes.clone(),
        account,
    })
}
