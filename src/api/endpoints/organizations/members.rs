//! Shows members to each other: `GET /organization/list-members`, `get-active-member` and `get-active-member-role`, `POST
//! /organization/has-permission`.

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
        endpoints::organizations::read::reference,
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, pairs},
            fields::Fields,
            organization::{member_query, optional_organization, permissions},
            signed_in::{AlsoImpersonated, SignedIn},
        },
        respond::{json::json_response, organization_view::MemberUserView},
    },
    auth::{self, Auth, OrganizationError, OrganizationRef},
};

/// Lists members.
#[derive(Serialize, ToSchema)]
#[schema(as = Members)]
struct Members<'a> {
    members: Vec<MemberUserView<'a>>,
    /// Counts those that the filter is about, whatever part of them is listed.
    total: i64,
}

/// List the members of an organization that one is in
#[utoipa::path(get, path = "/organization/list-members", tag = "Organizations",
    params(("organizationId" = Option<String>, Query), ("organizationSlug" = Option<String>, Query),
        ("limit" = Option<i64>, Query, description = "1 to 1000, 100 where none is given"),
        ("offset" = Option<i64>, Query),
        ("sortBy" = Option<String>, Query, description = "`createdAt`, `role`, `userId` or `id`"),
        ("sortDirection" = Option<String>, Query, description = "`asc` or `desc`"),
        ("filterField" = Option<String>, Query, description = "`role`, `userId` or `id`"),
        ("filterOperator" = Option<String>, Query, description = "`eq`, `ne` or `contains`"),
        ("filterValue" = Option<String>, Query)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The members, oldest first", body = Members<'_>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let named = (fields.optional_string("organizationId"), fields.optional_string("organizationSlug"));
    let members = member_query(&mut fields);
    fields.finish()?;
    let organization = reference(named, &found).map_err(|_| stranger())?;
    let organization = organization.ok_or(OrganizationError::NoActiveOrganization)?;
    let (members, total) = auth::list_members(&auth, &organization, &members, &found).await.map_err(no_member)?;
    Ok(json_response(&Members { members: members.iter().map(MemberUserView::from).collect(), total }))
}

/// Get oneself as a member of the active organization
#[utoipa::path(get, path = "/organization/get-active-member", tag = "Organizations",
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The member", body = MemberUserView<'_>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`, `MEMBER_NOT_FOUND`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn active(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
) -> Result<Response, Problem> {
    let organization = auth::named_or_active(None, &found)?;
    let member = auth::find_active_member(&auth, &organization, &found).await?;
    Ok(json_response(&MemberUserView::from(&member)))
}

/// Tells what a member may do.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberRole)]
struct Role {
    /// Lists the roles, separated by commas.
    role: String,
}

/// Get the role of a member: one's own, where nobody is named
#[utoipa::path(get, path = "/organization/get-active-member-role", tag = "Organizations",
    params(("userId" = Option<String>, Query), ("organizationId" = Option<String>, Query),
        ("organizationSlug" = Option<String>, Query)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The role", body = Role),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`, also where the other is none",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn active_role(
    State(auth): State<Arc<Auth>>,
    SignedIn { found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let named = (fields.optional_string("organizationId"), fields.optional_string("organizationSlug"));
    let user = fields.optional_string("userId");
    fields.finish()?;
    let organization = reference(named, &found).map_err(|_| stranger())?;
    let organization = organization.ok_or(OrganizationError::NoActiveOrganization)?;
    let user = user.map(str::parse).transpose().map_err(|_| stranger())?;
    let roles = auth::find_roles(&auth, &organization, user.as_ref(), &found).await.map_err(no_member)?;
    Ok(json_response(&Role { role: roles.joined() }))
}

/// Is the body of `POST /organization/has-permission`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PermissionBody<'a> {
    /// Lists actions by resource, such as `{"member": ["create"]}`.
    #[schema(value_type = Object)]
    permissions: Vec<(&'a str, &'a str)>,
    /// Is the active organization where it is left out.
    #[schema(nullable = false)]
    organization_id: Option<&'a str>,
}

impl<'a> PermissionBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let organization_id = fields.optional_string("organizationId");
        fields.finish()?;
        Ok(Self { permissions: permissions(body.and_then(Value::as_object))?, organization_id })
    }
}

/// Tells whether a role allows it.
#[derive(Serialize, ToSchema)]
#[schema(as = HasPermission)]
struct HasPermission {
    #[schema(value_type = Option<String>)]
    error: (),
    success: bool,
}

/// Tell whether one of one's roles in an organization allows all of these actions
#[utoipa::path(post, path = "/organization/has-permission", tag = "Organizations", request_body = PermissionBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Yes or no", body = HasPermission),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn has_permission(
    State(auth): State<Arc<Auth>>,
    AlsoImpersonated(SignedIn { found, .. }): AlsoImpersonated,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = PermissionBody::parse(body.as_ref())?;
    let organization = auth::named_or_active(optional_organization(body.organization_id)?, &found)?;
    let roles = auth::find_roles(&auth, &OrganizationRef::Id(organization), None, &found).await?;
    Ok(json_response(&HasPermission { error: (), success: roles.allow_all(&body.permissions) }))
}

/// Names what the contract calls it where members are asked for.
pub(super) fn no_member(error: OrganizationError) -> Problem {
    match error {
        OrganizationError::NotAMember => stranger(),
        other => other.into(),
    }
}

pub(super) fn stranger() -> Problem {
    let message = "You are not a member of this organization";
    Problem::new(StatusCode::FORBIDDEN, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", message)
}
