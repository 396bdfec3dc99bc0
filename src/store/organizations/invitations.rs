//! Keeps `auth.organization_invitations`: addresses that may become members.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{
        StoreError, Timestamp,
        organizations::{Organization, read_roles},
    },
    types::{Email, InvitationId, OrganizationId, OrganizationRoles, TeamId, TokenHash, UserId},
};

/// Tells what became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationStatus {
    Pending,
    Accepted,
    Rejected,
    Canceled,
}

impl InvitationStatus {
    /// Returns the name, as it is stored and as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Canceled => "canceled",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        let known = [Self::Pending, Self::Accepted, Self::Rejected, Self::Canceled];
        let found = known.into_iter().find(|status| status.as_str() == text);
        found.ok_or_else(|| StoreError::Statement(sqlx::Error::Decode("an unknown status of an invitation".into())))
    }
}

/// Describes an invitation.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: InvitationId,
    pub organization_id: OrganizationId,
    pub email: Email,
    pub roles: OrganizationRoles,
    /// Lists the teams that it leads into besides, as far as they are still there.
    pub team_ids: Vec<TeamId>,
    pub status: InvitationStatus,
    pub inviter_id: UserId,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

impl Invitation {
    /// Tells whether it can be accepted.
    #[must_use]
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.status == InvitationStatus::Pending && self.expires_at > now
    }
}

/// Describes an invitation with what its recipient sees of those who made it.
#[derive(Debug, Clone)]
pub struct InvitationDetails {
    pub invitation: Invitation,
    pub organization: Organization,
    pub inviter_email: Email,
    pub inviter_name: String,
    /// Lists what the inviter may do in the organization now; `None` where the inviter has left.
    pub inviter_roles: Option<OrganizationRoles>,
}

/// Tells how an invitation is named.
#[derive(Debug, Clone)]
pub enum InvitationRef {
    Id(InvitationId),
    Token(TokenHash),
}

struct Row {
    id: InvitationId,
    organization_id: OrganizationId,
    email: Email,
    roles: Vec<String>,
    team_ids: Vec<TeamId>,
    status: String,
    inviter_id: UserId,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl TryFrom<Row> for Invitation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            organization_id: row.organization_id,
            email: row.email,
            roles: read_roles(row.roles)?,
            team_ids: row.team_ids,
            status: InvitationStatus::parse(&row.status)?,
            inviter_id: row.inviter_id,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
        })
    }
}

/// Writes an invitation. A pending one of the address is a conflict.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    invitation: &Invitation,
    token: &TokenHash,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.organization_invitations (
            id, organization_id, email, roles, team_ids, status, inviter_id, token_hash, created_at, expires_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ",
        invitation.id.as_str(),
        invitation.organization_id.as_str(),
        invitation.email.as_str(),
        &invitation.roles.names() as &[&str],
        &invitation.team_ids as &[TeamId],
        invitation.status.as_str(),
        invitation.inviter_id.as_str(),
        token.as_bytes().as_slice(),
        invitation.created_at,
        invitation.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds an invitation, with who made it. An inviter who is banned, or whose account is closed, has no role.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(
    connection: &mut PgConnection,
    invitation: &InvitationRef,
) -> Result<Option<InvitationDetails>, StoreError> {
    let (id, token) = match invitation {
        InvitationRef::Id(id) => (Some(id.as_str()), None),
        InvitationRef::Token(token) => (None, Some(token.as_bytes().as_slice())),
    };
    let row = sqlx::query!(
        r#"
        select
            i.id as "id: InvitationId", i.organization_id as "organization_id: OrganizationId", i.email as "email: Email",
            i.roles, i.team_ids as "team_ids: Vec<TeamId>", i.status, i.inviter_id as "inviter_id: UserId", i.created_at as "created_at: Timestamp",
            i.expires_at as "expires_at: Timestamp",
            o.name, o.slug, o.logo, o.metadata, o.created_at as "organization_created_at: Timestamp",
            u.email as "inviter_email: Email", u.name as inviter_name, m.roles as "inviter_roles?"
        from auth.organization_invitations i
        join auth.organizations o on o.id = i.organization_id
        join auth.users u on u.id = i.inviter_id
        left join auth.organization_members m
            on m.user_id = i.inviter_id and m.organization_id = i.organization_id
            and (u.banned_at is null or u.ban_expires_at <= now())
        where i.id = $1 or i.token_hash = $2
        "#,
        id,
        token,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(InvitationDetails {
            organization: Organization {
                id: row.organization_id.clone(),
                name: row.name,
                slug: row.slug,
                logo: row.logo,
                metadata: row.metadata,
                created_at: row.organization_created_at.into(),
            },
            invitation: Invitation {
                id: row.id,
                organization_id: row.organization_id,
                email: row.email,
                roles: read_roles(row.roles)?,
                team_ids: row.team_ids,
                status: InvitationStatus::parse(&row.status)?,
                inviter_id: row.inviter_id,
                created_at: row.created_at.into(),
                expires_at: row.expires_at.into(),
            },
            inviter_email: row.inviter_email,
            inviter_name: row.inviter_name,
            inviter_roles: row.inviter_roles.map(read_roles).transpose()?,
        })
    })
    .transpose()
}

/// Finds the pending invitation of an address, also one that has expired.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_pending(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    email: &Email,
) -> Result<Option<Invitation>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        select
            id as "id: InvitationId", organization_id as "organization_id: OrganizationId", email as "email: Email", roles,
            team_ids as "team_ids: Vec<TeamId>", status, inviter_id as "inviter_id: UserId", created_at as "created_at: Timestamp",
            expires_at as "expires_at: Timestamp"
        from auth.organization_invitations
        where organization_id = $1 and email = $2 and status = 'pending'
        "#,
        organization.as_str(),
        email.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(Invitation::try_from).transpose()
}

/// Lists the invitations of an organization, newest first, whatever became of them.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_of_organization(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    limit: i64,
) -> Result<Vec<Invitation>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select
            id as "id: InvitationId", organization_id as "organization_id: OrganizationId", email as "email: Email", roles,
            team_ids as "team_ids: Vec<TeamId>", status, inviter_id as "inviter_id: UserId", created_at as "created_at: Timestamp",
            expires_at as "expires_at: Timestamp"
        from auth.organization_invitations
        where organization_id = $1
        order by created_at desc, id desc
        limit $2
        "#,
        organization.as_str(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// Lists the open invitations of an address with the names of their organizations, oldest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_open_of_address(
    connection: &mut PgConnection,
    email: &Email,
    now: OffsetDateTime,
) -> Result<Vec<(Invitation, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            i.id as "id: InvitationId", i.organization_id as "organization_id: OrganizationId", i.email as "email: Email",
            i.roles, i.team_ids as "team_ids: Vec<TeamId>", i.status, i.inviter_id as "inviter_id: UserId", i.created_at as "created_at: Timestamp",
            i.expires_at as "expires_at: Timestamp", o.name
        from auth.organization_invitations i
        join auth.organizations o on o.id = i.organization_id
        join auth.users u on u.id = i.inviter_id
        join auth.organization_members m on m.user_id = i.inviter_id and m.organization_id = i.organization_id
        where i.email = $1 and i.status = 'pending' and i.expires_at > $2
            and (u.banned_at is null or u.ban_expires_at <= now())
            and m.roles && array['owner', 'admin'] and ('owner' = any(m.roles) or not 'owner' = any(i.roles))
        order by i.created_at, i.id
        "#,
        email.as_str(),
        now,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let invitation = Invitation {
                id: row.id,
                organization_id: row.organization_id,
                email: row.email,
                roles: read_roles(row.roles)?,
                team_ids: row.team_ids,
                status: InvitationStatus::parse(&row.status)?,
                inviter_id: row.inviter_id,
                created_at: row.created_at.into(),
                expires_at: row.expires_at.into(),
            };
            Ok((invitation, row.name))
        })
        .collect()
}

/// Returns whether an organization has an open invitation for the address whose inviter could still make it; with a
/// token, whether it is that one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_invited(
    connection: &mut PgConnection,
    email: &Email,
    token: Option<&TokenHash>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let is_invited = sqlx::query_scalar!(
        r#"
        select exists (
            select from auth.organization_invitations i
            join auth.users u on u.id = i.inviter_id
            join auth.organization_members m on m.user_id = i.inviter_id and m.organization_id = i.organization_id
            where i.email = $1 and i.status = 'pending' and i.expires_at > $3
                and ($2::bytea is null or i.token_hash = $2)
                and (u.banned_at is null or u.ban_expires_at <= now())
                and m.roles && array['owner', 'admin'] and ('owner' = any(m.roles) or not 'owner' = any(i.roles))
        ) as "is_invited!"
        "#,
        email.as_str(),
        token.map(|token| token.as_bytes().as_slice()),
        now,
    )
    .fetch_one(connection)
    .await?;
    Ok(is_invited)
}

/// Counts the open invitations of an organization.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count_open(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"
        select count(*) as "count!" from auth.organization_invitations
        where organization_id = $1 and status = 'pending' and expires_at > $2
        "#,
        organization.as_str(),
        now,
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// Ends a pending invitation, and returns whether it was pending: of several requests at once, one finds it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_status(
    connection: &mut PgConnection,
    id: &InvitationId,
    status: InvitationStatus,
) -> Result<bool, StoreError> {
    let result = sqlx::query!(
        "update auth.organization_invitations set status = $2 where id = $1 and status = 'pending'",
        id.as_str(),
        status.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Makes a pending invitation work for longer, by another token and in the name of whoever mails it again.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_resent(
    connection: &mut PgConnection,
    id: &InvitationId,
    (inviter, token): (&UserId, &TokenHash),
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.organization_invitations set inviter_id = $2, token_hash = $3, expires_at = $4
        where id = $1 and status = 'pending'
        ",
        id.as_str(),
        inviter.as_str(),
        token.as_bytes().as_slice(),
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
