//! Serves who is in teams: `POST /organization/add-team-member` and `remove-team-member`, `GET /organization/list-team-members`
//! and `list-user-teams`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::organizations::{
            members::{no_member, stranger},
            teams::{Done, parse_team},
        },
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, pairs},
            fields::Fields,
            organization::optional_organization,
            signed_in::SignedIn,
        },
        respond::{
            json::json_response,
            organization_view::{TeamMemberView, TeamView},
        },
    },
    auth::{self, Auth, OrganizationError},
    types::UserId,
};

/// Is the body of `POST /organization/add-team-member` and `POST /organization/remove-team-member`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the API calls them so")]
pub(crate) struct TeamMemberBody<'a> {
    team_id: &'a str,
    user_id: &'a str,
    /// Is the active organization where it is left out.
    #[schema(nullable = false)]
    organization_id: Option<&'a str>,
}

impl<'a> TeamMemberBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            team_id: fields.string("teamId"),
            user_id: fields.string("userId"),
            organization_id: fields.optional_string("organizationId"),
        };
        fields.finish()?;
        Ok(parsed)
    }

    /// Returns whom it names. What is no id is nobody in the organization.
    fn user(&self) -> Result<UserId, OrganizationError> {
        self.user_id.parse().map_err(|_| OrganizationError::UserNotInOrganization)
    }
}

/// Put a member of the organization into a team
///
/// A user who is in it already stays as they are.
#[utoipa::path(post, path = "/organization/add-team-member", tag = "Organizations",
    request_body = TeamMemberBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The member in the team", body = TeamMemberView<'_>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`, `TEAM_NOT_FOUND`; \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`: the other is none", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`: one is none oneself; \
            `YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER`, `TEAM_MEMBER_LIMIT_REACHED`, or not from a trusted origin",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn add(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = TeamMemberBody::parse(body.as_ref())?;
    let organization = auth::named_or_active(optional_organization(body.organization_id)?, &found)?;
    let (team, user) = (parse_team(body.team_id)?, body.user()?);
    let member = auth::add_team_member(caller.flow(&auth), &organization, (&team, &user), &found).await?;
    Ok(json_response(&TeamMemberView::from(&member)))
}

/// Take a member out of a team, who stays in the organization
#[utoipa::path(post, path = "/organization/remove-team-member", tag = "Organizations",
    request_body = TeamMemberBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Removed", body = Done),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`, `TEAM_NOT_FOUND`, `USER_IS_NOT_A_MEMBER_OF_THE_TEAM`; \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`: the other is none", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`: one is none oneself; \
            `YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn remove(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = TeamMemberBody::parse(body.as_ref())?;
    let organization = auth::named_or_active(optional_organization(body.organization_id)?, &found)?;
    let (team, user) = (parse_team(body.team_id)?, body.user()?);
    auth::remove_team_member(caller.flow(&auth), &organization, (&team, &user), &found).await?;
    Ok(json_response(&Done { message: "Team member removed successfully." }))
}

/// List who is in a team that one is in
///
/// It is the active team where none is named.
#[utoipa::path(get, path = "/organization/list-team-members", tag = "Organizations",
    params(("teamId" = Option<String>, Query)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The members, those who came first at the beginning",
            body = Vec<TeamMemberView<'_>>),
        (status = 400, description = "`YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM`; `USER_IS_NOT_A_MEMBER_OF_THE_TEAM`, also of one \
            that is not there", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let named = fields.optional_string("teamId").filter(|id| !id.is_empty());
    fields.finish()?;
    let team = match named {
        Some(id) => id.parse().map_err(|_| OrganizationError::NotInTeam)?,
        None => found.session.active_team.clone().ok_or(OrganizationError::NoActiveTeam)?,
    };
    let members = auth::list_team_members(&auth, &team, &found).await?;
    Ok(json_response(&members.iter().map(TeamMemberView::from).collect::<Vec<_>>()))
}

/// List the teams that one is in: of one organization, or of all
///
/// Those of another member are listed to whoever may change members.
#[utoipa::path(get, path = "/organization/list-user-teams", tag = "Organizations",
    params(("userId" = Option<String>, Query), ("organizationId" = Option<String>, Query)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The teams, in the order in which the user came into them",
            body = Vec<TeamView<'_>>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`; `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`: the other is \
            none", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn list_of_user(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let user = fields.optional_string("userId").filter(|id| !id.is_empty() && *id != found.user.id.as_str());
    let organization = fields.optional_string("organizationId");
    fields.finish()?;
    let organization = optional_organization(organization).map_err(|_| stranger())?;
    let teams = match user {
        Some(user) => {
            let organization = auth::named_or_active(organization, &found)?;
            let user: UserId = user.parse().map_err(|_| OrganizationError::UserNotInOrganization)?;
            auth::list_teams_of_member(&auth, &organization, &user, &found).await
        }
        None => auth::list_own_teams(&auth, organization.as_ref(), &found).await,
    };
    let teams = teams.map_err(no_member)?;
    Ok(json_response(&teams.iter().map(TeamView::from).collect::<Vec<_>>()))
}
