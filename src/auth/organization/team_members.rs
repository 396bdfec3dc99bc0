//! Puts members of an organization into its teams, and takes them out. Whoever leaves the organization leaves its teams: the
//! tables see to that.

use serde_json::json;

use crate::{
    auth::{
        Auth, Flow, FoundSession,
        organization::{
            error::{OrganizationAction, OrganizationError},
            membership::{LockedOrganization, find_own},
        },
    },
    store::{
        Tx,
        audit::Event,
        organizations::{
            OrganizationRef, members,
            teams::{self, Team, TeamMember},
        },
        retry_once,
    },
    types::{OrganizationId, TeamId, UserId},
};

/// Puts a member of the organization into a team, and returns them in it; also who is in it already.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn add_team_member(
    flow: Flow<'_>,
    organization: &OrganizationId,
    (team, user): (&TeamId, &UserId),
    current: &FoundSession,
) -> Result<TeamMember, OrganizationError> {
    retry_once(|| async {
        let mut locked = LockedOrganization::begin(flow, organization, current, Some(user)).await?;
        locked.require(("member", "update"), OrganizationAction::AddTeamMember)?;
        let team = find_for(&mut locked, team, user).await?;
        let member = join_team(flow, &mut locked.transaction, &team, user).await?;
        locked.record(flow, Event::TeamMemberAdded, json!({ "team": team.id, "member": user })).await?;
        locked.transaction.commit().await?;
        Ok(member)
    })
    .await
}

/// Takes a member out of a team, who stays in the organization.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn remove_team_member(
    flow: Flow<'_>,
    organization: &OrganizationId,
    (team, user): (&TeamId, &UserId),
    current: &FoundSession,
) -> Result<(), OrganizationError> {
    retry_once(|| async {
        let mut locked = LockedOrganization::begin(flow, organization, current, Some(user)).await?;
        locked.require(("member", "delete"), OrganizationAction::RemoveTeamMember)?;
        let team = find_for(&mut locked, team, user).await?;
        if !teams::delete_member(&mut locked.transaction, &team.id, user).await? {
            return Err(OrganizationError::NotInTeam);
        }
        locked.record(flow, Event::TeamMemberRemoved, json!({ "team": team.id, "member": user })).await?;
        locked.transaction.commit().await?;
        Ok(())
    })
    .await
}

/// Lists who is in a team, for those who are in it.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn list_team_members(
    auth: &Auth,
    team: &TeamId,
    current: &FoundSession,
) -> Result<Vec<TeamMember>, OrganizationError> {
    let mut connection = auth.db.acquire().await?;
    if !teams::is_member(&mut connection, team, &current.user.id).await? {
        return Err(OrganizationError::NotInTeam);
    }
    Ok(teams::list_members(&mut connection, team).await?)
}

/// Lists the teams of whoever asks, of one organization or of all.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn list_own_teams(
    auth: &Auth,
    organization: Option<&OrganizationId>,
    current: &FoundSession,
) -> Result<Vec<Team>, OrganizationError> {
    let mut connection = auth.db.acquire().await?;
    if let Some(id) = organization {
        find_own(&mut connection, &OrganizationRef::Id(id.clone()), current).await?;
    }
    Ok(teams::list_of_user(&mut connection, &current.user.id, organization).await?)
}

/// Lists the teams of another member, for those who may change them.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn list_teams_of_member(
    auth: &Auth,
    organization: &OrganizationId,
    user: &UserId,
    current: &FoundSession,
) -> Result<Vec<Team>, OrganizationError> {
    let mut connection = auth.db.acquire().await?;
    let (_, own) = find_own(&mut connection, &OrganizationRef::Id(organization.clone()), current).await?;
    if !own.roles.allow("member", "update") {
        return Err(OrganizationError::NotAllowed(OrganizationAction::UpdateMember));
    }
    members::find(&mut connection, organization, user).await?.ok_or(OrganizationError::UserNotInOrganization)?;
    Ok(teams::list_of_user(&mut connection, user, Some(organization)).await?)
}

/// Puts a member of the organization into a team that is not full. The organization has to be locked.
pub(crate) async fn join_team(
    flow: Flow<'_>,
    transaction: &mut Tx,
    team: &Team,
    user: &UserId,
) -> Result<TeamMember, OrganizationError> {
    if !teams::is_member(transaction, &team.id, user).await? {
        require_room(flow, transaction, &team.id).await?;
    }
    Ok(teams::insert_member(transaction, team, user, flow.now).await?)
}

/// Requires that a team is not full.
pub(crate) async fn require_room(flow: Flow<'_>, transaction: &mut Tx, team: &TeamId) -> Result<(), OrganizationError> {
    let max = i64::from(flow.auth.settings.teams().max_members);
    if teams::count_members(transaction, team).await? >= max { Err(OrganizationError::TeamFull) } else { Ok(()) }
}

/// Finds the team that a member of the same organization is to be put into or taken out of.
async fn find_for(locked: &mut LockedOrganization, team: &TeamId, user: &UserId) -> Result<Team, OrganizationError> {
    let organization = &locked.organization.id;
    let member = members::find(&mut locked.transaction, organization, user).await?;
    member.ok_or(OrganizationError::UserNotInOrganization)?;
    teams::find(&mut locked.transaction, organization, team).await?.ok_or(OrganizationError::UnknownTeam)
}
