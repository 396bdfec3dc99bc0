//! Keeps the languages that users chose.

use sqlx::PgConnection;

use crate::{
    store::StoreError,
    types::{Email, UserId},
};

/// Finds the code of the language of a user; `None` also where there is no such user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(connection: &mut PgConnection, user: &UserId) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!("select language from auth.users where id = $1", user.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(found.flatten())
}

/// Finds the code of the language of the owner of an address; `None` also where it has none.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_by_email(connection: &mut PgConnection, email: &Email) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!("select language from auth.users where email = $1", email.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(found.flatten())
}

/// Changes the language of a user; `None` forgets it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update(connection: &mut PgConnection, user: &UserId, language: Option<&str>) -> Result<(), StoreError> {
    sqlx::query!("update auth.users set language = $2 where id = $1", user.as_str(), language)
        .execute(connection)
        .await?;
    Ok(())
}
