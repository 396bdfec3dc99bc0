//! Describes why something was not done with an organization.

use crate::{
    auth::{FlowError, organization::settings::OrganizationCreation},
    store::StoreError,
};

/// Describes why something was not done with an organization.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    #[error("there is no such organization")]
    UnknownOrganization,
    /// None is named, and the session works in none.
    #[error("the session works in no organization")]
    NoActiveOrganization,
    /// A new organization has the slug of another one.
    #[error("the organization exists")]
    AlreadyExists,
    /// An organization is to have the slug of another one.
    #[error("the slug is taken")]
    SlugTaken,
    /// The configuration says who founds organizations.
    #[error("nobody founds organizations here ({0:?})")]
    CreationRefused(OrganizationCreation),
    #[error("the user owns as many organizations as anybody may")]
    TooManyOrganizations,
    /// The user who asks is none of its members.
    #[error("the user is not in the organization")]
    NotAMember,
    /// The user whom something is to be done with is none of its members.
    #[error("the member is unknown")]
    UnknownMember,
    #[error("the role does not allow it: {0:?}")]
    NotAllowed(OrganizationAction),
    #[error("there is no role {0:?} in organizations")]
    UnknownRole(String),
    /// An organization without an owner could not be taken care of by anybody.
    #[error("it is the only owner who would go")]
    OnlyOwner,
    #[error("it is the only owner whose role would be taken")]
    NoOwnerLeft,
    #[error("the user is in the organization already")]
    AlreadyMember,
    #[error("the address is invited already")]
    AlreadyInvited,
    #[error("the organization has as many open invitations as it may")]
    TooManyInvitations,
    #[error("the organization has as many members as it may")]
    TooManyMembers,
    /// The invitation is unknown, expired, or was answered.
    #[error("there is no such invitation")]
    UnknownInvitation,
    /// The invitation is for another address.
    #[error("the invitation is somebody else's")]
    NotTheRecipient,
    /// The address is right, but nobody has proved yet that it is the user's.
    #[error("the address is not verified")]
    EmailNotVerified,
    /// It is the same where an invitation is answered.
    #[error("the address is not verified, so it answers no invitation")]
    EmailNotVerifiedToAnswer,
    /// The user who made the invitation could not make it any more.
    #[error("the inviter is not allowed to invite any more")]
    InviterGone,
    #[error("the organization has no such team")]
    UnknownTeam,
    /// None is named, and the session works in none.
    #[error("the session works in no team")]
    NoActiveTeam,
    #[error("the user is not in the team")]
    NotInTeam,
    /// The user whom something is to be done with in a team is none of the organization's members.
    #[error("the other user is not in the organization")]
    UserNotInOrganization,
    #[error("the organization has as many teams as it may")]
    TooManyTeams,
    #[error("the team has as many members as it may")]
    TeamFull,
    #[error("it is the only team")]
    LastTeam,
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for OrganizationError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// Names what a role can forbid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganizationAction {
    Update,
    Delete,
    Invite,
    InviteWithRole,
    CancelInvitation,
    ListInvitations,
    RemoveMember,
    UpdateMember,
    CreateTeam,
    UpdateTeam,
    DeleteTeams,
    /// The session works in it.
    DeleteActiveTeam,
    /// The user is not in it.
    ActivateTeam,
    AddTeamMember,
    RemoveTeamMember,
}
