//! Serves teams of an organization: `POST /organization/create-team`, `update-team`, `remove-team` and `set-active-team`, `GET
//! /organization/list-teams`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, pairs},
            fields::Fields,
            organization::{optional_organization, parse_name},
            signed_in::{AlsoImpersonated, SignedIn},
        },
        respond::{json::json_response, organization_view::TeamView},
    },
    auth::{self, Auth, OrganizationError},
    types::TeamId,
};

/// Says that something was done with a team.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamMessage)]
pub(super) struct Done {
    pub(super) message: &'static str,
}

/// Is the body of `POST /organization/create-team`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct CreateTeamBody<'a> {
    #[schema(min_length = 1, max_length = 100)]
    name: &'a str,
    /// Is the active organization where it is left out.
    #[schema(nullable = false)]
    organization_id: Option<&'a str>,
}

impl<'a> CreateTeamBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            name: parse_name(&mut fields, true).unwrap_or_default(),
            organization_id: fields.optional_string("organizationId"),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Make a team, in which nobody is yet
#[utoipa::path(post, path = "/organization/create-team", tag = "Organizations",
    request_body = CreateTeamBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The team", body = TeamView<'_>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`, `YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION`, or not from a trusted origin",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn create(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = CreateTeamBody::parse(body.as_ref())?;
    let organization = auth::named_or_active(optional_organization(body.organization_id)?, &found)?;
    let team = auth::create_team(caller.flow(&auth), &organization, body.name, &found).await?;
    Ok(json_response(&TeamView::from(&team)))
}

/// List the teams of an organization that one is in
#[utoipa::path(get, path = "/organization/list-teams", tag = "Organizations",
    params(("organizationId" = Option<String>, Query)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The teams, oldest first", body = Vec<TeamView<'_>>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION`, also to one that is not there",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let named = fields.optional_string("organizationId");
    fields.finish()?;
    let named = optional_organization(named).map_err(no_access)?;
    let organization = auth::named_or_active(named, &found)?;
    let teams = auth::list_teams(&auth, &organization, &found).await.map_err(no_access)?;
    Ok(json_response(&teams.iter().map(TeamView::from).collect::<Vec<_>>()))
}

/// Is the body of `POST /organization/update-team`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UpdateTeamBody<'a> {
    team_id: &'a str,
    data: TeamData<'a>,
}

/// Holds what is to change of a team.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct TeamData<'a> {
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    name: Option<&'a str>,
    /// Says which organization has the team: the active one where it is left out. No team moves to another.
    #[schema(nullable = false)]
    organization_id: Option<&'a str>,
}

impl<'a> UpdateTeamBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let team_id = fields.string("teamId");
        let mut data = fields.nested("data", "body.data")?;
        let parsed =
            TeamData { name: parse_name(&mut data, false), organization_id: data.optional_string("organizationId") };
        fields.finish()?;
        data.finish()?;
        Ok(Self { team_id, data: parsed })
    }
}

/// Give a team another name
#[utoipa::path(post, path = "/organization/update-team", tag = "Organizations",
    request_body = UpdateTeamBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The team as it is now", body = TeamView<'_>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`, `TEAM_NOT_FOUND`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn update(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let UpdateTeamBody { team_id, data } = UpdateTeamBody::parse(body.as_ref())?;
    let organization = auth::named_or_active(optional_organization(data.organization_id)?, &found)?;
    let team = parse_team(team_id)?;
    let updated = auth::update_team(caller.flow(&auth), (&organization, &team), data.name, &found).await?;
    Ok(json_response(&TeamView::from(&updated)))
}

/// Is the body of `POST /organization/remove-team`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct RemoveTeamBody<'a> {
    team_id: &'a str,
    /// Is the active organization where it is left out.
    #[schema(nullable = false)]
    organization_id: Option<&'a str>,
}

impl<'a> RemoveTeamBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed =
            Self { team_id: fields.string("teamId"), organization_id: fields.optional_string("organizationId") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Remove a team
///
/// Its members stay in the organization. The last team stays, and so does the one that the session works in.
#[utoipa::path(post, path = "/organization/remove-team", tag = "Organizations",
    request_body = RemoveTeamBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Removed", body = Done),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`, `TEAM_NOT_FOUND`, `UNABLE_TO_REMOVE_LAST_TEAM`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION`, `YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM`: the \
            session works in it; or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn remove(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = RemoveTeamBody::parse(body.as_ref())?;
    let organization = auth::named_or_active(optional_organization(body.organization_id)?, &found)?;
    let team = parse_team(body.team_id)?;
    auth::remove_team(caller.flow(&auth), &organization, &team, &found).await?;
    Ok(json_response(&Done { message: "Team removed successfully." }))
}

/// Is the body of `POST /organization/set-active-team`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SetActiveTeamBody<'a> {
    /// With `null` the session works in none.
    #[schema(value_type = Option<String>)]
    #[expect(clippy::option_option, reason = "absent and null are told apart")]
    team_id: Option<Option<&'a str>>,
}

impl<'a> SetActiveTeamBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let team_id = match fields.value("teamId") {
            None => None,
            Some(Value::Null) => Some(None),
            Some(_) => Some(Some(fields.string("teamId"))),
        };
        fields.finish()?;
        Ok(Self { team_id })
    }
}

/// Let the session work in a team of the active organization, or in none
///
/// Returns the active one where none is named.
#[utoipa::path(post, path = "/organization/set-active-team", tag = "Organizations",
    request_body = SetActiveTeamBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The team, or `null`", body = Option<TeamView<'_>>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`; `TEAM_NOT_FOUND`: the active organization has none of \
            this id", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`USER_IS_NOT_A_MEMBER_OF_THE_TEAM`, or not from a trusted origin",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn set_active(
    State(auth): State<Arc<Auth>>,
    AlsoImpersonated(SignedIn { caller, found, .. }): AlsoImpersonated,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let SetActiveTeamBody { team_id } = SetActiveTeamBody::parse(body.as_ref())?;
    let wanted = match team_id {
        Some(None) => None,
        Some(Some(id)) if !id.is_empty() => Some(parse_team(id)?),
        _ => found.session.active_team.clone(),
    };
    let active = auth::activate_team(caller.flow(&auth), wanted.as_ref(), &found).await?;
    Ok(json_response(&active.as_ref().map(TeamView::from)))
}

/// Reads the id of a team. What is no id names none.
pub(super) fn parse_team(text: &str) -> Result<TeamId, OrganizationError> {
    text.parse().map_err(|_| OrganizationError::UnknownTeam)
}

/// Names what the contract calls it where teams are asked for.
fn no_access(error: OrganizationError) -> Problem {
    match error {
        OrganizationError::NotAMember => Problem::new(
            StatusCode::FORBIDDEN,
            "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION",
            "You are not allowed to access this organization",
        ),
        other => other.into(),
    }
}
