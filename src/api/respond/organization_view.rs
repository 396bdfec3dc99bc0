//! Shows organizations, members and invitations as JSON (contract of the plugin).

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::respond::views::wire_time,
    auth::{Invitation, Member, MemberUser, Organization, Team, TeamMember},
    types::{Email, InvitationId, MemberId, OrganizationId, TeamId, TeamMemberId, UserId},
};

/// Shows an organization to its members.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationView<'a> {
    #[schema(value_type = String)]
    id: &'a OrganizationId,
    name: &'a str,
    slug: &'a str,
    #[schema(required)]
    logo: Option<&'a str>,
    /// Is the object that clients keep with it, never text.
    #[schema(value_type = Option<Object>, required)]
    metadata: Option<&'a Value>,
    #[schema(format = DateTime)]
    created_at: String,
}

impl<'a> From<&'a Organization> for OrganizationView<'a> {
    fn from(organization: &'a Organization) -> Self {
        Self {
            id: &organization.id,
            name: &organization.name,
            slug: &organization.slug,
            logo: organization.logo.as_deref(),
            metadata: organization.metadata.as_ref(),
            created_at: wire_time(organization.created_at),
        }
    }
}

/// Shows a user in an organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberView<'a> {
    #[schema(value_type = String)]
    id: &'a MemberId,
    #[schema(value_type = String)]
    organization_id: &'a OrganizationId,
    #[schema(value_type = String)]
    user_id: &'a UserId,
    /// Lists the roles, separated by commas: `owner`, `admin`, `member`.
    role: String,
    #[schema(format = DateTime)]
    created_at: String,
}

impl<'a> From<&'a Member> for MemberView<'a> {
    fn from(member: &'a Member) -> Self {
        Self {
            id: &member.id,
            organization_id: &member.organization_id,
            user_id: &member.user_id,
            role: member.roles.joined(),
            created_at: wire_time(member.created_at),
        }
    }
}

/// Shows a member with what the others see of the user.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberWithUser)]
pub(crate) struct MemberUserView<'a> {
    #[serde(flatten)]
    member: MemberView<'a>,
    user: MemberIdentity<'a>,
}

/// Shows what the members of an organization see of each other.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberIdentity)]
struct MemberIdentity<'a> {
    #[schema(value_type = String)]
    id: &'a UserId,
    name: &'a str,
    #[schema(value_type = String, format = Email)]
    email: &'a Email,
    #[schema(required)]
    image: Option<&'a str>,
}

impl<'a> From<&'a MemberUser> for MemberUserView<'a> {
    fn from(found: &'a MemberUser) -> Self {
        let MemberUser { member, name, email, image } = found;
        let user = MemberIdentity { id: &member.user_id, name, email, image: image.as_deref() };
        Self { member: MemberView::from(member), user }
    }
}

/// Shows an invitation.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvitationView<'a> {
    #[schema(value_type = String)]
    id: &'a InvitationId,
    #[schema(value_type = String)]
    organization_id: &'a OrganizationId,
    #[schema(value_type = String, format = Email)]
    email: &'a Email,
    /// Lists the roles, separated by commas.
    role: String,
    /// Lists the ids of the teams that it leads into, separated by commas; it is not there where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, required = false)]
    team_id: Option<String>,
    /// Is `pending`, `accepted`, `rejected` or `canceled`.
    status: &'static str,
    #[schema(value_type = String)]
    inviter_id: &'a UserId,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(format = DateTime)]
    created_at: String,
}

impl<'a> From<&'a Invitation> for InvitationView<'a> {
    fn from(invitation: &'a Invitation) -> Self {
        Self {
            id: &invitation.id,
            organization_id: &invitation.organization_id,
            email: &invitation.email,
            role: invitation.roles.joined(),
            team_id: (!invitation.team_ids.is_empty()).then(|| {
                let ids: Vec<&str> = invitation.team_ids.iter().map(TeamId::as_str).collect();
                ids.join(",")
            }),
            status: invitation.status.as_str(),
            inviter_id: &invitation.inviter_id,
            expires_at: wire_time(invitation.expires_at),
            created_at: wire_time(invitation.created_at),
        }
    }
}

/// Shows a team to the members of its organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Team)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TeamView<'a> {
    #[schema(value_type = String)]
    id: &'a TeamId,
    name: &'a str,
    #[schema(value_type = String)]
    organization_id: &'a OrganizationId,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl<'a> From<&'a Team> for TeamView<'a> {
    fn from(team: &'a Team) -> Self {
        Self {
            id: &team.id,
            name: &team.name,
            organization_id: &team.organization_id,
            created_at: wire_time(team.created_at),
            updated_at: wire_time(team.updated_at),
        }
    }
}

/// Shows a member of an organization in one of its teams.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamMember)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TeamMemberView<'a> {
    #[schema(value_type = String)]
    id: &'a TeamMemberId,
    #[schema(value_type = String)]
    team_id: &'a TeamId,
    #[schema(value_type = String)]
    user_id: &'a UserId,
    #[schema(format = DateTime)]
    created_at: String,
}

impl<'a> From<&'a TeamMember> for TeamMemberView<'a> {
    fn from(member: &'a TeamMember) -> Self {
        Self {
            id: &member.id,
            team_id: &member.team_id,
            user_id: &member.user_id,
            created_at: wire_time(member.created_at),
        }
    }
}
