//! Lets one refresh of an account's tokens run at a time, on all replicas (OAUTH-14): a provider that sees a refresh
//! token twice takes everything back. The refresh holds a lease in the account's row. An advisory lock would hold a
//! connection of its own while the provider is asked, and is none behind a pooler; a lock of the row would need an open
//! transaction. A lease ends by itself, so a replica that dies blocks nobody for long.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    auth::{
        Auth,
        oauth::{
            provider::{
                error::{ProviderError, TokenError},
                http_client::HttpError,
            },
            sealed_tokens::{sealed, unseal},
        },
    },
    store::{
        StoreError,
        users::{
            accounts::Account,
            identities::{self, SealedTokens},
            token_refreshes::{self, TokenRefresh},
        },
    },
    tasks::backoff,
    types::{Secret, TokenRefreshId},
};

/// A refresh ends within this time, one way or the other.
const LEASE: Duration = Duration::seconds(10);
/// The provider answers within this time, well within the lease.
const MAX_TOKEN_REFRESH: std::time::Duration = std::time::Duration::from_secs(8);
/// Others wait for this long, which is enough to take over an abandoned lease.
const MAX_WAIT: std::time::Duration = std::time::Duration::from_secs(11);
/// This much time passes between two looks at the row.
const POLL_INTERVAL: std::time::Duration = std::time::Duration::from_millis(100);
/// This much time passes before the second attempt to store what the provider gave.
const FIRST_WAIT: std::time::Duration = std::time::Duration::from_millis(50);
/// This much time passes between two later ones, at most.
const MAX_RETRY_WAIT: std::time::Duration = std::time::Duration::from_secs(1);

/// Returns newer tokens than those that were seen: the provider's answer to this request, or to another that asks
/// meanwhile.
pub(crate) async fn renew(
    auth: &Arc<Auth>,
    account: &Account,
    seen: SealedTokens,
    now: OffsetDateTime,
) -> Result<SealedTokens, TokenError> {
    let refresh = seen.refresh.as_deref().and_then(|sealed| unseal(auth, sealed)).ok_or(TokenError::NoRefreshToken)?;
    let deadline = Instant::now() + MAX_WAIT;
    loop {
        let refresh_id = TokenRefreshId::generate();
        let leased_until = Instant::now() + LEASE.unsigned_abs();
        if token_refreshes::take(&mut *auth.db.acquire().await?, &account.id, &refresh_id, &seen, LEASE).await? {
            let lease = Lease { refresh_id, until: leased_until };
            let asking = ask_provider(Arc::clone(auth), account.clone(), refresh.clone(), lease, now);
            // This runs in a task of its own, which goes on when the client goes: what the provider gives now, it gives once.
            let lost = |_| Err(unanswered(account, HttpError::Elsewhere));
            return auth.oauth.refreshes.spawn(asking).await.unwrap_or_else(lost);
        }
        if let Some(newer) = wait_for_other(auth, account, &seen, deadline).await? {
            return Ok(newer);
        }
    }
}

/// Describes a lease that was taken.
struct Lease {
    refresh_id: TokenRefreshId,
    /// Others may take the lease at this time, by the clock of this process: not later than by the database's.
    until: Instant,
}

/// Asks under the lease. No connection is held meanwhile.
async fn ask_provider(
    auth: Arc<Auth>,
    account: Account,
    refresh: Secret,
    lease: Lease,
    now: OffsetDateTime,
) -> Result<SealedTokens, TokenError> {
    let provider = auth.oauth.provider(&account.provider_id).map_err(|_| TokenError::NoProvider)?;
    let late = |_| Err(ProviderError::unavailable("token endpoint")(HttpError::Busy));
    let answer = timeout(MAX_TOKEN_REFRESH, provider.refresh(refresh.expose(), now)).await.unwrap_or_else(late);
    let tokens = match answer {
        Ok(tokens) => tokens,
        Err(error) => {
            let is_refused = matches!(error, ProviderError::Refused(_));
            let mut connection = auth.db.acquire().await?;
            token_refreshes::update_failed(&mut connection, &account.id, &lease.refresh_id, is_refused).await?;
            return Err(TokenError::at(&account.provider_id, error));
        }
    };
    let tokens = sealed(&auth, provider, &tokens, now);
    let stored = store_tokens(&auth, &account, &tokens, &lease, now).await?;
    stored.ok_or(TokenError::UnknownAccount)
}

/// Stores what the provider gave; what is stored then. The provider takes the old refresh token no more, so a database
/// that is not there for a moment is asked again as long as the lease lasts. Storing twice does no harm: the first time
/// ends the lease.
async fn store_tokens(
    auth: &Auth,
    account: &Account,
    tokens: &SealedTokens,
    lease: &Lease,
    now: OffsetDateTime,
) -> Result<Option<SealedTokens>, StoreError> {
    let store = || async {
        let mut connection = auth.db.acquire().await?;
        // The stored tokens are newer where somebody has signed in meanwhile, or the lease was lost.
        identities::update_tokens(&mut connection, &account.id, tokens, Some(&lease.refresh_id), now).await?;
        let stored = token_refreshes::find(&mut connection, &account.id).await?;
        Ok(stored.map(|(tokens, _)| tokens))
    };
    let mut attempts = 0;
    loop {
        attempts += 1;
        let error = match store().await {
            Ok(stored) => return Ok(stored),
            Err(error) => error,
        };
        let wait = backoff::exponential(FIRST_WAIT, MAX_RETRY_WAIT, attempts, backoff::random());
        if Instant::now() + wait >= lease.until {
            tracing::error!(error = &error as &dyn std::error::Error, attempts, "renewed tokens could not be stored");
            return Err(error);
        }
        tracing::warn!(error = &error as &dyn std::error::Error, "renewed tokens are not stored yet");
        sleep(wait).await;
    }
}

/// Waits for whoever holds the lease. `None` where the lease may be taken by now.
async fn wait_for_other(
    auth: &Auth,
    account: &Account,
    seen: &SealedTokens,
    deadline: Instant,
) -> Result<Option<SealedTokens>, TokenError> {
    while Instant::now() < deadline {
        let stored = token_refreshes::find(&mut *auth.db.acquire().await?, &account.id).await?;
        let (stored, refresh) = stored.ok_or(TokenError::UnknownAccount)?;
        if (&stored.access, &stored.refresh) != (&seen.access, &seen.refresh) {
            return Ok(Some(stored));
        }
        match refresh {
            TokenRefresh::None | TokenRefresh::Abandoned => return Ok(None),
            TokenRefresh::UnderWay => sleep(POLL_INTERVAL).await,
            // This is the same answer as to the request that asked.
            TokenRefresh::Refused => {
                let error = ProviderError::Refused("another request's renewal".to_owned());
                return Err(TokenError::at(&account.provider_id, error));
            }
            TokenRefresh::Failed => return Err(unanswered(account, HttpError::Elsewhere)),
        }
    }
    Err(unanswered(account, HttpError::Busy))
}

fn unanswered(account: &Account, error: HttpError) -> TokenError {
    TokenError::at(&account.provider_id, ProviderError::unavailable("token endpoint")(error))
}
