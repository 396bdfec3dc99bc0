//! Serves organizations to administrators: `GET /admin/list-organizations` and `GET /admin/get-organization`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{administrator::Administrating, body::pairs, fields::Fields, paging::part},
        respond::{
            json::json_response,
            organization_view::{MemberUserView, OrganizationView},
        },
    },
    auth::{
        Auth,
        admin::{self, Permission},
    },
    types::OrganizationId,
};

/// Describes the query.
#[derive(IntoParams)]
#[into_params(rename_all = "camelCase", parameter_in = Query)]
#[expect(dead_code, reason = "it describes the query, which is read by hand")]
pub(crate) struct OrganizationsQuery {
    /// Is looked for in names and slugs, in any case.
    #[param(required = false)]
    search_value: String,
    /// Goes on behind a page: its `nextCursor`.
    #[param(required = false)]
    cursor: String,
    /// Is the number of organizations, 100 where nothing is said.
    #[param(required = false, minimum = 1, maximum = 200)]
    limit: u32,
}

/// Shows a page of organizations.
#[derive(Serialize, ToSchema)]
#[schema(as = AdministeredOrganizations)]
#[serde(rename_all = "camelCase")]
struct Organizations<'a> {
    organizations: Vec<Listed<'a>>,
    /// Is where the next page goes on; `null` behind the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
}

/// Shows an organization in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = AdministeredOrganization)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    #[serde(flatten)]
    organization: OrganizationView<'a>,
    /// Counts its members.
    member_count: i64,
}

/// List organizations
#[utoipa::path(get, path = "/admin/list-organizations", tag = "Administration", params(OrganizationsQuery),
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The organizations, oldest first", body = Organizations<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_LIST_ORGANIZATIONS`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>)))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::OrganizationList)?;
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let search = fields.optional_string("searchValue").filter(|text| !text.is_empty());
    let search = search.map(|text| text.replace('\0', "\u{fffd}"));
    let after = fields.optional_string("cursor").filter(|text| !text.is_empty()).map(str::parse::<OrganizationId>);
    if matches!(after, Some(Err(_))) {
        fields.complain("cursor", "Invalid input: expected the nextCursor of a page");
    }
    let (limit, _) = part(&mut fields);
    fields.finish()?;
    let (after, limit) = (after.and_then(Result::ok), u32::try_from(limit).unwrap_or(1));
    let (administration, now) = (&administrating.administration, administrating.signed_in.caller.now);
    let (listed, has_more) =
        admin::search_organizations(administration, after.as_ref(), search.as_deref(), limit, now).await?;
    let next_cursor = listed.last().filter(|_| has_more).map(|last| last.organization.id.as_str());
    let organizations = listed
        .iter()
        .map(|listed| Listed { organization: (&listed.organization).into(), member_count: listed.members })
        .collect();
    Ok(json_response(&Organizations { organizations, next_cursor }))
}

/// Shows an organization with some of its members.
#[derive(Serialize, ToSchema)]
#[schema(as = OrganizationWithMembers)]
#[expect(clippy::struct_field_names, reason = "the API calls them so")]
struct Organization<'a> {
    #[serde(flatten)]
    organization: OrganizationView<'a>,
    members: Vec<MemberUserView<'a>>,
    /// Counts all members.
    total: i64,
}

/// Get an organization with its members
#[utoipa::path(get, path = "/admin/get-organization", tag = "Administration",
    params(("id" = String, Query, description = "Its id or slug"),
        ("limit" = Option<i64>, Query, description = "How many members, 100 where none is given; at most 200"),
        ("offset" = Option<i64>, Query)),
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The organization, its oldest members first", body = Organization<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_LIST_ORGANIZATIONS`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>),
    (status = 404, description = "`ORGANIZATION_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn get(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::OrganizationList)?;
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let name = fields.string("id").replace('\0', "\u{fffd}");
    let (limit, offset) = part(&mut fields);
    fields.finish()?;
    let part = (u32::try_from(limit).unwrap_or(1), u32::try_from(offset).unwrap_or_default());
    let now = administrating.signed_in.caller.now;
    let found = admin::view_organization(&administrating.administration, &name, part, now).await?;
    let (organization, members, total) =
        found.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "ORGANIZATION_NOT_FOUND", "Organization not found"))?;
    let members = members.iter().map(MemberUserView::from).collect();
    Ok(json_response(&Organization { organization: (&organization).into(), members, total }))
}
