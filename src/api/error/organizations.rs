//! Turns the errors of flows with organizations into responses, as [`super::flows`] does with those of the others.

use http::StatusCode;

use crate::{
    api::error::problem::Problem,
    auth::{OrganizationAction, OrganizationError},
};

impl From<OrganizationError> for Problem {
    fn from(error: OrganizationError) -> Self {
        let forbidden = |code, message| Self::new(StatusCode::FORBIDDEN, code, message);
        match error {
            OrganizationError::UnknownOrganization => {
                Self::bad_request("ORGANIZATION_NOT_FOUND", "Organization not found")
            }
            OrganizationError::NoActiveOrganization => {
                Self::bad_request("NO_ACTIVE_ORGANIZATION", "No active organization")
            }
            OrganizationError::AlreadyExists => {
                Self::bad_request("ORGANIZATION_ALREADY_EXISTS", "Organization already exists")
            }
            OrganizationError::SlugTaken => {
                Self::bad_request("ORGANIZATION_SLUG_ALREADY_TAKEN", "Organization slug already taken")
            }
            OrganizationError::CreationRefused(_) => forbidden(
                "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION",
                "You are not allowed to create a new organization",
            ),
            OrganizationError::TooManyOrganizations => forbidden(
                "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS",
                "You have reached the maximum number of organizations",
            ),
            OrganizationError::NotAMember => {
                forbidden("USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization")
            }
            OrganizationError::UnknownMember => Self::bad_request("MEMBER_NOT_FOUND", "Member not found"),
            OrganizationError::NotAllowed(action) => Self::not_allowed_in_organization(action),
            OrganizationError::UnknownRole(name) if name.is_empty() => {
                Self::bad_request("ROLE_NOT_FOUND", "Role not found")
            }
            OrganizationError::UnknownRole(_) => {
                Self::bad_request("ROLE_NOT_FOUND", "Role not found: the roles are owner, admin and member")
            }
            OrganizationError::OnlyOwner => Self::bad_request(
                "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER",
                "You cannot leave the organization as the only owner",
            ),
            OrganizationError::NoOwnerLeft => Self::bad_request(
                "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER",
                "You cannot leave the organization without an owner",
            ),
            OrganizationError::AlreadyMember => Self::bad_request(
                "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION",
                "User is already a member of this organization",
            ),
            OrganizationError::AlreadyInvited => Self::bad_request(
                "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION",
                "User is already invited to this organization",
            ),
            OrganizationError::TooManyInvitations => forbidden("INVITATION_LIMIT_REACHED", "Invitation limit reached"),
            OrganizationError::TooManyMembers => {
                forbidden("ORGANIZATION_MEMBERSHIP_LIMIT_REACHED", "Organization membership limit reached")
            }
            OrganizationError::UnknownInvitation => Self::bad_request("INVITATION_NOT_FOUND", "Invitation not found"),
            OrganizationError::NotTheRecipient => {
                forbidden("YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION", "You are not the recipient of the invitation")
            }
            OrganizationError::EmailNotVerified => forbidden(
                "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION",
                "Email verification required to view or list invitations for the session email",
            ),
            OrganizationError::EmailNotVerifiedToAnswer => forbidden(
                "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION",
                "Email verification required before accepting or rejecting an invitation",
            ),
            OrganizationError::InviterGone => Self::bad_request(
                "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION",
                "Inviter is no longer a member of the organization who may invite with this role",
            ),
            OrganizationError::UnknownTeam => Self::bad_request("TEAM_NOT_FOUND", "Team not found"),
            OrganizationError::NoActiveTeam => {
                Self::bad_request("YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM", "You do not have an active team")
            }
            OrganizationError::NotInTeam => {
                Self::bad_request("USER_IS_NOT_A_MEMBER_OF_THE_TEAM", "User is not a member of the team")
            }
            OrganizationError::UserNotInOrganization => Self::bad_request(
                "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
                "User is not a member of the organization",
            ),
            OrganizationError::TooManyTeams => Self::bad_request(
                "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS",
                "You have reached the maximum number of teams",
            ),
            OrganizationError::TeamFull => forbidden("TEAM_MEMBER_LIMIT_REACHED", "Team member limit reached"),
            OrganizationError::LastTeam => {
                Self::bad_request("UNABLE_TO_REMOVE_LAST_TEAM", "Unable to remove last team")
            }
            OrganizationError::Flow(error) => error.into(),
        }
    }
}

impl Problem {
    /// Creates a 403: the role of whoever asks does not allow it.
    fn not_allowed_in_organization(action: OrganizationAction) -> Self {
        let (code, message) = match action {
            OrganizationAction::Update => {
                ("YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION", "You are not allowed to update this organization")
            }
            OrganizationAction::Delete => {
                ("YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION", "You are not allowed to delete this organization")
            }
            OrganizationAction::Invite => (
                "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION",
                "You are not allowed to invite users to this organization",
            ),
            OrganizationAction::InviteWithRole => (
                "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE",
                "You are not allowed to invite a user with this role",
            ),
            OrganizationAction::CancelInvitation => {
                ("YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION", "You are not allowed to cancel this invitation")
            }
            OrganizationAction::ListInvitations => (
                "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS",
                "You are not allowed to list invitations for this organization",
            ),
            OrganizationAction::RemoveMember => {
                ("YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER", "You are not allowed to delete this member")
            }
            OrganizationAction::UpdateMember => {
                ("YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER", "You are not allowed to update this member")
            }
            OrganizationAction::CreateTeam => (
                "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION",
                "You are not allowed to create teams in this organization",
            ),
            OrganizationAction::UpdateTeam => {
                ("YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM", "You are not allowed to update this team")
            }
            OrganizationAction::DeleteTeams => (
                "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION",
                "You are not allowed to delete teams in this organization",
            ),
            OrganizationAction::DeleteActiveTeam => {
                ("YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM", "You are not allowed to delete the team that you work in")
            }
            OrganizationAction::ActivateTeam => {
                ("USER_IS_NOT_A_MEMBER_OF_THE_TEAM", "User is not a member of the team")
            }
            OrganizationAction::AddTeamMember => {
                ("YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER", "You are not allowed to add a member to a team")
            }
            OrganizationAction::RemoveTeamMember => {
                ("YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER", "You are not allowed to remove a team member")
            }
        };
        Self::new(StatusCode::FORBIDDEN, code, message)
    }
}
