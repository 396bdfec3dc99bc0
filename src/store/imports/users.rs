//! Writes imported users, and finds who is in their way.

use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::PgConnection;
use time::{OffsetDateTime, serde::rfc3339};

use crate::store::{StoreError, imports::rows};

/// Is a user as the table takes it.
#[derive(Debug, Clone, Serialize)]
pub struct NewUser {
    pub id: String,
    pub email: String,
    pub email_verified: bool,
    pub name: String,
    pub image: Option<String>,
    pub roles: Vec<String>,
    #[serde(with = "rfc3339::option")]
    pub banned_at: Option<OffsetDateTime>,
    pub ban_reason: Option<String>,
    #[serde(with = "rfc3339::option")]
    pub ban_expires_at: Option<OffsetDateTime>,
    pub additional_fields: Map<String, Value>,
    pub language: Option<String>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Describes somebody who is here and has the id or the address of somebody who is to come.
#[derive(Debug, Clone)]
pub struct Present {
    pub id: String,
    pub email: String,
    pub email_verified: bool,
}

/// Is a name to sign in with.
#[derive(Debug, Clone, Serialize)]
pub struct NewUsername {
    pub user_id: String,
    pub name: String,
    pub likeness: String,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Finds who is here with one of the ids or addresses.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_present(
    connection: &mut PgConnection,
    ids: &[String],
    emails: &[String],
) -> Result<Vec<Present>, StoreError> {
    let present = sqlx::query_as!(
        Present,
        r#"
        select id as "id!", email as "email!", email_verified as "email_verified!"
        from auth.users
        where id = any($1)
        union
        select id, email, email_verified from auth.users where email = any($2)
        "#,
        ids,
        emails,
    )
    .fetch_all(connection)
    .await?;
    Ok(present)
}

/// Finds the addresses among them that are kept for somebody who can undo having left them.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_reserved(connection: &mut PgConnection, emails: &[String]) -> Result<Vec<String>, StoreError> {
    let reserved = sqlx::query_scalar!(
        "select old_email from auth.email_changes where old_email = any($1) and expires_at > now()",
        emails,
    )
    .fetch_all(connection)
    .await?;
    Ok(reserved)
}

/// Adds users, and returns the ids of those that nobody was in the way of.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, users: &[NewUser]) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.users (
            id, email, email_verified, name, image, roles, banned_at, ban_reason, ban_expires_at, additional_fields,
            language, created_at, updated_at
        )
        select
            id, email, email_verified, name, image, roles, banned_at, ban_reason, ban_expires_at, additional_fields,
            language, created_at, updated_at
        from jsonb_to_recordset($1) r (
            id text, email text, email_verified boolean, name text, image text, roles text[], banned_at timestamptz,
            ban_reason text, ban_expires_at timestamptz, additional_fields jsonb, language text,
            created_at timestamptz, updated_at timestamptz
        )
        on conflict do nothing
        returning id
        ",
        rows(users) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}

/// Brings users that were imported earlier up to date, where the origin changed them since and nobody did here. Where
/// somebody has the new address, or can still go back to it, the old one stays as it was. Returns the ids of those that
/// changed, with whether the address stayed.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_unchanged(
    connection: &mut PgConnection,
    origin: &str,
    users: &[NewUser],
) -> Result<Vec<(String, bool)>, StoreError> {
    let updated = sqlx::query!(
        r#"
        with r as (
            select
                r.*,
                (select u.email from auth.users u where u.id = r.id) <> r.email as is_new_address,
                exists (select from auth.users taken where taken.email = r.email and taken.id <> r.id)
                    or exists (
                        select from auth.email_changes c
                        where c.old_email = r.email and c.user_id <> r.id and c.expires_at > now()
                    ) as is_taken
            from jsonb_to_recordset($2) r (
                id text, email text, email_verified boolean, name text, image text, roles text[],
                banned_at timestamptz, ban_reason text, ban_expires_at timestamptz, additional_fields jsonb,
                updated_at timestamptz
            )
        ), updated as (
            update auth.users u
            set email = case when r.is_taken then u.email else r.email end,
                email_verified = case when r.is_taken then u.email_verified else r.email_verified end,
                name = r.name, image = r.image, roles = r.roles, banned_at = r.banned_at, ban_reason = r.ban_reason,
                ban_expires_at = r.ban_expires_at, additional_fields = u.additional_fields || r.additional_fields,
                updated_at = r.updated_at
            from r
            join auth.imported_ids i on i.local_id = r.id and i.origin = $1 and i.kind = 'user'
            where u.id = r.id and u.updated_at = i.left_at and u.updated_at < r.updated_at
            returning u.id, u.updated_at, r.is_taken, r.is_new_address and not r.is_taken as has_moved
        ), ended as (
            -- A mail to the old address proves nothing of the new one.
            delete from auth.verifications v using updated where v.user_id = updated.id and updated.has_moved
        ), kept as (
            update auth.imported_ids i set left_at = updated.updated_at
            from updated
            where i.local_id = updated.id and i.origin = $1 and i.kind = 'user'
        )
        select id, is_taken as "is_taken!" from updated
        "#,
        origin,
        rows(users) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(updated.into_iter().map(|row| (row.id, row.is_taken)).collect())
}

/// Shows users the names that they sign in with, among their additional fields.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_username_fields(
    connection: &mut PgConnection,
    ids: &[String],
    fields: &[Value],
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.users u set additional_fields = u.additional_fields || r.fields
        from unnest($1::text[], $2::jsonb[]) r (id, fields)
        where u.id = r.id
        ",
        ids,
        fields,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns those of the likenesses that a name of somebody here has.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_likenesses(connection: &mut PgConnection, likenesses: &[String]) -> Result<Vec<String>, StoreError> {
    let taken = sqlx::query_scalar!("select likeness from auth.usernames where likeness = any($1)", likenesses)
        .fetch_all(connection)
        .await?;
    Ok(taken)
}

/// Gives users their names to sign in with, and returns the ids of those whose name nobody else has.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_usernames(connection: &mut PgConnection, names: &[NewUsername]) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.usernames (user_id, name, likeness, is_claimed, created_at)
        select user_id, name, likeness, true, created_at
        from jsonb_to_recordset($1) r (user_id text, name text, likeness text, created_at timestamptz)
        on conflict do nothing
        returning user_id
        ",
        rows(names) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}
