//! Serves `GET /organization/list`, `get-organization` and `get-full-organization`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::pairs,
            fields::Fields,
            organization::{members_limit, optional_reference},
            signed_in::SignedIn,
        },
        respond::{
            json::json_response,
            organization_view::{InvitationView, MemberUserView, OrganizationView, TeamView},
        },
    },
    auth::{self, Auth, FoundSession, OrganizationRef},
};

/// List the organizations that one is a member of
#[utoipa::path(get, path = "/organization/list", tag = "Organizations",
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The organizations, in the order in which one came into them",
            body = Vec<OrganizationView<'_>>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn list(State(auth): State<Arc<Auth>>, SignedIn { found, .. }: SignedIn) -> Result<Response, Problem> {
    let own = auth::list_organizations(&auth, &found.user.id).await?;
    Ok(json_response(&own.iter().map(OrganizationView::from).collect::<Vec<_>>()))
}

/// Get an organization that one is a member of
///
/// It is the active one where none is named; `null` where there is none.
#[utoipa::path(get, path = "/organization/get-organization", tag = "Organizations",
    params(("organizationId" = Option<String>, Query), ("organizationSlug" = Option<String>, Query)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The organization, or `null`", body = Option<OrganizationView<'_>>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, also of one that is not there",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn get(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let named = (fields.optional_string("organizationId"), fields.optional_string("organizationSlug"));
    fields.finish()?;
    let Some(organization) = reference(named, &found)? else {
        return Ok(json_response(&None::<OrganizationView<'_>>));
    };
    let (organization, _) = auth::find_organization(&auth, &organization, &found).await?;
    Ok(json_response(&OrganizationView::from(&organization)))
}

/// Shows an organization with its members and invitations.
#[derive(Serialize, ToSchema)]
#[schema(as = FullOrganization)]
struct Full<'a> {
    #[serde(flatten)]
    organization: OrganizationView<'a>,
    members: Vec<MemberUserView<'a>>,
    /// Lists none for members who invite nobody.
    invitations: Vec<InvitationView<'a>>,
    /// Lists the teams, oldest first; it is there only with `auth.organizations.teams`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, required = false)]
    teams: Option<Vec<TeamView<'a>>>,
}

/// Get an organization with its members and invitations
///
/// It is the active one where none is named; `null` where there is none.
#[utoipa::path(get, path = "/organization/get-full-organization", tag = "Organizations",
    params(("organizationId" = Option<String>, Query), ("organizationSlug" = Option<String>, Query),
        ("membersLimit" = Option<String>, Query, description = "A number of members, 100 where none is given")),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The organization, or `null`", body = Option<Full<'_>>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, also of one that is not there",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn get_full(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let named = (fields.optional_string("organizationId"), fields.optional_string("organizationSlug"));
    let limit = members_limit(fields.optional_string("membersLimit"));
    fields.finish()?;
    let Some(organization) = reference(named, &found)? else { return Ok(json_response(&None::<Full<'_>>)) };
    let full = auth::find_full_organization(&auth, &organization, limit, &found).await?;
    Ok(json_response(&Full {
        organization: OrganizationView::from(&full.organization),
        members: full.members.iter().map(MemberUserView::from).collect(),
        invitations: full.invitations.iter().map(InvitationView::from).collect(),
        teams: full.teams.as_ref().map(|teams| teams.iter().map(TeamView::from).collect()),
    }))
}

/// Returns the organization that a query names, or else the one that the session works in.
pub(super) fn reference(
    (id, slug): (Option<&str>, Option<&str>),
    found: &FoundSession,
) -> Result<Option<OrganizationRef>, Problem> {
    let active = || found.session.organization.as_ref().map(|active| OrganizationRef::Id(active.id.clone()));
    Ok(optional_reference(id, slug)?.or_else(active))
}
