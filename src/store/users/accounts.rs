//! Keeps `auth.accounts`: the ways a user signs in. What is of passwords only is in `credentials`, what is of providers
//! in `identities`.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::{AccountId, UserId},
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
