//! Gives leases on accounts whose provider's tokens are being refreshed. A lease is taken and given back in one
//! statement each, so no transaction is open while the provider is asked, and nothing is left behind by a replica that
//! dies.

use sqlx::{PgConnection, postgres::types::PgInterval};
use time::Duration;

use crate::{
    store::{StoreError, Timestamp, users::identities::SealedTokens},
    types::{AccountId, TokenRefreshId},
};

/// Describes how the last refresh since the stored tokens came stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRefresh {
    None,
    UnderWay,
    /// Its holder did not finish in time.
    Abandoned,
    /// The provider refused the refresh token.
    Refused,
    /// The provider could not be asked.
    Failed,
}

/// Takes the lease. False where somebody else holds it, or the tokens are not those that were seen any more.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn take(
    connection: &mut PgConnection,
    account: &AccountId,
    refresh_id: &TokenRefreshId,
    seen: &SealedTokens,
    lasts: Duration,
) -> Result<bool, StoreError> {
    let lasts = PgInterval { months: 0, days: 0, microseconds: lasts.whole_seconds().saturating_mul(1_000_000) };
    let result = sqlx::query!(
        "
        update auth.accounts
        set renewal_lease = $2, renewal_leased_until = now() + $3, renewal_refused = null
        where id = $1
            and access_token is not distinct from $4
            and refresh_token is not distinct from $5
            and (renewal_lease is null or renewal_refused is not null or renewal_leased_until <= now())
        ",
        account.as_str(),
        refresh_id.as_str(),
        lasts,
        seen.access.as_deref(),
        seen.refresh.as_deref(),
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Records how the refresh failed, for those who wait for it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_failed(
    connection: &mut PgConnection,
    account: &AccountId,
    refresh_id: &TokenRefreshId,
    is_refused: bool,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.accounts set renewal_refused = $3 where id = $1 and renewal_lease = $2",
        account.as_str(),
        refresh_id.as_str(),
        is_refused,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the stored tokens, and how their refresh stands.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(
    connection: &mut PgConnection,
    account: &AccountId,
) -> Result<Option<(SealedTokens, TokenRefresh)>, StoreError> {
    let row = sqlx::query!(
        r#"
        select
            access_token, refresh_token, id_token, scopes,
            access_token_expires_at as "access_token_expires_at: Timestamp",
            refresh_token_expires_at as "refresh_token_expires_at: Timestamp",
            renewal_lease is not null as "is_leased!", renewal_refused,
            coalesce(renewal_leased_until <= now(), true) as "is_over!"
        from auth.accounts
        where id = $1
        "#,
        account.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let refresh = match (row.is_leased, row.renewal_refused) {
            (false, _) => TokenRefresh::None,
            (true, Some(true)) => TokenRefresh::Refused,
            (true, Some(false)) => TokenRefresh::Failed,
            (true, None) if row.is_over => TokenRefresh::Abandoned,
            (true, None) => TokenRefresh::UnderWay,
        };
        let tokens = SealedTokens {
            access: row.access_token,
            refresh: row.refresh_token,
            id: row.id_token,
            access_expires_at: row.access_token_expires_at.map(Into::into),
            refresh_expires_at: row.refresh_token_expires_at.map(Into::into),
            scopes: row.scopes,
        };
        (tokens, refresh)
    }))
}
