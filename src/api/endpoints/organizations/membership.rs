//! Serves changes of members: `POST /organization/remove-member`, `update-member-role` and `leave`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::organizations::change::OrganizationBody,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            fields::Fields,
            organization::{optional_organization, roles},
            signed_in::SignedIn,
        },
        respond::{
            json::json_response,
            organization_view::{MemberUserView, MemberView},
        },
    },
    auth::{self, Auth, MemberRef, OrganizationError},
};

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
