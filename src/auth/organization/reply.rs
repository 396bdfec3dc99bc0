//! Shows invitations to those who are invited, and does what they answer. An invitation is for its address alone: its token
//! shows the page, and only a session of the address accepts (ORG-02).

use serde_json::json;

use crate::{
    auth::{
        Auth, Flow, FoundSession,
        organization::{
            error::{OrganizationAction, OrganizationError},
            membership::{LockedOrganization, record},
            team_members::join_team,
        },
        session::find::still_signed_in,
    },
    store::{
        Constraint, StoreError, Tx,
        audit::Event,
        organizations::{
            self,
            invitations::{self, Invitation, InvitationDetails, InvitationRef, InvitationStatus},
            members::{self, Member},
            teams,
        },
        retry_once,
    },
    types::{InvitationId, MailToken, UserId},
};

/// Finds an open invitation for whoever it is for.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn find_invitation(
    flow: Flow<'_>,
    id: &InvitationId,
    current: &FoundSession,
) -> Result<InvitationDetails, OrganizationError> {
    let mut connection = flow.auth.db.acquire().await?;
    let found = invitations::find(&mut connection, &InvitationRef::Id(id.clone())).await?;
    let found = found.filter(|found| found.invitation.is_open(flow.now));
    let found = found.ok_or(OrganizationError::UnknownInvitation)?;
    require_recipient(&found.invitation, current)?;
    require_inviter(&found)?;
    Ok(found)
}

/// Finds the open invitation behind a mailed token, for the page that shows it.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn preview_invitation(flow: Flow<'_>, token: &MailToken) -> Result<Option<InvitationDetails>, StoreError> {
    let mut connection = flow.auth.db.acquire().await?;
    let found = invitations::find(&mut connection, &InvitationRef::Token(token.hash())).await?;
    Ok(found.filter(|found| found.invitation.is_open(flow.now) && require_inviter(found).is_ok()))
}

/// Lists the open invitations for the address of whoever asks.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn list_own_invitations(
    auth: &Auth,
    current: &FoundSession,
    now: time::OffsetDateTime,
) -> Result<Vec<(Invitation, String)>, OrganizationError> {
    if !current.user.email_verified {
        return Err(OrganizationError::EmailNotVerified);
    }
    let mut connection = auth.db.acquire().await?;
    Ok(invitations::list_open_of_address(&mut connection, &current.user.email, now).await?)
}

/// Makes whoever is invited a member, and lets the session work in the organization. Of many requests at once, one does.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn accept_invitation(
    flow: Flow<'_>,
    id: &InvitationId,
    current: &FoundSession,
) -> Result<(Invitation, Member), OrganizationError> {
    let settings = flow.auth.settings.organizations.clone().unwrap_or_default();
    retry_once(|| async {
        let (mut transaction, found) = begin(flow, id, current).await?;
        if !found.invitation.is_open(flow.now) {
            return Err(OrganizationError::UnknownInvitation);
        }
        require_inviter(&found)?;
        let organization = &found.organization.id;
        if members::count(&mut transaction, organization, None).await? >= i64::from(settings.max_members) {
            return Err(OrganizationError::TooManyMembers);
        }
        if !invitations::update_status(&mut transaction, id, InvitationStatus::Accepted).await? {
            return Err(OrganizationError::UnknownInvitation);
        }
        let member = Member::new(organization, &current.user.id, &found.invitation.roles, flow.now);
        match members::insert(&mut transaction, &member).await {
            Err(StoreError::Conflict(Constraint::OrganizationMember)) => return Err(OrganizationError::AlreadyMember),
            inserted => inserted?,
        }
        organizations::update_active(&mut transaction, &current.session.id, Some(organization)).await?;
        if settings.teams.is_some() {
            join_teams(flow, &mut transaction, &found.invitation, current).await?;
        }
        record_answer(flow, &mut transaction, &found.invitation, &current.user.id, Event::InvitationAccepted).await?;
        transaction.commit().await?;
        Ok((Invitation { status: InvitationStatus::Accepted, ..found.invitation }, member))
    })
    .await
}

/// Puts a new member into the teams that the invitation names and that are still there. The session works in the only one.
async fn join_teams(
    flow: Flow<'_>,
    transaction: &mut Tx,
    invitation: &Invitation,
    current: &FoundSession,
) -> Result<(), OrganizationError> {
    let named = teams::list_named(transaction, &invitation.organization_id, &invitation.team_ids).await?;
    for team in &named {
        join_team(flow, transaction, team, &current.user.id).await?;
    }
    if let [only] = named.as_slice() {
        teams::update_active(transaction, &current.session.id, Some(&only.id)).await?;
    }
    Ok(())
}

/// Ends an invitation in the name of whoever it is for; also one that has expired.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn reject_invitation(
    flow: Flow<'_>,
    id: &InvitationId,
    current: &FoundSession,
) -> Result<Invitation, OrganizationError> {
    retry_once(|| async {
        let (mut transaction, found) = begin(flow, id, current).await?;
        if !invitations::update_status(&mut transaction, id, InvitationStatus::Rejected).await? {
            return Err(OrganizationError::UnknownInvitation);
        }
        record_answer(flow, &mut transaction, &found.invitation, &current.user.id, Event::InvitationRejected).await?;
        transaction.commit().await?;
        Ok(Invitation { status: InvitationStatus::Rejected, ..found.invitation })
    })
    .await
}

/// Takes an invitation back, in the name of the organization. One that was answered stays as it is.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn cancel_invitation(
    flow: Flow<'_>,
    id: &InvitationId,
    current: &FoundSession,
) -> Result<Invitation, OrganizationError> {
    let found = {
        let mut connection = flow.auth.db.acquire().await?;
        invitations::find(&mut connection, &InvitationRef::Id(id.clone())).await?
    };
    let invitation = found.ok_or(OrganizationError::UnknownInvitation)?.invitation;
    retry_once(|| async {
        let mut locked = match LockedOrganization::begin(flow, &invitation.organization_id, current, None).await {
            // A stranger does not learn that the organization invited somebody.
            Err(OrganizationError::NotAMember) => return Err(OrganizationError::UnknownInvitation),
            begun => begun?,
        };
        locked.require(("invitation", "cancel"), OrganizationAction::CancelInvitation)?;
        locked.require_rank(&invitation.roles, OrganizationAction::CancelInvitation)?;
        if !invitations::update_status(&mut locked.transaction, id, InvitationStatus::Canceled).await? {
            return Err(OrganizationError::UnknownInvitation);
        }
        locked.record(flow, Event::InvitationCanceled, json!({ "invitation": id })).await?;
        locked.transaction.commit().await?;
        Ok(Invitation { status: InvitationStatus::Canceled, ..invitation.clone() })
    })
    .await
}

/// Locks whoever answers and then the organization, and reads the invitation under the locks.
async fn begin(
    flow: Flow<'_>,
    id: &InvitationId,
    current: &FoundSession,
) -> Result<(Tx, InvitationDetails), OrganizationError> {
    let named = InvitationRef::Id(id.clone());
    let mut transaction = flow.auth.db.begin().await?;
    still_signed_in(&mut transaction, current).await?;
    let found = invitations::find(&mut transaction, &named).await?.ok_or(OrganizationError::UnknownInvitation)?;
    require_recipient(&found.invitation, current).map_err(|error| match error {
        OrganizationError::EmailNotVerified => OrganizationError::EmailNotVerifiedToAnswer,
        other => other,
    })?;
    organizations::find_locked(&mut transaction, &found.organization.id).await?;
    let found = invitations::find(&mut transaction, &named).await?.ok_or(OrganizationError::UnknownInvitation)?;
    Ok((transaction, found))
}

fn require_recipient(invitation: &Invitation, current: &FoundSession) -> Result<(), OrganizationError> {
    if invitation.email != current.user.email {
        return Err(OrganizationError::NotTheRecipient);
    }
    if current.user.email_verified { Ok(()) } else { Err(OrganizationError::EmailNotVerified) }
}

/// Requires that whoever made the invitation could make it now: it gives what they have, and ends with their role.
fn require_inviter(found: &InvitationDetails) -> Result<(), OrganizationError> {
    let may_invite = found
        .inviter_roles
        .as_ref()
        .is_some_and(|roles| roles.allow("invitation", "create") && roles.may_deal_with(&found.invitation.roles));
    if may_invite { Ok(()) } else { Err(OrganizationError::InviterGone) }
}

async fn record_answer(
    flow: Flow<'_>,
    transaction: &mut Tx,
    invitation: &Invitation,
    user: &UserId,
    event: Event,
) -> Result<(), StoreError> {
    let detail = json!({ "organization": invitation.organization_id, "invitation": invitation.id });
    record(flow, transaction, event, user, detail).await
}
