//! Serves `POST /organization/create`, `check-slug`, `update` and `delete`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            fields::Fields,
            organization::{optional_organization, parse_logo, parse_metadata, parse_name, parse_slug},
            signed_in::{AlsoImpersonated, SignedIn},
        },
        respond::{
            json::{Status, json_response},
            organization_view::{MemberView, OrganizationView},
        },
    },
    auth::{self, Auth, NewOrganization, OrganizationChanges, OrganizationError},
    types::is_organization_slug,
};

/// Is the body of `POST /organization/create`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct CreateBody<'a> {
    #[schema(min_length = 1, max_length = 100)]
    name: &'a str,
    /// Is unique, and what upstreams see as `X-Org-Slug`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9][a-z0-9_-]*$")]
    slug: &'a str,
    /// Is the address of a picture.
    #[schema(max_length = 2048)]
    logo: Option<&'a str>,
    /// Is an object of at most 8 KiB that clients keep with it.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// With `true` the session goes on to work in the organization that it works in.
    #[schema(required = false, default = false)]
    keep_current_active_organization: bool,
}

impl<'a> CreateBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            name: parse_name(&mut fields, true).unwrap_or_default(),
            slug: parse_slug(&mut fields, true).unwrap_or_default(),
            logo: parse_logo(&mut fields).flatten(),
            metadata: parse_metadata(&mut fields),
            keep_current_active_organization: fields.boolean_or("keepCurrentActiveOrganization", false),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Shows a new organization with its owner.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedOrganization)]
struct Created<'a> {
    #[serde(flatten)]
    organization: OrganizationView<'a>,
    members: [MemberView<'a>; 1],
}

/// Found an organization, which whoever asks owns
///
/// The session works in it from then on.
#[utoipa::path(post, path = "/organization/create", tag = "Organizations", request_body = CreateBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Founded", body = Created<'_>),
        (status = 400, description = "`ORGANIZATION_ALREADY_EXISTS`: the slug is taken", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, \
            `YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS`, \
            `YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn create(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = CreateBody::parse(body.as_ref())?;
    let input = NewOrganization {
        name: body.name.to_owned(),
        slug: body.slug.to_owned(),
        logo: body.logo.map(str::to_owned),
        metadata: body.metadata,
        keep_active: body.keep_current_active_organization,
    };
    let (organization, member) = auth::create_organization(caller.flow(&auth), &input, &found).await?;
    Ok(json_response(&Created {
        organization: OrganizationView::from(&organization),
        members: [MemberView::from(&member)],
    }))
}

/// Is the body of `POST /organization/check-slug`.
#[derive(ToSchema)]
pub(crate) struct SlugBody<'a> {
    slug: &'a str,
}

impl<'a> SlugBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { slug: fields.string("slug") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Tell whether an organization could have this slug
#[utoipa::path(post, path = "/organization/check-slug", tag = "Organizations", request_body = SlugBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "It is free", body = Status),
        (status = 400, description = "`ORGANIZATION_SLUG_ALREADY_TAKEN`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn check_slug(
    State(auth): State<Arc<Auth>>,
    _: AlsoImpersonated,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let SlugBody { slug } = SlugBody::parse(body.as_ref())?;
    if is_organization_slug(slug) && auth::is_slug_free(&auth, slug).await? {
        return Ok(json_response(&Status { status: true }));
    }
    Err(OrganizationError::SlugTaken.into())
}

/// Is the body of `POST /organization/update`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UpdateBody<'a> {
    data: OrganizationData<'a>,
    /// Is the active organization where it is left out.
    #[schema(nullable = false)]
    organization_id: Option<&'a str>,
}

/// Holds what is to change of an organization.
#[derive(ToSchema)]
pub(crate) struct OrganizationData<'a> {
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    name: Option<&'a str>,
    #[schema(nullable = false, min_length = 1, max_length = 64, pattern = "^[a-z0-9][a-z0-9_-]*$")]
    slug: Option<&'a str>,
    /// Is the address of a picture; `null` takes it away.
    #[schema(value_type = Option<String>)]
    #[expect(clippy::option_option, reason = "absent leaves it, null takes it away")]
    logo: Option<Option<&'a str>>,
    /// Is an object of at most 8 KiB, which replaces the one that was there.
    #[schema(value_type = Option<Object>, nullable = false)]
    metadata: Option<Value>,
}

impl<'a> UpdateBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let organization_id = fields.optional_string("organizationId");
        let mut data = fields.nested("data", "body.data")?;
        let parsed = OrganizationData {
            name: parse_name(&mut data, false),
            slug: parse_slug(&mut data, false),
            logo: parse_logo(&mut data),
            metadata: parse_metadata(&mut data),
        };
        fields.finish()?;
        data.finish()?;
        Ok(Self { data: parsed, organization_id })
    }
}

/// Change an organization
#[utoipa::path(post, path = "/organization/update", tag = "Organizations", request_body = UpdateBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The organization as it is now", body = OrganizationView<'_>),
        (status = 400, description = "`ORGANIZATION_NOT_FOUND`: none is named, and none is active; \
            `ORGANIZATION_SLUG_ALREADY_TAKEN`; `NO_FIELDS_TO_UPDATE`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn update(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let UpdateBody { data, organization_id } = UpdateBody::parse(body.as_ref())?;
    let named = optional_organization(organization_id)?;
    let id = auth::named_or_active(named, &found).map_err(|_| OrganizationError::UnknownOrganization)?;
    if data.name.is_none() && data.slug.is_none() && data.logo.is_none() && data.metadata.is_none() {
        return Err(Problem::bad_request("NO_FIELDS_TO_UPDATE", "No fields to update"));
    }
    let changes = OrganizationChanges {
        name: data.name.map(str::to_owned),
        slug: data.slug.map(str::to_owned),
        logo: data.logo.map(|logo| logo.map(str::to_owned)),
        metadata: data.metadata,
    };
    let updated = auth::update_organization(caller.flow(&auth), &id, &changes, &found).await?;
    Ok(json_response(&OrganizationView::from(&updated)))
}

/// Is the body of `POST /organization/delete` and `POST /organization/leave`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct OrganizationBody<'a> {
    pub(super) organization_id: &'a str,
}

impl<'a> OrganizationBody<'a> {
    pub(super) fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { organization_id: fields.string("organizationId") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Delete an organization with its members and invitations
#[utoipa::path(post, path = "/organization/delete", tag = "Organizations", request_body = OrganizationBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The organization as it was", body = OrganizationView<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn delete(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let OrganizationBody { organization_id } = OrganizationBody::parse(body.as_ref())?;
    let id = organization_id.parse().map_err(|_| OrganizationError::NotAMember)?;
    let deleted = auth::delete_organization(caller.flow(&auth), &id, &found).await?;
    Ok(json_response(&OrganizationView::from(&deleted)))
}
