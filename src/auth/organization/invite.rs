//! Invites addresses to organizations, by mail (ORG-02).

use serde_json::json;

use crate::{
    auth::{
        Flow, FoundSession, RateClass,
        email::link::{link_to, whole_minutes},
        limit_user,
        limits::mails::MailLimit,
        organization::{
            error::{OrganizationAction, OrganizationError},
            membership::LockedOrganization,
            settings::OrganizationSettings,
            team_members::require_room,
        },
        passwordless::code::{QueuedMail, queue_mail},
    },
    mail::Message,
    store::{
        Constraint, StoreError,
        audit::Event,
        organizations::{
            Organization,
            invitations::{self, Invitation, InvitationStatus},
            members, teams,
        },
        retry_once,
        verifications::{NewMail, Payload, Purpose},
    },
    types::{Email, InvitationId, MailToken, OrganizationId, OrganizationRoles, TeamId, VerificationId},
};

/// Holds whom somebody invites to what.
#[derive(Debug)]
pub struct Invite<'a> {
    pub email: &'a Email,
    pub roles: &'a OrganizationRoles,
    /// Lists teams of the organization that whoever accepts comes into.
    pub teams: &'a [TeamId],
    /// An open invitation is mailed once more, as it was made.
    pub resend: bool,
}

/// Invites an address. Whether it has an account does not show, and its mailbox gets no more invitations than other mails.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn invite_member(
    flow: Flow<'_>,
    organization: &OrganizationId,
    input: &Invite<'_>,
    current: &FoundSession,
) -> Result<Invitation, OrganizationError> {
    let _ = limit_user(flow, RateClass::Invitation, &current.user.id).await?;
    let settings = flow.auth.settings.organizations.clone().unwrap_or_default();
    retry_once(|| async {
        let mut locked = match LockedOrganization::begin(flow, organization, current, None).await {
            Err(OrganizationError::NotAMember) => return Err(OrganizationError::UnknownMember),
            begun => begun?,
        };
        locked.require(("invitation", "create"), OrganizationAction::Invite)?;
        locked.require_rank(input.roles, OrganizationAction::InviteWithRole)?;
        let id = &locked.organization.id;
        if members::find_named(&mut locked.transaction, id, (None, None, Some(input.email))).await?.is_some() {
            return Err(OrganizationError::AlreadyMember);
        }
        let token = MailToken::generate();
        let invitation = match invitations::find_pending(&mut locked.transaction, id, input.email).await? {
            Some(open) if open.is_open(flow.now) && !input.resend => return Err(OrganizationError::AlreadyInvited),
            Some(open) if open.is_open(flow.now) => renew(flow, &mut locked, open, &token, &settings).await?,
            expired => {
                if let Some(expired) = expired {
                    let canceled = InvitationStatus::Canceled;
                    invitations::update_status(&mut locked.transaction, &expired.id, canceled).await?;
                }
                create(flow, &mut locked, input, &token, &settings).await?
            }
        };
        mail_invitation(flow, &mut locked, &invitation, (&token, &settings), current).await?;
        let detail = json!({ "invitation": invitation.id, "roles": invitation.roles.names() });
        locked.record(flow, Event::MemberInvited, detail).await?;
        locked.transaction.commit().await?;
        Ok(invitation)
    })
    .await
}

async fn create(
    flow: Flow<'_>,
    locked: &mut LockedOrganization,
    input: &Invite<'_>,
    token: &MailToken,
    settings: &OrganizationSettings,
) -> Result<Invitation, OrganizationError> {
    let id = &locked.organization.id;
    let open = invitations::count_open(&mut locked.transaction, id, flow.now).await?;
    if open >= i64::from(settings.max_invitations) {
        return Err(OrganizationError::TooManyInvitations);
    }
    if teams::list_named(&mut locked.transaction, id, input.teams).await?.len() != input.teams.len() {
        return Err(OrganizationError::UnknownTeam);
    }
    for team in input.teams {
        require_room(flow, &mut locked.transaction, team).await?;
    }
    let invitation = Invitation {
        id: InvitationId::generate(),
        organization_id: id.clone(),
        email: input.email.clone(),
        roles: input.roles.clone(),
        team_ids: input.teams.to_vec(),
        status: InvitationStatus::Pending,
        inviter_id: locked.member.user_id.clone(),
        created_at: flow.now,
        expires_at: flow.now + settings.invitation_expires_in,
    };
    match invitations::insert(&mut locked.transaction, &invitation, &token.hash()).await {
        Err(StoreError::Conflict(Constraint::OrganizationInvitation)) => Err(OrganizationError::AlreadyInvited),
        inserted => Ok(inserted.map(|()| invitation)?),
    }
}

/// Mails the same once more, in the name of whoever asks: they have to be allowed to make it.
async fn renew(
    flow: Flow<'_>,
    locked: &mut LockedOrganization,
    open: Invitation,
    token: &MailToken,
    settings: &OrganizationSettings,
) -> Result<Invitation, OrganizationError> {
    locked.require_rank(&open.roles, OrganizationAction::InviteWithRole)?;
    let inviter_id = locked.member.user_id.clone();
    let expires_at = flow.now + settings.invitation_expires_in;
    invitations::update_resent(&mut locked.transaction, &open.id, (&inviter_id, &token.hash()), expires_at).await?;
    Ok(Invitation { inviter_id, expires_at, ..open })
}

/// Queues the mail. Beyond the limit of the mailbox there is none, and nobody is told (MAIL-13): the invitation stands in
/// the account of whoever has the address.
async fn mail_invitation(
    flow: Flow<'_>,
    locked: &mut LockedOrganization,
    invitation: &Invitation,
    (token, settings): (&MailToken, &OrganizationSettings),
    current: &FoundSession,
) -> Result<(), StoreError> {
    let row = NewMail {
        id: VerificationId::generate(),
        purpose: Purpose::OrganizationInvitation,
        // It counts the mail; the token is the invitation's own.
        hash: None,
        user_id: None,
        payload: Payload::empty(),
        recipient: &invitation.email,
        asked_by: None,
        created_at: flow.now,
        expires_at: flow.now,
    };
    let Organization { name, .. } = &locked.organization;
    let message = Message::OrganizationInvitation {
        name: String::new(),
        organization: name.clone(),
        inviter: current.user.email.as_str().to_owned(),
        link: link_to(flow.auth, &format!("/organization/invitation?token={}", token.expose()), None),
        expires_in_minutes: whole_minutes(settings.invitation_expires_in),
    };
    let mail = QueuedMail { row, of_user: None, message: Some(message) };
    queue_mail(flow, &mut locked.transaction, mail, &MailLimit::usual(flow.now)).await?;
    Ok(())
}
