//! Serves the page that mailed links to sign in lead to: its GET shows whom the button signs in, the POST behind the
//! button does (MAIL-08).

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;

use crate::{
    api::{
        Problem,
        endpoints::{
            magic_link::{error_code, leads_on},
            pages::link::{ConfirmForm, Link},
            verification::sign_in_browser,
        },
        error::problem::ProblemBody,
        extract::{
            body::{FormBody, pairs},
            caller::Caller,
        },
        pages::{
            confirmation::{Confirmation, MAGIC_LINK},
            forms::{LINK_BROKEN, LINK_USED_OR_EXPIRED},
            message::{Message, SIGNED_IN_BY_LINK},
            response::page_response,
        },
        respond::{cookie::set_device, redirect::redirect, sign_in::set_step},
    },
    auth::{self, Auth, PasswordlessError},
    language::TextId,
    types::MailToken,
};

/// Show the page behind a mailed link, with a button that signs in
///
/// Nothing is spent.
#[utoipa::path(get, path = "/magic-link/confirm", tag = "Pages", params(("token" = Option<String>, Query)),
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
    let link = Link::new(ConfirmForm::parse(&query).token);
    let Some(token) = link.token() else { return failed(LINK_BROKEN) };
    let Some(found) = auth::preview_magic_link(caller.flow(&auth), &token).await? else {
        return failed(LINK_USED_OR_EXPIRED);
    };
    let action = format!("{}/magic-link/confirm", auth.settings.base_path);
    let page = Confirmation { address: Some(found.email.as_str()), ..link.confirmation(&MAGIC_LINK, &action) };
    Ok(page_response(StatusCode::OK, page.page(), found.target.as_ref()))
}

/// Press the page's button: it signs in
#[utoipa::path(post, path = "/magic-link/confirm", tag = "Pages",
    request_body(content = ConfirmForm<'_>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Signed in", body = String, content_type = "text/html"),
        (status = 303, description = "Signed in, or a second factor is asked for; to the link's target"),
        (status = 400, description = "The token is wrong", body = String, content_type = "text/html"),
        (status = 403, description = "The origin is not trusted", body = ProblemBody<'_>),
    ))]
pub(crate) async fn confirm(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    FormBody(form): FormBody,
) -> Result<Response, Problem> {
    let Ok(token) = MailToken::parse_mailed(ConfirmForm::parse(&form).token) else { return failed(LINK_BROKEN) };
    let flow = caller.flow(&auth);
    let found = auth::preview_magic_link(flow, &token).await?;
    match auth::sign_in_with_link(flow, &token, &sign_in_browser(&caller)).await {
        Ok(opened) => {
            if let Some(response) = leads_on(&auth, &opened.signed_in, opened.target.as_ref()) {
                return Ok(response);
            }
            let mut response = page_response(StatusCode::OK, SIGNED_IN_BY_LINK.page(), None);
            set_step(response.headers_mut(), &auth.settings, &opened.signed_in.step);
            set_device(response.headers_mut(), &auth.settings, &opened.signed_in.device.seal(&auth.devices));
            Ok(response)
        }
        Err(PasswordlessError::Flow(error)) => Err(error.into()),
        Err(error) => match found.and_then(|found| found.error_target) {
            Some(target) => Ok(redirect(StatusCode::SEE_OTHER, &target.with_error(error_code(&error)))),
            None => failed(LINK_USED_OR_EXPIRED),
        },
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
fn failed(reason: TextId) -> Result<Response, Problem> {
    Ok(page_response(StatusCode::BAD_REQUEST, Message::magic_link_failed(reason).page(), None))
}
