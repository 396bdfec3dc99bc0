//! Serves members to each other: `GET /organization/list-members`, `get-active-member` and `get-active-member-role`, `POST
//! /organization/remove-member`, `update-member-role`, `leave` and `has-permission`.

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
        endpoints::organizations::{change::OrganizationBody, read::reference},
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, pairs},
            fields::Fields,
            organization::{member_query, optional_organization, permissions, roles},
            signed_in::{AlsoImpersonated, SignedIn},
        },
        respond::{
            json::json_response,
            organization_view::{MemberUserView, MemberView},
        },
    },
    auth::{self, Auth, MemberRef, OrganizationError, OrganizationRef},
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

/// Is the body of `POST /organization/remove-member`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct RemoveBody<'a> {
    /// Is the id of the membership, or the address of the user.
    member_id_or_email: &'a str,
    /// Is the active organization where it is left out.
    #[schema(nullable = false)]
    organization_id: Option<&'a str>,
}

impl<'a> RemoveBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            member_id_or_email: fields.string("memberIdOrEmail"),
            organization_id: fields.optional_string("organizationId"),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Shows a member who is none any more.
#[derive(Serialize, ToSchema)]
#[schema(as = RemovedMember)]
struct Removed<'a> {
    member: MemberUserView<'a>,
}

/// Remove a member
///
/// It counts at the member's next request, and ends their streams of routes that ask for a role in the organization.
#[utoipa::path(post, path = "/organization/remove-member", tag = "Organizations", request_body = RemoveBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Removed", body = Removed<'_>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`, `MEMBER_NOT_FOUND`, \
            `YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, \
            `YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER`, also an owner by another role; \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`; or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn remove(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = RemoveBody::parse(body.as_ref())?;
    let organization = auth::named_or_active(optional_organization(body.organization_id)?, &found)?;
    let named = body.member_id_or_email;
    let member = if named.contains('@') {
        named.parse().map(MemberRef::Email).ok()
    } else {
        named.parse().map(MemberRef::Id).ok()
    };
    let member = member.ok_or(OrganizationError::UnknownMember)?;
    let removed = auth::remove_member(caller.flow(&auth), &organization, &member, &found).await?;
    Ok(json_response(&Removed { member: MemberUserView::from(&removed) }))
}

/// Is the body of `POST /organization/update-member-role`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UpdateRoleBody<'a> {
    member_id: &'a str,
    /// Is a role, several with commas between them, or a list: `owner`, `admin`, `member`.
    #[schema(value_type = RoleNames)]
    role: Option<&'a Value>,
    /// Is the active organization where it is left out.
    #[schema(nullable = false)]
    organization_id: Option<&'a str>,
}

/// Is one role or several.
#[derive(ToSchema)]
#[schema(as = OrganizationRoleNames)]
#[serde(untagged)]
#[expect(dead_code, reason = "for its schema")]
pub(crate) enum RoleNames {
    Text(String),
    List(Vec<String>),
}

impl<'a> UpdateRoleBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            member_id: fields.string("memberId"),
            role: fields.value("role"),
            organization_id: fields.optional_string("organizationId"),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Give a member other roles
///
/// They count at the member's next request. Only owners make owners, and deal with owners; the last one stays.
#[utoipa::path(post, path = "/organization/update-member-role", tag = "Organizations",
    request_body = UpdateRoleBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The member as they are now", body = MemberView<'_>),
        (status = 400, description = "`NO_ACTIVE_ORGANIZATION`, `MEMBER_NOT_FOUND`, `ROLE_NOT_FOUND`, \
            `YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, `YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn update_role(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = UpdateRoleBody::parse(body.as_ref())?;
    let roles = roles(body.role)?;
    let organization = auth::named_or_active(optional_organization(body.organization_id)?, &found)?;
    let member = body.member_id.parse().map_err(|_| OrganizationError::UnknownMember)?;
    let changed = auth::update_member_roles(caller.flow(&auth), &organization, &member, &roles, &found).await?;
    Ok(json_response(&MemberView::from(&changed)))
}

/// Leave an organization
#[utoipa::path(post, path = "/organization/leave", tag = "Organizations", request_body = OrganizationBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "What one was there", body = MemberUserView<'_>),
        (status = 400, description = "`MEMBER_NOT_FOUND`, `YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, or not from a trusted origin",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn leave(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let OrganizationBody { organization_id } = OrganizationBody::parse(body.as_ref())?;
    let id = organization_id.parse().map_err(|_| OrganizationError::UnknownMember)?;
    let left = auth::leave_organization(caller.flow(&auth), &id, &found).await?;
    Ok(json_response(&MemberUserView::from(&left)))
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
