//! Serves invitations to those who make them: `POST /organization/invite-member` and `cancel-invitation`, `GET
//! /organization/list-invitations`.

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
        endpoints::organizations::{membership::RoleNames, read::reference, replies::InvitationBody},
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, pairs},
            fields::{Fields, email},
            organization::{optional_organization, roles, teams},
            schemas,
            signed_in::SignedIn,
        },
        respond::{json::json_response, organization_view::InvitationView},
    },
    auth::{self, Auth, Invite, OrganizationError},
};

/// Is the body of `POST /organization/invite-member`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct InviteBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    /// Is a role, several with commas between them, or a list: `owner`, `admin`, `member`.
    #[schema(value_type = RoleNames)]
    role: Option<&'a Value>,
    /// Is the active organization where it is left out.
    #[schema(nullable = false)]
    organization_id: Option<&'a str>,
    /// Is the id of a team of the organization, or a list of at most 20; it is left alone where there are no teams.
    #[schema(value_type = TeamIds, required = false)]
    team_id: Option<&'a Value>,
    /// With `true` an open invitation is mailed once more, as it was made.
    #[schema(required = false, default = false)]
    resend: bool,
}

impl<'a> InviteBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            email: fields.string("email"),
            role: fields.value("role"),
            team_id: fields.value("teamId"),
            organization_id: fields.optional_string("organizationId"),
            resend: fields.boolean_or("resend", false),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Is one team or several.
#[derive(ToSchema)]
#[schema(as = TeamIds)]
#[serde(untagged)]
#[expect(dead_code, reason = "for its schema")]
pub(crate) enum TeamIds {
    Text(String),
    List(Vec<String>),
}

/// Invite an address to an organization, by mail
///
/// The mail leads to a page whose button accepts. Nobody but the address can, and the answer does not tell whether it has
/// an account.
#[utoipa::path(post, path = "/organization/invite-member", tag = "Organizations", request_body = InviteBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Invited", body = InvitationView<'_>),
        (status = 400, description = "`ORGANIZATION_NOT_FOUND`: none is named, and none is active; `INVALID_EMAIL`, \
            `MEMBER_NOT_FOUND`: one is not in it; `ROLE_NOT_FOUND`, `USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION`, \
            `USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION`, `TEAM_NOT_FOUND`, `INVALID_TEAM_ID`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, \
            `YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE`, `INVITATION_LIMIT_REACHED`, \
            `TEAM_MEMBER_LIMIT_REACHED`, or not from a trusted origin",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn invite(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = InviteBody::parse(body.as_ref())?;
    let named = optional_organization(body.organization_id).map_err(|_| OrganizationError::UnknownMember)?;
    let id = auth::named_or_active(named, &found).map_err(|_| OrganizationError::UnknownOrganization)?;
    let (email, roles) = (email(body.email)?, roles(body.role)?);
    let has_teams = auth.settings.organizations.as_ref().is_some_and(|settings| settings.teams.is_some());
    let teams = if has_teams { teams(body.team_id)? } else { Vec::new() };
    let input = Invite { email: &email, roles: &roles, teams: &teams, resend: body.resend };
    let invitation = auth::invite_member(caller.flow(&auth), &id, &input, &found).await?;
    Ok(json_response(&InvitationView::from(&invitation)))
}

/// Take an open invitation back
#[utoipa::path(post, path = "/organization/cancel-invitation", tag = "Organizations",
    request_body = InvitationBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Canceled", body = InvitationView<'_>),
        (status = 400, description = "`INVITATION_NOT_FOUND`: it is not there, was answered, or is another \
            organization's", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, \
            `YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION`, or not from a trusted origin",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn cancel(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let id = InvitationBody::parse(body.as_ref())?.id()?;
    let canceled = auth::cancel_invitation(caller.flow(&auth), &id, &found).await?;
    Ok(json_response(&InvitationView::from(&canceled)))
}

/// List the invitations of an organization, whatever became of them
///
/// Those of owners are listed to owners only.
#[utoipa::path(get, path = "/organization/list-invitations", tag = "Organizations",
    params(("organizationId" = Option<String>, Query)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The newest 1000, newest first", body = Vec<InvitationView<'_>>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let named = (fields.optional_string("organizationId"), None);
    fields.finish()?;
    let organization = reference(named, &found)?.ok_or(OrganizationError::NoActiveOrganization)?;
    let listed = auth::list_invitations(&auth, &organization, &found).await?;
    Ok(json_response(&listed.iter().map(InvitationView::from).collect::<Vec<_>>()))
}
