//! Keeps the identities at providers in `auth.accounts`: whose they are, what the provider said of them, and its tokens.

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp, users::User},
    types::{AccountId, Email, TokenRefreshId, UserId},
};

/// Holds what a provider said of somebody when they last came from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderProfile {
    pub email: Option<String>,
    pub email_verified: bool,
    pub name: String,
    pub image: Option<String>,
}

/// Holds a provider's tokens as they are stored: sealed by the gateway, or not there.
#[derive(Debug, Clone, Default)]
pub struct SealedTokens {
    pub access: Option<Vec<u8>>,
    pub refresh: Option<Vec<u8>>,
    pub id: Option<Vec<u8>>,
    pub access_expires_at: Option<OffsetDateTime>,
    pub refresh_expires_at: Option<OffsetDateTime>,
    pub scopes: Vec<String>,
}

/// Links an identity, provider and subject, to a user. Its time is the database's, so that what came after a change of
/// address is told from what came before it, whenever the request began.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    id: &AccountId,
    user: &UserId,
    (provider, subject): (&str, &str),
    tokens: &SealedTokens,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.accounts (
            id, user_id, provider_id, account_id, access_token, refresh_token, id_token, access_token_expires_at,
            refresh_token_expires_at, scopes, created_at, updated_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp(), clock_timestamp())
        ",
        id.as_str(),
        user.as_str(),
        provider,
        subject,
        tokens.access.as_deref(),
        tokens.refresh.as_deref(),
        tokens.id.as_deref(),
        tokens.access_expires_at,
        tokens.refresh_expires_at,
        &tokens.scopes,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores what the provider says of its user by now; nothing is written where that is known.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_profile(
    connection: &mut PgConnection,
    id: &AccountId,
    profile: &ProviderProfile,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.accounts set profile = $2 where id = $1 and profile is distinct from $2",
        id.as_str(),
        Json(profile) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds what the provider said last; `None` where nobody has come from there since it is written down.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_profile(
    connection: &mut PgConnection,
    id: &AccountId,
) -> Result<Option<ProviderProfile>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select profile as "profile: Json<ProviderProfile>" from auth.accounts where id = $1"#,
        id.as_str()
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.flatten().map(|Json(profile)| profile))
}

/// Stores a provider's newest tokens; of what it did not send this time the older ones stay. New ones end whatever
/// refresh of the older is under way. Those of a refresh are stored only while it holds its lease; returns whether they
/// were.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_tokens(
    connection: &mut PgConnection,
    id: &AccountId,
    tokens: &SealedTokens,
    refresh_id: Option<&TokenRefreshId>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let result = sqlx::query!(
        "
        update auth.accounts
        set access_token = coalesce($2, access_token),
            refresh_token = coalesce($3, refresh_token),
            id_token = coalesce($4, id_token),
            access_token_expires_at = case when $2::bytea is null then access_token_expires_at else $5 end,
            refresh_token_expires_at = case when $3::bytea is null then refresh_token_expires_at else $6 end,
            scopes = case when cardinality($7::text[]) = 0 then scopes else $7 end,
            renewal_lease = case when $2::bytea is null then renewal_lease end,
            renewal_leased_until = case when $2::bytea is null then renewal_leased_until end,
            renewal_refused = case when $2::bytea is null then renewal_refused end,
            updated_at = $8
        where id = $1 and ($9::text is null or renewal_lease = $9)
        ",
        id.as_str(),
        tokens.access.as_deref(),
        tokens.refresh.as_deref(),
        tokens.id.as_deref(),
        tokens.access_expires_at,
        tokens.refresh_expires_at,
        &tokens.scopes,
        now,
        refresh_id.map(TokenRefreshId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Finds the account of an identity with its user, and whether they are banned now.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_by_subject(
    connection: &mut PgConnection,
    provider: &str,
    subject: &str,
) -> Result<Option<(AccountId, User, bool)>, StoreError> {
    let row = sqlx::query!(
        r#"
        select
            a.id as "account_id: AccountId",
            u.id as "id: UserId",
            u.email as "email: Email",
            u.email_verified,
            u.name,
            u.image,
            u.roles,
            u.additional_fields,
            u.two_factor_enabled,
            u.language,
            u.created_at as "created_at: Timestamp",
            u.updated_at as "updated_at: Timestamp",
            (u.banned_at is not null and (u.ban_expires_at is null or u.ban_expires_at > now())) as "is_banned!"
        from auth.accounts a
        join auth.users u on u.id = a.user_id
        where a.provider_id = $1 and a.account_id = $2
        "#,
        provider,
        subject,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let user = User {
            id: row.id,
            email: row.email,
            email_verified: row.email_verified,
            name: row.name,
            image: row.image,
            roles: row.roles,
            additional_fields: row.additional_fields,
            two_factor_enabled: row.two_factor_enabled,
            language: row.language,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        };
        (row.account_id, user, row.is_banned)
    }))
}

/// Removes the identities at providers of a user that were linked at this time or later, and returns how many there
/// were.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_linked_since(
    connection: &mut PgConnection,
    user: &UserId,
    since: OffsetDateTime,
) -> Result<u64, StoreError> {
    let result = sqlx::query!(
        "delete from auth.accounts where user_id = $1 and provider_id <> 'credential' and created_at >= $2",
        user.as_str(),
        since,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}
