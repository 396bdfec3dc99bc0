//! Keeps `auth.organizations`, and which of them a session works in. Whoever changes one, or who is in it, has locked it.

pub mod invitations;
pub mod members;
pub mod teams;

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::{ActiveOrganization, OrganizationId, OrganizationRoles, SessionId, UserId},
};

/// Describes an organization as its members see it.
#[derive(Debug, Clone)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    pub slug: String,
    pub logo: Option<String>,
    /// Is an object that clients made; the gateway does not look into it.
    pub metadata: Option<Value>,
    pub created_at: OffsetDateTime,
}

/// Tells how somebody names an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganizationRef {
    Id(OrganizationId),
    Slug(String),
}

impl OrganizationRef {
    fn columns(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Id(id) => (Some(id.as_str()), None),
            Self::Slug(slug) => (None, Some(slug)),
        }
    }
}

/// Holds what is to change of an organization; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct OrganizationChanges {
    pub name: Option<String>,
    pub slug: Option<String>,
    /// `Some(None)` takes it away.
    pub logo: Option<Option<String>>,
    pub metadata: Option<Value>,
}

/// Describes an organization in a list for operators.
#[derive(Debug, Clone)]
pub struct ListedOrganization {
    pub organization: Organization,
    pub members: i64,
}

struct Row {
    id: OrganizationId,
    name: String,
    slug: String,
    logo: Option<String>,
    metadata: Option<Value>,
    created_at: Timestamp,
}

impl From<Row> for Organization {
    fn from(row: Row) -> Self {
        let Row { id, name, slug, logo, metadata, created_at } = row;
        Self { id, name, slug, logo, metadata, created_at: created_at.into() }
    }
}

/// Writes an organization. A slug that another one has is a conflict.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, organization: &Organization) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.organizations (id, name, slug, logo, metadata, created_at) values ($1, $2, $3, $4, $5, $6)
        ",
        organization.id.as_str(),
        organization.name,
        organization.slug,
        organization.logo,
        organization.metadata,
        organization.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds an organization.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(
    connection: &mut PgConnection,
    organization: &OrganizationRef,
) -> Result<Option<Organization>, StoreError> {
    let (id, slug) = organization.columns();
    let row = sqlx::query_as!(
        Row,
        r#"
        select id as "id: OrganizationId", name, slug, logo, metadata, created_at as "created_at: Timestamp"
        from auth.organizations
        where id = $1 or slug = $2
        "#,
        id,
        slug,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Organization::from))
}

/// Finds an organization and locks it until the transaction ends: whoever changes it or its members waits.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_locked(
    connection: &mut PgConnection,
    id: &OrganizationId,
) -> Result<Option<Organization>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        select id as "id: OrganizationId", name, slug, logo, metadata, created_at as "created_at: Timestamp"
        from auth.organizations
        where id = $1
        for update
        "#,
        id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Organization::from))
}

/// Tells whether an organization has the slug.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_slug_taken(connection: &mut PgConnection, slug: &str) -> Result<bool, StoreError> {
    let is_taken =
        sqlx::query_scalar!(r#"select exists (select from auth.organizations where slug = $1) as "is_taken!""#, slug,)
            .fetch_one(connection)
            .await?;
    Ok(is_taken)
}

/// Lists the organizations that a user is a member of, oldest membership first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_of_user(connection: &mut PgConnection, user: &UserId) -> Result<Vec<Organization>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select o.id as "id: OrganizationId", o.name, o.slug, o.logo, o.metadata, o.created_at as "created_at: Timestamp"
        from auth.organization_members m
        join auth.organizations o on o.id = m.organization_id
        where m.user_id = $1
        order by m.created_at, m.id
        "#,
        user.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Organization::from).collect())
}

/// Lists organizations in the order of their ids, with how many members each has.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list(
    connection: &mut PgConnection,
    after: Option<&OrganizationId>,
    search: Option<&str>,
    limit: i64,
) -> Result<Vec<ListedOrganization>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            o.id as "id: OrganizationId", o.name, o.slug, o.logo, o.metadata, o.created_at as "created_at: Timestamp",
            (select count(*) from auth.organization_members m where m.organization_id = o.id) as "members!"
        from auth.organizations o
        where ($1::text is null or o.id > $1)
            and ($2::text is null or position(lower($2) in o.slug) > 0 or position(lower($2) in lower(o.name)) > 0)
        order by o.id
        limit $3
        "#,
        after.map(OrganizationId::as_str),
        search,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ListedOrganization {
            organization: Organization {
                id: row.id,
                name: row.name,
                slug: row.slug,
                logo: row.logo,
                metadata: row.metadata,
                created_at: row.created_at.into(),
            },
            members: row.members,
        })
        .collect())
}

/// Changes an organization, and returns it as it is now. A slug that another one has is a conflict.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update(
    connection: &mut PgConnection,
    id: &OrganizationId,
    changes: &OrganizationChanges,
) -> Result<Option<Organization>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        update auth.organizations
        set name = coalesce($2, name), slug = coalesce($3, slug), logo = case when $4 then $5 else logo end,
            metadata = coalesce($6, metadata)
        where id = $1
        returning id as "id: OrganizationId", name, slug, logo, metadata, created_at as "created_at: Timestamp"
        "#,
        id.as_str(),
        changes.name,
        changes.slug,
        changes.logo.is_some(),
        changes.logo.as_ref().and_then(Option::as_deref),
        changes.metadata,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Organization::from))
}

/// Deletes an organization with its members and invitations. No session works in it from then on.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, id: &OrganizationId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.organizations where id = $1", id.as_str()).execute(connection).await?;
    Ok(())
}

/// Lets a session work in an organization, or in none, and in no team of another one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_active(
    connection: &mut PgConnection,
    session: &SessionId,
    organization: Option<&OrganizationId>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.sessions
        set active_organization_id = $2,
            active_team_id = case when active_organization_id is not distinct from $2 then active_team_id end
        where id = $1
        ",
        session.as_str(),
        organization.map(OrganizationId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets no session of a user work in an organization any more. The user has to be locked.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_left(
    connection: &mut PgConnection,
    user: &UserId,
    organization: &OrganizationId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.sessions set active_organization_id = null, active_team_id = null
        where user_id = $1 and active_organization_id = $2
        ",
        user.as_str(),
        organization.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads the organization that a session works in out of its columns.
pub(crate) fn active_organization(
    id: Option<OrganizationId>,
    slug: Option<String>,
    roles: Option<Vec<String>>,
) -> Result<Option<ActiveOrganization>, StoreError> {
    let (Some(id), Some(slug), Some(roles)) = (id, slug, roles) else { return Ok(None) };
    Ok(Some(ActiveOrganization { id, slug, roles: read_roles(roles)? }))
}

/// Reads the roles of a row.
pub(super) fn read_roles(names: Vec<String>) -> Result<OrganizationRoles, StoreError> {
    OrganizationRoles::try_from(names)
        .map_err(|error| StoreError::Statement(sqlx::Error::Decode(format!("roles: {error}").into())))
}
