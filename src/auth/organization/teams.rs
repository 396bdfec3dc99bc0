//! Makes, renames and removes teams of an organization, and says which one a session works in. A team says who works together:
//! it gives nobody anything that the organization does not.

use serde_json::json;

use crate::{
    auth::{
        Auth, Flow, FoundSession,
        organization::{
            error::{OrganizationAction, OrganizationError},
            membership::{LockedOrganization, find_own},
        },
        session::find::still_signed_in,
    },
    store::{
        audit::Event,
        organizations::{
            OrganizationRef,
            teams::{self, Team},
        },
        retry_once,
    },
    types::{OrganizationId, TeamId},
};

/// Makes a team, in which nobody is yet.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn create_team(
    flow: Flow<'_>,
    organization: &OrganizationId,
    name: &str,
    current: &FoundSession,
) -> Result<Team, OrganizationError> {
    let settings = flow.auth.settings.teams();
    retry_once(|| async {
        let mut locked = LockedOrganization::begin(flow, organization, current, None).await?;
        locked.require(("team", "create"), OrganizationAction::CreateTeam)?;
        if teams::count(&mut locked.transaction, organization).await? >= i64::from(settings.max_per_organization) {
            return Err(OrganizationError::TooManyTeams);
        }
        let team = new_team(organization, name, flow);
        teams::insert(&mut locked.transaction, &team).await?;
        locked.record(flow, Event::TeamCreated, json!({ "team": team.id })).await?;
        locked.transaction.commit().await?;
        Ok(team)
    })
    .await
}

/// Describes a team that is made now.
pub(crate) fn new_team(organization: &OrganizationId, name: &str, flow: Flow<'_>) -> Team {
    Team {
        id: TeamId::generate(),
        organization_id: organization.clone(),
        name: name.to_owned(),
        created_at: flow.now,
        updated_at: flow.now,
    }
}

/// Lists the teams of an organization of whoever asks.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn list_teams(
    auth: &Auth,
    organization: &OrganizationId,
    current: &FoundSession,
) -> Result<Vec<Team>, OrganizationError> {
    let mut connection = auth.db.acquire().await?;
    find_own(&mut connection, &OrganizationRef::Id(organization.clone()), current).await?;
    Ok(teams::list_of_organization(&mut connection, organization).await?)
}

/// Gives a team another name.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn update_team(
    flow: Flow<'_>,
    (organization, id): (&OrganizationId, &TeamId),
    name: Option<&str>,
    current: &FoundSession,
) -> Result<Team, OrganizationError> {
    retry_once(|| async {
        let mut locked = LockedOrganization::begin(flow, organization, current, None).await?;
        locked.require(("team", "update"), OrganizationAction::UpdateTeam)?;
        let updated = teams::update(&mut locked.transaction, (organization, id), name, flow.now).await?;
        let updated = updated.ok_or(OrganizationError::UnknownTeam)?;
        locked.record(flow, Event::TeamUpdated, json!({ "team": id })).await?;
        locked.transaction.commit().await?;
        Ok(updated)
    })
    .await
}

/// Removes a team. No session works in it from then on, and open invitations do not lead into it any more. The last team
/// stays, and so does the one that the session works in.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn remove_team(
    flow: Flow<'_>,
    organization: &OrganizationId,
    id: &TeamId,
    current: &FoundSession,
) -> Result<(), OrganizationError> {
    retry_once(|| async {
        let mut locked = LockedOrganization::begin(flow, organization, current, None).await?;
        locked.require(("team", "delete"), OrganizationAction::DeleteTeams)?;
        teams::find(&mut locked.transaction, organization, id).await?.ok_or(OrganizationError::UnknownTeam)?;
        if current.session.active_team.as_ref() == Some(id) {
            return Err(OrganizationError::NotAllowed(OrganizationAction::DeleteActiveTeam));
        }
        if teams::count(&mut locked.transaction, organization).await? <= 1 {
            return Err(OrganizationError::LastTeam);
        }
        teams::delete(&mut locked.transaction, organization, id).await?;
        locked.record(flow, Event::TeamRemoved, json!({ "team": id })).await?;
        locked.transaction.commit().await?;
        Ok(())
    })
    .await
}

/// Lets the session work in a team of the organization that it works in, or in none. Whoever asks has to be in the team.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn activate_team(
    flow: Flow<'_>,
    team: Option<&TeamId>,
    current: &FoundSession,
) -> Result<Option<Team>, OrganizationError> {
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let found = match team {
            Some(id) => {
                let active = current.session.organization.as_ref().ok_or(OrganizationError::NoActiveOrganization)?;
                let team = teams::find(&mut transaction, &active.id, id).await?;
                let team = team.ok_or(OrganizationError::UnknownTeam)?;
                if !teams::is_member(&mut transaction, id, &current.user.id).await? {
                    return Err(OrganizationError::NotAllowed(OrganizationAction::ActivateTeam));
                }
                Some(team)
            }
            None => None,
        };
        teams::update_active(&mut transaction, &current.session.id, team).await?;
        transaction.commit().await?;
        Ok(found)
    })
    .await
}
