//! Keeps `auth.organization_teams` and who is in them. Whoever changes a team, or who is in it, has locked its organization.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::{OrganizationId, SessionId, TeamId, TeamMemberId, UserId},
};

/// Describes a team of an organization.
#[derive(Debug, Clone)]
pub struct Team {
    pub id: TeamId,
    pub organization_id: OrganizationId,
    pub name: String,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// Describes a member of an organization in one of its teams.
#[derive(Debug, Clone)]
pub struct TeamMember {
    pub id: TeamMemberId,
    pub team_id: TeamId,
    pub user_id: UserId,
    pub created_at: OffsetDateTime,
}

struct Row {
    id: TeamId,
    organization_id: OrganizationId,
    name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Team {
    fn from(row: Row) -> Self {
        let Row { id, organization_id, name, created_at, updated_at } = row;
        Self { id, organization_id, name, created_at: created_at.into(), updated_at: updated_at.into() }
    }
}

struct MemberRow {
    id: TeamMemberId,
    team_id: TeamId,
    user_id: UserId,
    created_at: Timestamp,
}

impl From<MemberRow> for TeamMember {
    fn from(row: MemberRow) -> Self {
        let MemberRow { id, team_id, user_id, created_at } = row;
        Self { id, team_id, user_id, created_at: created_at.into() }
    }
}

/// Writes a team.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, team: &Team) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.organization_teams (id, organization_id, name, created_at, updated_at)
        values ($1, $2, $3, $4, $5)
        ",
        team.id.as_str(),
        team.organization_id.as_str(),
        team.name,
        team.created_at,
        team.updated_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds a team of an organization; another one's is not there.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    id: &TeamId,
) -> Result<Option<Team>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        select id as "id: TeamId", organization_id as "organization_id: OrganizationId", name,
            created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
        from auth.organization_teams
        where id = $1 and organization_id = $2
        "#,
        id.as_str(),
        organization.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Team::from))
}

/// Lists those of the teams that the organization has, oldest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_named(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    ids: &[TeamId],
) -> Result<Vec<Team>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select id as "id: TeamId", organization_id as "organization_id: OrganizationId", name,
            created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
        from auth.organization_teams
        where organization_id = $1 and id = any($2)
        order by created_at, id
        "#,
        organization.as_str(),
        ids as &[TeamId],
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Team::from).collect())
}

/// Lists the teams of an organization, oldest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_of_organization(
    connection: &mut PgConnection,
    organization: &OrganizationId,
) -> Result<Vec<Team>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select id as "id: TeamId", organization_id as "organization_id: OrganizationId", name,
            created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
        from auth.organization_teams
        where organization_id = $1
        order by created_at, id
        "#,
        organization.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Team::from).collect())
}

/// Lists the teams that a user is in, those that they came into first at the beginning: of one organization, or of all.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_of_user(
    connection: &mut PgConnection,
    user: &UserId,
    organization: Option<&OrganizationId>,
) -> Result<Vec<Team>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select t.id as "id: TeamId", t.organization_id as "organization_id: OrganizationId", t.name,
            t.created_at as "created_at: Timestamp", t.updated_at as "updated_at: Timestamp"
        from auth.organization_team_members m
        join auth.organization_teams t on t.id = m.team_id
        where m.user_id = $1 and ($2::text is null or m.organization_id = $2)
        order by m.created_at, m.id
        "#,
        user.as_str(),
        organization.map(OrganizationId::as_str),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Team::from).collect())
}

/// Counts the teams of an organization.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count(connection: &mut PgConnection, organization: &OrganizationId) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from auth.organization_teams where organization_id = $1"#,
        organization.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// Gives a team another name, or leaves it, and returns the team as it is now.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update(
    connection: &mut PgConnection,
    (organization, id): (&OrganizationId, &TeamId),
    name: Option<&str>,
    now: OffsetDateTime,
) -> Result<Option<Team>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        update auth.organization_teams set name = coalesce($3, name), updated_at = $4
        where id = $1 and organization_id = $2
        returning id as "id: TeamId", organization_id as "organization_id: OrganizationId", name,
            created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
        "#,
        id.as_str(),
        organization.as_str(),
        name,
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Team::from))
}

/// Deletes a team with who is in it, and takes it out of the open invitations.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    id: &TeamId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        with deleted as (delete from auth.organization_teams where id = $1 and organization_id = $2 returning id)
        update auth.organization_invitations set team_ids = array_remove(team_ids, $1)
        where organization_id = $2 and status = 'pending' and $1 = any(team_ids) and exists (select from deleted)
        ",
        id.as_str(),
        organization.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets a member of the organization into one of its teams, and returns them in it; also who is in it already.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_member(
    connection: &mut PgConnection,
    team: &Team,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<TeamMember, StoreError> {
    let id = TeamMemberId::generate();
    let row = sqlx::query_as!(
        MemberRow,
        r#"
        insert into auth.organization_team_members (id, team_id, organization_id, user_id, created_at)
        values ($1, $2, $3, $4, $5)
        on conflict (team_id, user_id) do update set team_id = excluded.team_id
        returning id as "id: TeamMemberId", team_id as "team_id: TeamId", user_id as "user_id: UserId",
            created_at as "created_at: Timestamp"
        "#,
        id.as_str(),
        team.id.as_str(),
        team.organization_id.as_str(),
        user.as_str(),
        now,
    )
    .fetch_one(connection)
    .await?;
    Ok(row.into())
}

/// Tells whether a user is in a team, whichever organization has it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_member(connection: &mut PgConnection, id: &TeamId, user: &UserId) -> Result<bool, StoreError> {
    let is_member = sqlx::query_scalar!(
        r#"
        select exists (
            select from auth.organization_team_members where team_id = $1 and user_id = $2
        ) as "is_member!"
        "#,
        id.as_str(),
        user.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(is_member)
}

/// Lists who is in a team, those who came first at the beginning.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_members(connection: &mut PgConnection, id: &TeamId) -> Result<Vec<TeamMember>, StoreError> {
    let rows = sqlx::query_as!(
        MemberRow,
        r#"
        select id as "id: TeamMemberId", team_id as "team_id: TeamId", user_id as "user_id: UserId",
            created_at as "created_at: Timestamp"
        from auth.organization_team_members
        where team_id = $1
        order by created_at, id
        "#,
        id.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(TeamMember::from).collect())
}

/// Counts who is in a team.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count_members(connection: &mut PgConnection, id: &TeamId) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from auth.organization_team_members where team_id = $1"#,
        id.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// Takes a user out of a team, and returns whether they were in it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_member(connection: &mut PgConnection, id: &TeamId, user: &UserId) -> Result<bool, StoreError> {
    let result = sqlx::query!(
        "delete from auth.organization_team_members where team_id = $1 and user_id = $2",
        id.as_str(),
        user.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Lets a session work in a team, or in none.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_active(
    connection: &mut PgConnection,
    session: &SessionId,
    team: Option<&TeamId>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.sessions set active_team_id = $2 where id = $1",
        session.as_str(),
        team.map(TeamId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(())
}
