//! `auth.accounts`: the ways a user signs in.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::types::{AccountId, PasswordHash, UserId};

use super::StoreError;

/// A way to sign in as its owner sees it: without password and provider tokens.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: AccountId,
    pub user_id: UserId,
    /// `credential` for a password.
    pub provider_id: String,
    /// At the provider; the user's own id for a password.
    pub account_id: String,
    pub scopes: Vec<String>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// Gives a user a password. The account's provider-side id is the user's own (contract §3.1).
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

/// A user's password. A credential account names its own user; any other is not used (contract §3.1).
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

/// The account, locked against change until the transaction ends, if its password is still the one that was verified.
/// `None`: it was changed or removed meanwhile, and what was verified proves nothing any more.
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

/// The ways in which a user can sign in, oldest first.
pub async fn list_of_user(connection: &mut PgConnection, user: &UserId) -> Result<Vec<Account>, StoreError> {
    let accounts = sqlx::query_as!(
        Account,
        r#"
        select
            id as "id: AccountId", user_id as "user_id: UserId", provider_id, account_id, scopes, created_at, updated_at
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

/// Takes one way to sign in away.
pub async fn delete(connection: &mut PgConnection, id: &AccountId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.accounts where id = $1", id.as_str()).execute(connection).await?;
    Ok(())
}

/// Takes all ways to sign in from a user, waiting for sign-ins that are under way; how many there were.
pub async fn delete_of_user(connection: &mut PgConnection, user: &UserId) -> Result<u64, StoreError> {
    let result =
        sqlx::query!("delete from auth.accounts where user_id = $1", user.as_str()).execute(connection).await?;
    Ok(result.rows_affected())
}
