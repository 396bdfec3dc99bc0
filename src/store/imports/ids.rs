//! Keeps `auth.imported_ids`: which object here is which object of an origin.

use serde::Serialize;
use sqlx::PgConnection;
use time::{OffsetDateTime, serde::rfc3339};

use crate::store::{StoreError, Timestamp, imports::rows};

/// Says who somebody, or something, of an origin is here.
#[derive(Debug, Clone, Serialize)]
pub struct ImportedId {
    pub source_id: String,
    pub local_id: String,
    /// The object was here before, and belongs to this installation rather than to the origin.
    pub is_merged: bool,
    /// Is `updated_at` of a user as the import leaves it.
    #[serde(with = "rfc3339::option")]
    pub left_at: Option<OffsetDateTime>,
}

/// Describes an object that was imported.
#[derive(Debug, Clone)]
pub struct KnownId {
    pub source_id: String,
    pub local_id: String,
    pub is_merged: bool,
    /// The object is still here; otherwise it was deleted since.
    pub is_here: bool,
    /// Is when the import began that brought it.
    pub brought_at: Option<OffsetDateTime>,
    /// It is not as an import left it: it was here before, or somebody changed it here since.
    pub is_changed: bool,
}

/// Describes a user who was imported earlier.
#[derive(Debug, Clone)]
pub struct KnownUser {
    pub source_id: String,
    pub local_id: String,
    pub is_merged: bool,
    /// Is when the import began that read the user last.
    pub read_at: Option<OffsetDateTime>,
    /// Is the user as they are now; `None` if they were deleted here since.
    pub here: Option<UserHere>,
}

/// Describes an imported user as they are now.
#[derive(Debug, Clone)]
pub struct UserHere {
    pub email: String,
    pub email_verified: bool,
    pub created_at: OffsetDateTime,
    /// Is the time of the origin's last change when the last import read it.
    pub left_at: Option<OffsetDateTime>,
    /// The user was changed here since the last import.
    pub is_changed: bool,
}

/// Finds the users among them that were imported.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_users(
    connection: &mut PgConnection,
    origin: &str,
    source_ids: &[String],
) -> Result<Vec<KnownId>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            i.source_id, i.local_id, i.is_merged, u.id is not null as "is_here!",
            i.brought_at as "brought_at: Timestamp", u.updated_at is distinct from i.left_at as "is_changed!"
        from auth.imported_ids i
        left join auth.users u on u.id = i.local_id
        where i.origin = $1 and i.kind = 'user' and i.source_id = any($2)
        "#,
        origin,
        source_ids,
    )
    .fetch_all(connection)
    .await?;
    let known = rows.into_iter().map(|row| KnownId {
        source_id: row.source_id,
        local_id: row.local_id,
        is_merged: row.is_merged,
        is_here: row.is_here,
        brought_at: row.brought_at.map(Into::into),
        is_changed: row.is_changed,
    });
    Ok(known.collect())
}

/// Finds the same users as they are now.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_known_users(
    connection: &mut PgConnection,
    origin: &str,
    source_ids: &[String],
) -> Result<Vec<KnownUser>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            i.source_id, i.local_id, i.is_merged, i.read_at as "read_at: Timestamp", u.email as "email?",
            u.email_verified as "email_verified?", u.created_at as "created_at?: Timestamp",
            i.left_at as "left_at: Timestamp", u.updated_at is distinct from i.left_at as "is_changed!"
        from auth.imported_ids i
        left join auth.users u on u.id = i.local_id
        where i.origin = $1 and i.kind = 'user' and i.source_id = any($2)
        "#,
        origin,
        source_ids,
    )
    .fetch_all(connection)
    .await?;
    let known = rows.into_iter().map(|row| KnownUser {
        source_id: row.source_id,
        local_id: row.local_id,
        is_merged: row.is_merged,
        read_at: row.read_at.map(Into::into),
        here: match (row.email, row.email_verified, row.created_at) {
            (Some(email), Some(email_verified), Some(created_at)) => {
                let left_at = row.left_at.map(Into::into);
                let (created_at, is_changed) = (created_at.into(), row.is_changed);
                Some(UserHere { email, email_verified, created_at, left_at, is_changed })
            }
            _ => None,
        },
    });
    Ok(known.collect())
}

/// Finds the organizations among them that were imported.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_organizations(
    connection: &mut PgConnection,
    origin: &str,
    source_ids: &[String],
) -> Result<Vec<KnownId>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            i.source_id, i.local_id, i.is_merged, o.id is not null as "is_here!",
            i.brought_at as "brought_at: Timestamp"
        from auth.imported_ids i
        left join auth.organizations o on o.id = i.local_id
        where i.origin = $1 and i.kind = 'organization' and i.source_id = any($2)
        "#,
        origin,
        source_ids,
    )
    .fetch_all(connection)
    .await?;
    let known = rows.into_iter().map(|row| KnownId {
        source_id: row.source_id,
        local_id: row.local_id,
        is_merged: row.is_merged,
        is_here: row.is_here,
        brought_at: row.brought_at.map(Into::into),
        is_changed: false,
    });
    Ok(known.collect())
}

/// Returns those of the ids that an import gave to somebody or something, who may have been deleted since: nobody else
/// gets these.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_given(connection: &mut PgConnection, local_ids: &[String]) -> Result<Vec<String>, StoreError> {
    let given = sqlx::query_scalar!("select local_id from auth.imported_ids where local_id = any($1)", local_ids)
        .fetch_all(connection)
        .await?;
    Ok(given)
}

/// Returns those of the users that came from the origin, or were joined with somebody there.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_users_of_origin(
    connection: &mut PgConnection,
    origin: &str,
    local_ids: &[String],
) -> Result<Vec<String>, StoreError> {
    let own = sqlx::query_scalar!(
        "select local_id from auth.imported_ids where kind = 'user' and origin = $1 and local_id = any($2)",
        origin,
        local_ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(own)
}

/// Writes down which import read users last.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_read(
    connection: &mut PgConnection,
    origin: &str,
    source_ids: &[String],
    read_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.imported_ids set read_at = $3
        where origin = $1 and kind = 'user' and source_id = any($2)
        ",
        origin,
        source_ids,
        read_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets that users of the origin are anybody here.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_users(
    connection: &mut PgConnection,
    origin: &str,
    source_ids: &[String],
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from auth.imported_ids where origin = $1 and kind = 'user' and source_id = any($2)",
        origin,
        source_ids,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down who is who, and which import brought them. `kind` is `user` or `organization`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    origin: &str,
    kind: &str,
    ids: &[ImportedId],
    brought_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.imported_ids (origin, kind, source_id, local_id, is_merged, brought_at, read_at, left_at)
        select $1, $2, r.source_id, r.local_id, r.is_merged, $4, $4, r.left_at
        from jsonb_to_recordset($3) r (source_id text, local_id text, is_merged boolean, left_at timestamptz)
        on conflict on constraint imported_ids_pkey do nothing
        ",
        origin,
        kind,
        rows(ids) as _,
        brought_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
