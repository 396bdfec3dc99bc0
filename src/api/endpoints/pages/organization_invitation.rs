//! Serves the page that the mail of an invitation leads to: its GET shows who invites to what, the POST behind its button
//! accepts (MAIL-08). The token shows the page; only a session of the invited address accepts (ORG-02).

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;

use crate::{
    api::{
        Problem,
        endpoints::pages::link::{Link, TokenForm},
        error::problem::ProblemBody,
        extract::{
            body::{FormBody, pairs},
            caller::Caller,
        },
        pages::{
            forms::{INVITED_SIGNED_OUT, LINK_BROKEN, LINK_USED_OR_EXPIRED, MEMBER_ALREADY, ORGANIZATION_FULL},
            message::{Message, ORGANIZATION_JOINED},
            organization_invitation::OrganizationInvitation,
            response::page_response,
        },
    },
    auth::{self, Auth, FoundSession, InvitationDetails, OrganizationError},
    language::TextId,
};

/// Show the page behind a mailed invitation
///
/// A visitor who is signed in with the invited address finds a button that accepts.
#[utoipa::path(get, path = "/organization/invitation", tag = "Pages", params(("token" = Option<String>, Query)),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "The link was used, is too old or is incomplete", body = String,
            content_type = "text/html"),
    ))]
pub(crate) async fn ask(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let text = TokenForm::parse(&query).token;
    let Some(token) = Link::new(text).token() else { return failed(LINK_BROKEN) };
    let Some(invited) = auth::preview_invitation(caller.flow(&auth), &token).await? else {
        return failed(LINK_USED_OR_EXPIRED);
    };
    let found = find_session(&auth, &caller).await?;
    let is_signed_in = found.is_some_and(|found| is_recipient(&invited, &found));
    let settings = auth.settings.organizations.as_ref();
    let sign_up_page = settings.and_then(|settings| settings.sign_up_page.as_ref());
    let page = OrganizationInvitation {
        organization: &invited.organization.name,
        inviter: invited.inviter_email.as_str(),
        email: invited.invitation.email.as_str(),
        roles: &invited.invitation.roles,
        is_signed_in,
        action: &format!("{}/organization/invitation", auth.settings.base_path),
        token: text,
        sign_up_page: sign_up_page.map(|page| page.absolute_with_invitation(&token, &auth.settings.public_url)),
    };
    Ok(page_response(StatusCode::OK, page.page(), None))
}

/// Press the page's button: it accepts the invitation
#[utoipa::path(post, path = "/organization/invitation", tag = "Pages",
    request_body(content = TokenForm<'_>, content_type = "application/x-www-form-urlencoded"),
    security(("cookie" = [])),
    responses(
        (status = 200, description = "Accepted", body = String, content_type = "text/html"),
        (status = 400, description = "The token is wrong", body = String, content_type = "text/html"),
        (status = 403, description = "Nobody is signed in with the invited address, or the origin is not trusted",
            content((String = "text/html"), (ProblemBody<'_> = "application/json"))),
    ))]
pub(crate) async fn accept(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    FormBody(form): FormBody,
) -> Result<Response, Problem> {
    let Some(token) = Link::new(TokenForm::parse(&form).token).token() else { return failed(LINK_BROKEN) };
    let flow = caller.flow(&auth);
    let Some(invited) = auth::preview_invitation(flow, &token).await? else { return failed(LINK_USED_OR_EXPIRED) };
    let found = find_session(&auth, &caller).await?;
    let Some(found) = found.filter(|found| is_recipient(&invited, found)) else {
        let page = Message::invitation_failed(INVITED_SIGNED_OUT);
        return Ok(page_response(StatusCode::FORBIDDEN, page.page(), None));
    };
    match auth::accept_invitation(flow, &invited.invitation.id, &found).await {
        Ok(_) => Ok(page_response(StatusCode::OK, ORGANIZATION_JOINED.page(), None)),
        Err(OrganizationError::Flow(error)) => Err(error.into()),
        Err(OrganizationError::AlreadyMember) => failed(MEMBER_ALREADY),
        Err(OrganizationError::TooManyMembers) => failed(ORGANIZATION_FULL),
        Err(_) => failed(LINK_USED_OR_EXPIRED),
    }
}

async fn find_session(auth: &Auth, caller: &Caller) -> Result<Option<FoundSession>, Problem> {
    match caller.cookie_token() {
        Some(token) => Ok(auth::find_session(auth, token).await?),
        None => Ok(None),
    }
}

fn is_recipient(invited: &InvitationDetails, found: &FoundSession) -> bool {
    let is_themselves = found.session.impersonated_by.is_none();
    is_themselves && found.user.email_verified && found.user.email == invited.invitation.email
}

#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
fn failed(reason: TextId) -> Result<Response, Problem> {
    Ok(page_response(StatusCode::BAD_REQUEST, Message::invitation_failed(reason).page(), None))
}
