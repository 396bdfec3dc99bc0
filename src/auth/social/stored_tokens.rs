//! A provider's tokens for its own API, where `store_tokens: true` keeps them: sealed, opened for their user alone, and
//! renewed when they are about to end (OAUTH-10).

use time::{Duration, OffsetDateTime};

use crate::{
    auth::{Auth, WhichAccount, list_accounts},
    store::{
        StoreError,
        accounts::{self, Account, SealedTokens},
    },
    types::{Secret, UserId},
};

use super::{ProviderError, link_rules::sealed, profile::Profile, provider::Provider};

/// Tokens that end sooner are renewed first.
const RENEWED: Duration = Duration::seconds(5);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Or it is somebody else's.
    #[error("the user has no such account")]
    UnknownAccount,
    /// A password, or a provider that is not configured any more.
    #[error("the account is of no configured provider")]
    NoProvider,
    #[error("no token is stored")]
    NoToken,
    #[error("no refresh token is stored")]
    NoRefreshToken,
    #[error("at the provider {provider}")]
    Provider { provider: String, source: ProviderError },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the provider's API takes.
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

/// Who somebody is at the provider by now.
#[derive(Debug)]
pub struct AccountInfo {
    pub account: Account,
    pub email: Option<String>,
    pub email_verified: bool,
    pub name: String,
    pub image: Option<String>,
    /// As the provider tells it.
    pub data: serde_json::Value,
}

/// A token that is good for a few seconds at least.
pub async fn access_token(
    auth: &Auth,
    which: &WhichAccount,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<AccessToken, TokenError> {
    let (provider, account, stored) = find(auth, which, user).await?;
    if stored.access.is_none() {
        return Err(TokenError::NoToken);
    }
    let ends = stored.access_expires_at.is_some_and(|end| end <= now + RENEWED);
    if ends && stored.refresh.is_some() {
        return renew(auth, provider, account, &stored, now).await;
    }
    open(auth, account, &stored)
}

/// A new token, whatever the old one is good for.
pub async fn refresh_token(
    auth: &Auth,
    which: &WhichAccount,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<AccessToken, TokenError> {
    let (provider, account, stored) = find(auth, which, user).await?;
    renew(auth, provider, account, &stored, now).await
}

/// Asks the provider.
pub async fn account_info(
    auth: &Auth,
    which: &WhichAccount,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<AccountInfo, TokenError> {
    let token = access_token(auth, which, user, now).await?;
    let provider = auth.social.provider(&token.account.provider_id).map_err(|_| TokenError::NoProvider)?;
    let (profile, data) = provider
        .current_profile(token.access.expose(), token.id.as_ref().map(Secret::expose))
        .await
        .map_err(at(provider))?;
    // Tokens of another identity would be a fault of the provider's.
    if profile.subject != token.account.account_id {
        return Err(at(provider)(ProviderError::OtherSubject));
    }
    let Profile { email, email_verified, name, image, .. } = profile;
    let email = email.map(|email| email.as_str().to_owned());
    Ok(AccountInfo { account: token.account, email, email_verified, name, image, data })
}

async fn find<'a>(
    auth: &'a Auth,
    which: &WhichAccount,
    user: &UserId,
) -> Result<(&'a Provider, Account, SealedTokens), TokenError> {
    let own = list_accounts(auth, user).await?;
    let account = own.into_iter().find(|account| which.is(account)).ok_or(TokenError::UnknownAccount)?;
    let provider = auth.social.provider(&account.provider_id).map_err(|_| TokenError::NoProvider)?;
    let stored = accounts::find_tokens(&mut *auth.db.acquire().await?, &account.id).await?;
    Ok((provider, account, stored.ok_or(TokenError::UnknownAccount)?))
}

/// No connection is held while the provider is asked.
async fn renew(
    auth: &Auth,
    provider: &Provider,
    account: Account,
    stored: &SealedTokens,
    now: OffsetDateTime,
) -> Result<AccessToken, TokenError> {
    let refresh =
        stored.refresh.as_deref().and_then(|sealed| unseal(auth, sealed)).ok_or(TokenError::NoRefreshToken)?;
    let tokens = provider.refresh(refresh.expose(), now).await.map_err(at(provider))?;
    let mut connection = auth.db.acquire().await?;
    accounts::update_tokens(&mut connection, &account.id, &sealed(auth, provider, &tokens, now), now).await?;
    Ok(AccessToken {
        access: tokens.access.ok_or(TokenError::NoToken)?,
        // Some providers give a new one each time, and take the old one back.
        refresh: Some(tokens.refresh.unwrap_or(refresh)),
        id: tokens.id.or_else(|| stored.id.as_deref().and_then(|sealed| unseal(auth, sealed))),
        expires_at: tokens.expires_in.and_then(|lifetime| now.checked_add(lifetime)),
        refresh_expires_at: stored.refresh_expires_at,
        scopes: account.scopes.clone(),
        account,
    })
}

fn at(provider: &Provider) -> impl FnOnce(ProviderError) -> TokenError {
    |source| TokenError::Provider { provider: provider.settings.id.clone(), source }
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

/// `None` where the secret that sealed it is not configured any more: then it is as if nothing were stored.
fn unseal(auth: &Auth, sealed: &[u8]) -> Option<Secret> {
    let plain = auth.social.tokens.open(sealed).ok()?;
    std::str::from_utf8(&plain).ok().map(|text| Secret::new(text.to_owned()))
}
