//! Keeps `auth.usernames`: whose name is which.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::StoreError,
    types::{Email, UserId, Username},
};

/// Tells whether somebody has this name, or one that looks like it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_taken(connection: &mut PgConnection, name: &Username) -> Result<bool, StoreError> {
    let is_taken = sqlx::query_scalar!(
        r#"select exists (select from auth.usernames where likeness = $1 and is_claimed) as "is_taken!""#,
        name.likeness(),
    )
    .fetch_one(connection)
    .await?;
    Ok(is_taken)
}

/// Writes down the name that a user would like to have. It keeps nobody else from it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_wish(
    connection: &mut PgConnection,
    user: &UserId,
    name: &Username,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.usernames (user_id, name, likeness, is_claimed, created_at) values ($1, $2, $3, false, $4)
        ",
        user.as_str(),
        name.as_str(),
        name.likeness(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives a user the name, unless somebody has one that looks like it: then nothing is written and the answer is false.
/// One of several at once gets it, and the transactions of the others stay usable. The user has no name before.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_unless_taken(
    connection: &mut PgConnection,
    user: &UserId,
    name: &Username,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let result = sqlx::query!(
        "
        insert into auth.usernames (user_id, name, likeness, is_claimed, created_at) values ($1, $2, $3, true, $4)
        on conflict (likeness) where is_claimed do nothing
        ",
        user.as_str(),
        name.as_str(),
        name.likeness(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Takes a user's name away, or what they would have liked to have.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_of_user(connection: &mut PgConnection, user: &UserId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.usernames where user_id = $1", user.as_str()).execute(connection).await?;
    Ok(())
}

/// Finds the address of whoever has the name; where nobody has it, of the first who would like to.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_email(connection: &mut PgConnection, name: &Username) -> Result<Option<Email>, StoreError> {
    let email = sqlx::query_scalar!(
        r#"
        select u.email as "email: Email"
        from auth.usernames n
        join auth.users u on u.id = n.user_id
        where n.name = $1
        order by n.is_claimed desc, n.created_at, n.user_id
        limit 1
        "#,
        name.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(email)
}
