//! Shows organizations to those who are in them.

use crate::{
    auth::{
        Auth, FoundSession,
        organization::{
            error::{OrganizationAction, OrganizationError},
            membership::find_own,
        },
    },
    store::{
        StoreError,
        organizations::{
            self, Organization, OrganizationRef,
            invitations::{self, Invitation},
            members::{self, Member, MemberField, MemberQuery, MemberUser},
            teams::{self, Team},
        },
    },
    types::{OrganizationId, OrganizationRoles, UserId},
};

/// Limits the invitations that are listed; the newest are.
const MAX_INVITATIONS: i64 = 1000;

/// Holds an organization with who is in it and who is to be.
#[derive(Debug)]
pub struct FullOrganization {
    pub organization: Organization,
    pub members: Vec<MemberUser>,
    /// Lists none for members who invite nobody.
    pub invitations: Vec<Invitation>,
    /// Lists its teams; `None` where there are no teams.
    pub teams: Option<Vec<Team>>,
}

/// Lists the organizations of a user.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %user))]
pub async fn list_organizations(auth: &Auth, user: &UserId) -> Result<Vec<Organization>, StoreError> {
    organizations::list_of_user(&mut *auth.db.acquire().await?, user).await
}

/// Finds an organization of whoever asks, and them in it.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn find_organization(
    auth: &Auth,
    organization: &OrganizationRef,
    current: &FoundSession,
) -> Result<(Organization, Member), OrganizationError> {
    find_own(&mut *auth.db.acquire().await?, organization, current).await
}

/// Finds an organization of whoever asks, with its first members and its invitations.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn find_full_organization(
    auth: &Auth,
    organization: &OrganizationRef,
    limit: i64,
    current: &FoundSession,
) -> Result<FullOrganization, OrganizationError> {
    let mut connection = auth.db.acquire().await?;
    let (organization, member) = find_own(&mut connection, organization, current).await?;
    let query = MemberQuery { limit, offset: 0, sort_by: MemberField::CreatedAt, descending: false, filter: None };
    let members = members::list(&mut connection, &organization.id, &query).await?;
    let invitations = if member.roles.allow("invitation", "create") {
        list_visible(
            &invitations::list_of_organization(&mut connection, &organization.id, MAX_INVITATIONS).await?,
            &member,
        )
    } else {
        Vec::new()
    };
    let has_teams = auth.settings.organizations.as_ref().is_some_and(|settings| settings.teams.is_some());
    let teams =
        if has_teams { Some(teams::list_of_organization(&mut connection, &organization.id).await?) } else { None };
    Ok(FullOrganization { organization, members, invitations, teams })
}

/// Lists members of an organization of whoever asks, and counts those that the query is about.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn list_members(
    auth: &Auth,
    organization: &OrganizationRef,
    query: &MemberQuery,
    current: &FoundSession,
) -> Result<(Vec<MemberUser>, i64), OrganizationError> {
    let mut connection = auth.db.acquire().await?;
    let (organization, _) = find_own(&mut connection, organization, current).await?;
    let listed = members::list(&mut connection, &organization.id, query).await?;
    let total = members::count(&mut connection, &organization.id, query.filter.as_ref()).await?;
    Ok((listed, total))
}

/// Finds whoever asks as a member of the organization that the session works in.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn find_active_member(
    auth: &Auth,
    organization: &OrganizationId,
    current: &FoundSession,
) -> Result<MemberUser, OrganizationError> {
    let named = (None, Some(&current.user.id), None);
    let found = members::find_named(&mut *auth.db.acquire().await?, organization, named).await?;
    found.ok_or(OrganizationError::UnknownMember)
}

/// Finds the roles of a member of an organization of whoever asks: their own, where nobody is named.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn find_roles(
    auth: &Auth,
    organization: &OrganizationRef,
    user: Option<&UserId>,
    current: &FoundSession,
) -> Result<OrganizationRoles, OrganizationError> {
    let mut connection = auth.db.acquire().await?;
    let (organization, own) = find_own(&mut connection, organization, current).await?;
    let Some(user) = user else { return Ok(own.roles) };
    let found = members::find(&mut connection, &organization.id, user).await?;
    Ok(found.ok_or(OrganizationError::NotAMember)?.roles)
}

/// Lists the invitations of an organization, for those who may invite.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn list_invitations(
    auth: &Auth,
    organization: &OrganizationRef,
    current: &FoundSession,
) -> Result<Vec<Invitation>, OrganizationError> {
    let mut connection = auth.db.acquire().await?;
    let (organization, member) = find_own(&mut connection, organization, current).await?;
    if !member.roles.allow("invitation", "create") {
        return Err(OrganizationError::NotAllowed(OrganizationAction::ListInvitations));
    }
    let all = invitations::list_of_organization(&mut connection, &organization.id, MAX_INVITATIONS).await?;
    Ok(list_visible(&all, &member))
}

/// Leaves out whom only owners deal with.
fn list_visible(all: &[Invitation], member: &Member) -> Vec<Invitation> {
    let is_visible = |invitation: &&Invitation| member.roles.may_deal_with(&invitation.roles);
    all.iter().filter(is_visible).cloned().collect()
}
