//! Serves `POST /organization/set-active`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            fields::Fields,
            organization::optional_reference,
            signed_in::{AlsoImpersonated, SignedIn},
        },
        respond::{json::json_response, organization_view::OrganizationView},
    },
    auth::{self, Auth, OrganizationRef},
};

/// Is the body of `POST /organization/set-active`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SetActiveBody<'a> {
    /// With `null` the session works in none.
    #[schema(value_type = Option<String>)]
    #[expect(clippy::option_option, reason = "absent and null are told apart")]
    organization_id: Option<Option<&'a str>>,
    #[schema(nullable = false)]
    organization_slug: Option<&'a str>,
}

impl<'a> SetActiveBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let organization_id = match fields.value("organizationId") {
            None => None,
            Some(Value::Null) => Some(None),
            Some(_) => Some(Some(fields.string("organizationId"))),
        };
        let parsed = Self { organization_id, organization_slug: fields.optional_string("organizationSlug") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Let the session work in an organization, or in none
///
/// Returns the active one where none is named.
#[utoipa::path(post, path = "/organization/set-active", tag = "Organizations", request_body = SetActiveBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The organization, or `null`", body = Option<OrganizationView<'_>>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, also of one that is not there; or not \
            from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn set_active(
    State(auth): State<Arc<Auth>>,
    AlsoImpersonated(SignedIn { caller, found, .. }): AlsoImpersonated,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = SetActiveBody::parse(body.as_ref())?;
    let wanted = match body.organization_id {
        Some(None) => None,
        Some(Some(id)) if !id.is_empty() => optional_reference(Some(id), None)?,
        _ => match optional_reference(None, body.organization_slug)? {
            Some(named) => Some(named),
            None => found.session.organization.as_ref().map(|active| OrganizationRef::Id(active.id.clone())),
        },
    };
    let active = auth::activate_organization(caller.flow(&auth), wanted.as_ref(), &found).await?;
    Ok(json_response(&active.as_ref().map(OrganizationView::from)))
}
