//! Keeps `auth.accounts`: the ways a user signs in.

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp, users::User},
    types::{AccountId, Email, PasswordHash, TokenRefreshId, UserId},
};

/// Describes a way to sign in as its owner sees it: without password and provider tokens.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: AccountId,
    pub user_id: UserId,
    /// Is `credential` for a password.
    pub provider_id: String,
    /// Is the user's id at the provider; for a password it is the user's own id.
    pub account_id: String,
    pub scopes: Vec<String>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

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
pub async fn insert_oauth(
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
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        };
        (row.account_id, user, row.is_banned)
    }))
}

/// Gives a user a password. The account's provider-side id is the user's own (contract §3.1).
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_credential(
    connection: &mut PgConnection,
    id: &AccountId,
    user: &UserId,
    hash: &PasswordHash,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.accounts (id, user_id, provider_id, account_id, password_hash, created_at, updated_at)
        values ($1, $2, 'credential', $2, $3, $4, $4)
        ",
        id.as_str(),
        user.as_str(),
        hash.expose(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds a user's password. A credential account names its own user; any other is not used (contract §3.1).
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_credential(
    connection: &mut PgConnection,
    user: &UserId,
) -> Result<Option<(AccountId, PasswordHash)>, StoreError> {
    let row = sqlx::query!(
        r#"
        select id as "id: AccountId", password_hash as "password_hash!: PasswordHash"
        from auth.accounts
        where user_id = $1 and provider_id = 'credential' and account_id = $1
        "#,
        user.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id, row.password_hash)))
}

/// Gives a user a password or replaces the one there is; `id` is for a new account.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn upsert_credential(
    connection: &mut PgConnection,
    id: &AccountId,
    user: &UserId,
    hash: &PasswordHash,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.accounts (id, user_id, provider_id, account_id, password_hash, created_at, updated_at)
        values ($1, $2, 'credential', $2, $3, $4, $4)
        on conflict on constraint accounts_provider_id_account_id_key
            do update set password_hash = excluded.password_hash, updated_at = excluded.updated_at
            where accounts.user_id = excluded.user_id
        ",
        id.as_str(),
        user.as_str(),
        hash.expose(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the account, locked against change until the transaction ends, if its password is still the one that was
/// verified. `None`: it was changed or removed meanwhile, and what was verified proves nothing any more.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_unchanged_for_share(
    connection: &mut PgConnection,
    id: &AccountId,
    verified: &PasswordHash,
) -> Result<Option<AccountId>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select id as "id: AccountId" from auth.accounts where id = $1 and password_hash = $2 for share"#,
        id.as_str(),
        verified.expose(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// Replaces one hash of a password by another of the same password. False when it was changed meanwhile.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_password_hash(
    connection: &mut PgConnection,
    id: &AccountId,
    old: &PasswordHash,
    new: &PasswordHash,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let result = sqlx::query!(
        "update auth.accounts set password_hash = $3, updated_at = $4 where id = $1 and password_hash = $2",
        id.as_str(),
        old.expose(),
        new.expose(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Lists the ways to sign in of a user, oldest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_of_user(connection: &mut PgConnection, user: &UserId) -> Result<Vec<Account>, StoreError> {
    let accounts = sqlx::query_as!(
        Account,
        r#"
        select
            id as "id: AccountId", user_id as "user_id: UserId", provider_id, account_id, scopes,
            created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
        from auth.accounts
        where user_id = $1
        order by created_at, id
        "#,
        user.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(accounts)
}

/// Removes one way to sign in.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, id: &AccountId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.accounts where id = $1", id.as_str()).execute(connection).await?;
    Ok(())
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

/// Removes the password of a user, if there is one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_credential(connection: &mut PgConnection, user: &UserId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.accounts where user_id = $1 and provider_id = 'credential'", user.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes all ways to sign in of a user, waiting for sign-ins that are under way, and returns how many there were.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_of_user(connection: &mut PgConnection, user: &UserId) -> Result<u64, StoreError> {
    let result =
        sqlx::query!("delete from auth.accounts where user_id = $1", user.as_str()).execute(connection).await?;
    Ok(result.rows_affected())
}

/// Removes the ways to sign in that nobody is known to have put there who may, but the one to keep, and returns how
/// many there were. Sign-ins that are under way are waited for.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_unproved(
    connection: &mut PgConnection,
    user: &UserId,
    keep: Option<&AccountId>,
) -> Result<u64, StoreError> {
    let result = sqlx::query!(
        "delete from auth.accounts where user_id = $1 and not address_proved and id is distinct from $2",
        user.as_str(),
        keep.map(AccountId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}

/// Records that the password came from an operator, or from whoever receives mail at the user's address.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_credential_proved(connection: &mut PgConnection, user: &UserId) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.accounts set address_proved = true where user_id = $1 and provider_id = 'credential'",
        user.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Tells whether the account is still there. It stays until the transaction ends.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_there_for_share(connection: &mut PgConnection, id: &AccountId) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!("select id from auth.accounts where id = $1 for share", id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Tells whether a user has any way to sign in.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn has_any(connection: &mut PgConnection, user: &UserId) -> Result<bool, StoreError> {
    let has_any = sqlx::query_scalar!(
        r#"select exists (select from auth.accounts where user_id = $1) as "has_any!""#,
        user.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(has_any)
}

/// Tells whether the user's password came from an operator, or from whoever receives mail at the user's address.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn has_proved_credential(connection: &mut PgConnection, user: &UserId) -> Result<bool, StoreError> {
    let has_one = sqlx::query_scalar!(
        r#"
        select exists (
            select from auth.accounts where user_id = $1 and provider_id = 'credential' and address_proved
        ) as "has_one!"
        "#,
        user.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(has_one)
}
