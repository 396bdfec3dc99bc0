//! Keeps `auth.imported_ids`: which object here is which object of an origin.

use serde::Serialize;
use sqlx::PgConnection;

use crate::store::{StoreError, imports::rows};

/// Says who somebody, or something, of an origin is here.
#[derive(Debug, Clone, Serialize)]
pub struct ImportedId {
    pub source_id: String,
    pub local_id: String,
    /// The object was here before, and belongs to this installation rather than to the origin.
    pub is_merged: bool,
}

/// Describes an object that was imported earlier.
#[derive(Debug, Clone)]
pub struct KnownId {
    pub source_id: String,
    pub local_id: String,
    pub is_merged: bool,
    /// The object is still here; otherwise it was deleted since.
    pub is_here: bool,
}

/// Finds the users among them that were imported earlier.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_users(
    connection: &mut PgConnection,
    origin: &str,
    source_ids: &[String],
) -> Result<Vec<KnownId>, StoreError> {
    let known = sqlx::query_as!(
        KnownId,
        r#"
        select i.source_id, i.local_id, i.is_merged, u.id is not null as "is_here!"
        from auth.imported_ids i
        left join auth.users u on u.id = i.local_id
        where i.origin = $1 and i.kind = 'user' and i.source_id = any($2)
        "#,
        origin,
        source_ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(known)
}

/// Finds the organizations among them that were imported earlier.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_organizations(
    connection: &mut PgConnection,
    origin: &str,
    source_ids: &[String],
) -> Result<Vec<KnownId>, StoreError> {
    let known = sqlx::query_as!(
        KnownId,
        r#"
        select i.source_id, i.local_id, i.is_merged, o.id is not null as "is_here!"
        from auth.imported_ids i
        left join auth.organizations o on o.id = i.local_id
        where i.origin = $1 and i.kind = 'organization' and i.source_id = any($2)
        "#,
        origin,
        source_ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(known)
}

/// Writes down who is who. `kind` is `user` or `organization`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    origin: &str,
    kind: &str,
    ids: &[ImportedId],
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.imported_ids (origin, kind, source_id, local_id, is_merged)
        select $1, $2, r.source_id, r.local_id, r.is_merged
        from jsonb_to_recordset($3) r (source_id text, local_id text, is_merged boolean)
        on conflict on constraint imported_ids_pkey do nothing
        ",
        origin,
        kind,
        rows(ids) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}
