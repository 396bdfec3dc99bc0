//! Keeps the passwords in `auth.accounts`, of which a user has one at most.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::StoreError,
    types::{AccountId, PasswordHash, UserId},
};

/// Gives a user a password. The account's provider-side id is the user's own (contract §3.1).
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
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
pub async fn find(
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
pub async fn upsert(
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
pub async fn update_hash(
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

/// Removes the password of a user, if there is one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, user: &UserId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.accounts where user_id = $1 and provider_id = 'credential'", user.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Records that the password came from an operator, or from whoever receives mail at the user's address.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_proved(connection: &mut PgConnection, user: &UserId) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.accounts set address_proved = true where user_id = $1 and provider_id = 'credential'",
        user.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Tells whether the user's password came from an operator, or from whoever receives mail at the user's address.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_proved(connection: &mut PgConnection, user: &UserId) -> Result<bool, StoreError> {
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
