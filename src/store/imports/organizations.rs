//! Writes imported organizations, with who is in them and who is invited.

use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use time::{OffsetDateTime, serde::rfc3339};

use crate::store::{StoreError, imports::rows};

/// Is an organization as the table takes it.
#[derive(Debug, Clone, Serialize)]
pub struct NewOrganization {
    pub id: String,
    pub name: String,
    pub slug: String,
    pub logo: Option<String>,
    pub metadata: Option<Value>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Is a team as the table takes it.
#[derive(Debug, Clone, Serialize)]
pub struct NewTeam {
    pub id: String,
    pub organization_id: String,
    pub name: String,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Is a member as the table takes it.
#[derive(Debug, Clone, Serialize)]
pub struct NewMember {
    pub id: String,
    /// Is taken where another member has the id, who came from elsewhere.
    pub other_id: String,
    pub organization_id: String,
    pub user_id: String,
    pub roles: Vec<String>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Is a member of a team as the table takes it.
#[derive(Debug, Clone, Serialize)]
pub struct NewTeamMember {
    pub id: String,
    pub team_id: String,
    pub user_id: String,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Is an invitation as the table takes it. Nobody has its token: it is accepted by its id, by whoever proves the
/// address.
#[derive(Debug, Clone, Serialize)]
pub struct NewInvitation {
    pub id: String,
    pub organization_id: String,
    pub email: String,
    pub roles: Vec<String>,
    pub team_ids: Vec<String>,
    pub status: String,
    pub inviter_id: String,
    /// Is in hexadecimal digits.
    pub token_hash: String,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Returns those of the slugs that organizations here have.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_slugs(connection: &mut PgConnection, slugs: &[String]) -> Result<Vec<String>, StoreError> {
    let taken = sqlx::query_scalar!("select slug from auth.organizations where slug = any($1)", slugs)
        .fetch_all(connection)
        .await?;
    Ok(taken)
}

/// Adds organizations, and returns the ids of those whose id and slug nobody else has.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    organizations: &[NewOrganization],
) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.organizations (id, name, slug, logo, metadata, created_at)
        select id, name, slug, logo, metadata, created_at
        from jsonb_to_recordset($1) r (
            id text, name text, slug text, logo text, metadata jsonb, created_at timestamptz
        )
        on conflict do nothing
        returning id
        ",
        rows(organizations) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}

/// Adds teams, and returns the ids of those that are new.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_teams(connection: &mut PgConnection, teams: &[NewTeam]) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.organization_teams (id, organization_id, name, created_at, updated_at)
        select id, organization_id, name, created_at, updated_at
        from jsonb_to_recordset($1) r (
            id text, organization_id text, name text, created_at timestamptz, updated_at timestamptz
        )
        on conflict do nothing
        returning id
        ",
        rows(teams) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}

/// Adds members, and returns the ids of those that are new.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_members(connection: &mut PgConnection, members: &[NewMember]) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.organization_members (id, organization_id, user_id, roles, created_at)
        select
            case
                when exists (
                    select from auth.organization_members m
                    where m.id = r.id and (m.organization_id, m.user_id) <> (r.organization_id, r.user_id)
                ) then other_id
                else id
            end,
            organization_id, user_id, roles, created_at
        from jsonb_to_recordset($1) r (
            id text, other_id text, organization_id text, user_id text, roles text[], created_at timestamptz
        )
        on conflict do nothing
        returning id
        ",
        rows(members) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}

/// Puts members into teams of organizations that they are in, and returns the ids of those that are new there.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_team_members(
    connection: &mut PgConnection,
    members: &[NewTeamMember],
) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.organization_team_members (id, team_id, organization_id, user_id, created_at)
        select r.id, t.id, t.organization_id, r.user_id, r.created_at
        from jsonb_to_recordset($1) r (id text, team_id text, user_id text, created_at timestamptz)
        join auth.organization_teams t on t.id = r.team_id
        join auth.organization_members m on m.organization_id = t.organization_id and m.user_id = r.user_id
        on conflict do nothing
        returning id
        ",
        rows(members) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}

/// Adds invitations, and returns the ids of those that are new.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_invitations(
    connection: &mut PgConnection,
    invitations: &[NewInvitation],
) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.organization_invitations (
            id, organization_id, email, roles, team_ids, status, inviter_id, token_hash, created_at, expires_at
        )
        select
            id, organization_id, email, roles, team_ids, status, inviter_id, decode(token_hash, 'hex'), created_at,
            expires_at
        from jsonb_to_recordset($1) r (
            id text, organization_id text, email text, roles text[], team_ids text[], status text, inviter_id text,
            token_hash text, created_at timestamptz, expires_at timestamptz
        )
        on conflict do nothing
        returning id
        ",
        rows(invitations) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}
