//! Serves invitations to those who get them: `GET /organization/get-invitation` and `list-user-invitations`, `POST
//! /organization/accept-invitation` and `reject-invitation`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
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
            signed_in::SignedIn,
        },
        respond::{
            json::json_response,
            organization_view::{InvitationView, MemberView},
        },
    },
    auth::{self, Auth, OrganizationError},
    types::{Email, InvitationId},
};

/// Shows an invitation with who made it.
#[derive(Serialize, ToSchema)]
#[schema(as = InvitationDetails)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    #[serde(flatten)]
    invitation: InvitationView<'a>,
    organization_name: &'a str,
    organization_slug: &'a str,
    #[schema(value_type = String, format = Email)]
    inviter_email: &'a Email,
}

/// Get an open invitation that is for one's own address
#[utoipa::path(get, path = "/organization/get-invitation", tag = "Organizations", params(("id" = String, Query)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The invitation", body = Details<'_>),
        (status = 400, description = "`INVITATION_NOT_FOUND`, `INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION`, \
            `EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn get(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let id = fields.string("id");
    fields.finish()?;
    let id = id.parse().map_err(|_| OrganizationError::UnknownInvitation)?;
    let details = auth::find_invitation(caller.flow(&auth), &id, &found).await?;
    Ok(json_response(&Details {
        invitation: InvitationView::from(&details.invitation),
        organization_name: &details.organization.name,
        organization_slug: &details.organization.slug,
        inviter_email: &details.inviter_email,
    }))
}

/// Is the body of what is done with an invitation.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct InvitationBody<'a> {
    invitation_id: &'a str,
}

impl<'a> InvitationBody<'a> {
    pub(super) fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { invitation_id: fields.string("invitationId") };
        fields.finish()?;
        Ok(parsed)
    }

    /// Returns the id; what is none names no invitation.
    pub(super) fn id(&self) -> Result<InvitationId, OrganizationError> {
        self.invitation_id.parse().map_err(|_| OrganizationError::UnknownInvitation)
    }
}

/// Shows what became of an invitation.
#[derive(Serialize, ToSchema)]
#[schema(as = AnsweredInvitation)]
struct Answered<'a> {
    invitation: InvitationView<'a>,
    /// Is `null` where it was rejected.
    #[schema(required)]
    member: Option<MemberView<'a>>,
}

/// Accept an invitation that is for one's own address
///
/// The session works in the organization from then on.
#[utoipa::path(post, path = "/organization/accept-invitation", tag = "Organizations",
    request_body = InvitationBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Accepted", body = Answered<'_>),
        (status = 400, description = "`INVITATION_NOT_FOUND`: it is not there, is too old or was answered; \
            `INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION`, `USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, \
            `YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION`, \
            `EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION`, `ORGANIZATION_MEMBERSHIP_LIMIT_REACHED`, or not from a trusted \
            origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn accept(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let id = InvitationBody::parse(body.as_ref())?.id()?;
    let (invitation, member) = auth::accept_invitation(caller.flow(&auth), &id, &found).await?;
    let (invitation, member) = (InvitationView::from(&invitation), Some(MemberView::from(&member)));
    Ok(json_response(&Answered { invitation, member }))
}

/// Reject an invitation that is for one's own address
#[utoipa::path(post, path = "/organization/reject-invitation", tag = "Organizations",
    request_body = InvitationBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Rejected", body = Answered<'_>),
        (status = 400, description = "`INVITATION_NOT_FOUND`: it is not there or was answered", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`, \
            `YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION`, \
            `EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn reject(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let id = InvitationBody::parse(body.as_ref())?.id()?;
    let invitation = auth::reject_invitation(caller.flow(&auth), &id, &found).await?;
    Ok(json_response(&Answered { invitation: InvitationView::from(&invitation), member: None }))
}

/// Shows an invitation with the name of its organization.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnInvitation)]
#[serde(rename_all = "camelCase")]
struct OwnInvitation<'a> {
    #[serde(flatten)]
    invitation: InvitationView<'a>,
    organization_name: &'a str,
}

/// List the open invitations for one's own address
#[utoipa::path(get, path = "/organization/list-user-invitations", tag = "Organizations",
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The invitations, oldest first", body = Vec<OwnInvitation<'_>>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn list_own(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
) -> Result<Response, Problem> {
    let own = auth::list_own_invitations(&auth, &found, caller.now).await?;
    let views = own.iter().map(|(invitation, organization_name)| OwnInvitation {
        invitation: InvitationView::from(invitation),
        organization_name,
    });
    Ok(json_response(&views.collect::<Vec<_>>()))
}
