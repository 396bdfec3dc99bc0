//! Keeps `auth.email_changes`: changes of address that the former address can still undo. Until then that address is
//! reserved for its account (MAIL-15).

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::{Email, PasswordHash, TokenHash, UserId},
};

/// Describes a change that took effect, and what the account was before it.
#[derive(Debug)]
pub struct EmailChange {
    pub user_id: UserId,
    pub old_email: Email,
    pub new_email: Email,
    /// Is the password before the change; `None` where the account had none.
    pub password_hash: Option<PasswordHash>,
    pub changed_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    /// Says when the account was deleted over the head of the former address: it is closed since, and removed in the
    /// end.
    pub closed_at: Option<OffsetDateTime>,
}

/// Describes a change that takes effect now.
#[derive(Debug)]
pub struct NewEmailChange<'a> {
    pub user_id: &'a UserId,
    pub old_email: &'a Email,
    pub new_email: &'a Email,
    /// Is the password before the change; `None` where the account had none.
    pub password_hash: Option<PasswordHash>,
    pub expires_at: OffsetDateTime,
}

/// Writes a change that the holder of the token can undo. Its time is the database's and later than those of all changes
/// of the user before it: what undoing one of them ends must not depend on when the request of another began. The user
/// has to be locked.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    token: &TokenHash,
    change: &NewEmailChange<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.email_changes (
            token_hash, user_id, old_email, new_email, password_hash, changed_at, expires_at
        )
        values (
            $1, $2, $3, $4, $5,
            (
                select greatest(clock_timestamp(), max(changed_at) + interval '1 microsecond')
                from auth.email_changes
                where user_id = $2
            ),
            $6
        )
        ",
        token.as_bytes().as_slice(),
        change.user_id.as_str(),
        change.old_email.as_str(),
        change.new_email.as_str(),
        change.password_hash.as_ref().map(PasswordHash::expose),
        change.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds whose change a token would undo, without spending it. A ban is no obstacle: it stays in force.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_user(
    connection: &mut PgConnection,
    token: &TokenHash,
    now: OffsetDateTime,
) -> Result<Option<UserId>, StoreError> {
    let user = sqlx::query_scalar!(
        r#"select user_id as "user_id: UserId" from auth.email_changes where token_hash = $1 and expires_at > $2"#,
        token.as_bytes().as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(user)
}

/// Spends a token: of several requests at once with the same one, one gets the row. It may have expired.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_by_token(
    connection: &mut PgConnection,
    token: &TokenHash,
) -> Result<Option<EmailChange>, StoreError> {
    let row = sqlx::query!(
        r#"
        delete from auth.email_changes where token_hash = $1
        returning
            user_id as "user_id: UserId", old_email as "old_email: Email", new_email as "new_email: Email",
            password_hash as "password_hash: PasswordHash", changed_at as "changed_at: Timestamp",
            expires_at as "expires_at: Timestamp", closed_at as "closed_at: Timestamp"
        "#,
        token.as_bytes().as_slice(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| EmailChange {
        user_id: row.user_id,
        old_email: row.old_email,
        new_email: row.new_email,
        password_hash: row.password_hash,
        changed_at: row.changed_at.into(),
        expires_at: row.expires_at.into(),
        closed_at: row.closed_at.map(Into::into),
    }))
}

/// Deletes the ways to undo what a user changed at this time or later, and returns how many there were.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_since(
    connection: &mut PgConnection,
    user: &UserId,
    changed_at: OffsetDateTime,
) -> Result<u64, StoreError> {
    let result = sqlx::query!(
        "delete from auth.email_changes where user_id = $1 and changed_at >= $2",
        user.as_str(),
        changed_at,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}

/// Does the same for whatever changed since a user left this address, if that can still be undone.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_since_leaving(
    connection: &mut PgConnection,
    user: &UserId,
    email: &Email,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let result = sqlx::query!(
        "
        delete from auth.email_changes
        where user_id = $1
            and changed_at >= (
                select min(changed_at) from auth.email_changes
                where user_id = $1 and old_email = $2 and expires_at > $3
            )
        ",
        user.as_str(),
        email.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}

/// Records that a user's account is closed, or that it is not.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_closed(
    connection: &mut PgConnection,
    user: &UserId,
    closed_at: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    sqlx::query!("update auth.email_changes set closed_at = $2 where user_id = $1", user.as_str(), closed_at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Finds the address that a user left first among those which can still undo that; it has the last word on the account.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_oldest_address(
    connection: &mut PgConnection,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<Option<Email>, StoreError> {
    let email = sqlx::query_scalar!(
        r#"
        select old_email as "old_email: Email" from auth.email_changes
        where user_id = $1 and expires_at > $2
        order by changed_at
        limit 1
        "#,
        user.as_str(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(email)
}

/// Tells whether an address is kept for somebody other than this user. Ask after the statement that takes the address:
/// that one has waited for whoever gave it up, and a statement sees what was committed before it began.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_reserved_for_other(
    connection: &mut PgConnection,
    email: &Email,
    user: &UserId,
) -> Result<bool, StoreError> {
    let is_reserved = sqlx::query_scalar!(
        r#"
        select exists (
            select from auth.email_changes where old_email = $1 and user_id <> $2 and expires_at > now()
        ) as "is_reserved!"
        "#,
        email.as_str(),
        user.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(is_reserved)
}
