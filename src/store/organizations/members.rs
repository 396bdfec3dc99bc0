//! Keeps `auth.organization_members`: who is in which organization, and what they may do there.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp, organizations::read_roles},
    types::{Email, MemberId, OrganizationId, OrganizationRoles, UserId},
};

/// Describes a user in an organization.
#[derive(Debug, Clone)]
pub struct Member {
    pub id: MemberId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    pub roles: OrganizationRoles,
    pub created_at: OffsetDateTime,
}

impl Member {
    /// Describes a user who comes into an organization now.
    #[must_use]
    pub fn new(
        organization: &OrganizationId,
        user: &UserId,
        roles: &OrganizationRoles,
        created_at: OffsetDateTime,
    ) -> Self {
        Self {
            id: MemberId::generate(),
            organization_id: organization.clone(),
            user_id: user.clone(),
            roles: roles.clone(),
            created_at,
        }
    }
}

/// Describes a member with what the others see of the user.
#[derive(Debug, Clone)]
pub struct MemberUser {
    pub member: Member,
    pub name: String,
    pub email: Email,
    pub image: Option<String>,
}

/// Tells which members to list, and in which order.
#[derive(Debug, Clone)]
pub struct MemberQuery {
    pub limit: i64,
    pub offset: i64,
    pub sort_by: MemberField,
    pub descending: bool,
    pub filter: Option<MemberFilter>,
}

/// Names what members are sorted and chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberField {
    Id,
    UserId,
    Role,
    CreatedAt,
}

impl MemberField {
    fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::UserId => "userId",
            Self::Role => "role",
            Self::CreatedAt => "createdAt",
        }
    }
}

/// Chooses members by one of their fields.
#[derive(Debug, Clone)]
pub struct MemberFilter {
    pub field: MemberField,
    pub operator: MemberOperator,
    pub value: String,
}

/// Tells how a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberOperator {
    Equal,
    NotEqual,
    Contains,
}

impl MemberOperator {
    fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "contains",
        }
    }
}

struct Row {
    id: MemberId,
    organization_id: OrganizationId,
    user_id: UserId,
    roles: Vec<String>,
    created_at: Timestamp,
}

impl TryFrom<Row> for Member {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            organization_id: row.organization_id,
            user_id: row.user_id,
            roles: read_roles(row.roles)?,
            created_at: row.created_at.into(),
        })
    }
}

/// Adds a member. A user who is one already is a conflict.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, member: &Member) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.organization_members (id, organization_id, user_id, roles, created_at)
        values ($1, $2, $3, $4, $5)
        ",
        member.id.as_str(),
        member.organization_id.as_str(),
        member.user_id.as_str(),
        &member.roles.names() as &[&str],
        member.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds a user in an organization.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Option<Member>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        select
            id as "id: MemberId", organization_id as "organization_id: OrganizationId", user_id as "user_id: UserId", roles,
            created_at as "created_at: Timestamp"
        from auth.organization_members
        where user_id = $1 and organization_id = $2
        "#,
        user.as_str(),
        organization.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(Member::try_from).transpose()
}

/// Finds a member of the organization by the id of the membership, or by the user's id or address.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_named(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    (id, user, email): (Option<&MemberId>, Option<&UserId>, Option<&Email>),
) -> Result<Option<MemberUser>, StoreError> {
    let row = sqlx::query!(
        r#"
        select
            m.id as "id: MemberId", m.organization_id as "organization_id: OrganizationId", m.user_id as "user_id: UserId",
            m.roles, m.created_at as "created_at: Timestamp", u.name, u.email as "email: Email", u.image
        from auth.organization_members m
        join auth.users u on u.id = m.user_id
        where m.organization_id = $1 and (m.id = $2 or u.id = $3 or u.email = $4)
        "#,
        organization.as_str(),
        id.map(MemberId::as_str),
        user.map(UserId::as_str),
        email.map(Email::as_str),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(MemberUser {
            member: Member {
                id: row.id,
                organization_id: row.organization_id,
                user_id: row.user_id,
                roles: read_roles(row.roles)?,
                created_at: row.created_at.into(),
            },
            name: row.name,
            email: row.email,
            image: row.image,
        })
    })
    .transpose()
}

/// Lists members of an organization as the query says.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    query: &MemberQuery,
) -> Result<Vec<MemberUser>, StoreError> {
    let filter = query.filter.as_ref();
    let rows = sqlx::query!(
        r#"
        select
            m.id as "id!: MemberId", m.organization_id as "organization_id!: OrganizationId",
            m.user_id as "user_id!: UserId", m.roles as "roles!", m.created_at as "created_at!: Timestamp",
            u.name, u.email as "email: Email", u.image
        from (
            select
                *,
                case $4
                    when 'id' then id
                    when 'userId' then user_id
                    when 'role' then array_to_string(roles, ',')
                    else to_char(created_at at time zone 'utc', 'YYYYMMDDHH24MISSUS')
                end as sort_key,
                case $6 when 'id' then id when 'userId' then user_id else array_to_string(roles, ',') end as value
            from auth.organization_members
            where organization_id = $1
        ) m
        join auth.users u on u.id = m.user_id
        where $7::text is null
            or ($7 = 'eq' and m.value = $8) or ($7 = 'ne' and m.value <> $8)
            or ($7 = 'contains' and position($8 in m.value) > 0)
        order by case when not $5 then m.sort_key end, case when $5 then m.sort_key end desc, m.id
        limit $2 offset $3
        "#,
        organization.as_str(),
        query.limit,
        query.offset,
        query.sort_by.as_str(),
        query.descending,
        filter.map(|filter| filter.field.as_str()),
        filter.map(|filter| filter.operator.as_str()),
        filter.map(|filter| filter.value.as_str()),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(MemberUser {
                member: Member {
                    id: row.id,
                    organization_id: row.organization_id,
                    user_id: row.user_id,
                    roles: read_roles(row.roles)?,
                    created_at: row.created_at.into(),
                },
                name: row.name,
                email: row.email,
                image: row.image,
            })
        })
        .collect()
}

/// Counts the members that the query is about, whatever part of them it lists.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    filter: Option<&MemberFilter>,
) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (
            select case $2 when 'id' then id when 'userId' then user_id else array_to_string(roles, ',') end as value
            from auth.organization_members
            where organization_id = $1
        ) m
        where $3::text is null
            or ($3 = 'eq' and m.value = $4) or ($3 = 'ne' and m.value <> $4)
            or ($3 = 'contains' and position($4 in m.value) > 0)
        "#,
        organization.as_str(),
        filter.map(|filter| filter.field.as_str()),
        filter.map(|filter| filter.operator.as_str()),
        filter.map(|filter| filter.value.as_str()),
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// Counts the owners of an organization beside this member, without those whose account is closed and waits to be
/// deleted.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count_other_owners(connection: &mut PgConnection, member: &Member) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from auth.organization_members m
        join auth.users u on u.id = m.user_id
        where m.organization_id = $1 and m.user_id <> $2 and 'owner' = any(m.roles)
            and not exists (select from auth.email_changes c where c.user_id = u.id and c.closed_at = u.banned_at)
        "#,
        member.organization_id.as_str(),
        member.user_id.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// Counts the organizations that a user owns.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count_owned(connection: &mut PgConnection, user: &UserId) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"
        select count(*) as "count!" from auth.organization_members where user_id = $1 and 'owner' = any(roles)
        "#,
        user.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// Locks the organizations that a user owns, in the order of their ids, so that of two owners who go at once the second
/// finds the first gone.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_owned_locked(
    connection: &mut PgConnection,
    user: &UserId,
) -> Result<Vec<(OrganizationId, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select o.id as "id: OrganizationId", o.slug
        from auth.organizations o
        where o.id in (
            select organization_id from auth.organization_members where user_id = $1 and 'owner' = any(roles)
        )
        order by o.id
        for update
        "#,
        user.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.slug)).collect())
}

/// Changes what a member may do, and returns the member as they are now.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_roles(
    connection: &mut PgConnection,
    id: &MemberId,
    roles: &OrganizationRoles,
) -> Result<Option<Member>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        update auth.organization_members set roles = $2 where id = $1
        returning
            id as "id: MemberId", organization_id as "organization_id: OrganizationId", user_id as "user_id: UserId", roles,
            created_at as "created_at: Timestamp"
        "#,
        id.as_str(),
        &roles.names() as &[&str],
    )
    .fetch_optional(connection)
    .await?;
    row.map(Member::try_from).transpose()
}

/// Removes a member.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, id: &MemberId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.organization_members where id = $1", id.as_str()).execute(connection).await?;
    Ok(())
}
