//! Serves the pages that the mails about a change of address lead to: one lets the old address allow it, one lets it
//! undo it. Their GETs show a button, the POSTs behind the buttons act (MAIL-08). They act on the token alone and look
//! at no cookie.

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
        extract::{
            body::{FormBody, pairs},
            caller::Caller,
        },
        pages::{
            confirmation::{ALLOW_EMAIL_CHANGE, UNDO_EMAIL_CHANGE},
            forms::{ADDRESS_TAKEN, LINK_BROKEN, LINK_EXPIRED, LINK_USED, LINK_USED_OR_EXPIRED, email_change_undone},
            message::{EMAIL_CHANGE_ALLOWED, Message},
            response::page_response,
        },
        respond::timing::pad_response_time,
    },
    auth::{self, Auth, UndoEmailChangeError, VerifyEmailError},
    language::TextId,
    types::MailToken,
};

/// Show the page behind a mailed link, with a button that allows a change of address
///
/// The same page for every token; nothing is looked up.
#[utoipa::path(get, path = "/change-email/consent", tag = "Pages", params(("token" = Option<String>, Query)),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub(crate) async fn ask_consent(State(auth): State<Arc<Auth>>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let action = page(&auth, "/consent");
    let TokenForm { token } = TokenForm::parse(&query);
    Ok(page_response(StatusCode::OK, Link::new(token).confirmation(&ALLOW_EMAIL_CHANGE, &action).page(), None))
}

/// Press the page's button: a mail goes to the new address
#[utoipa::path(post, path = "/change-email/consent", tag = "Pages",
    request_body(content = TokenForm<'_>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Allowed", body = String, content_type = "text/html"),
        (status = 400, description = "The token is wrong", body = String, content_type = "text/html"),
    ))]
pub(crate) async fn consent(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    FormBody(form): FormBody,
) -> Result<Response, Problem> {
    let Ok(token) = MailToken::parse(TokenForm::parse(&form).token) else { return failed(LINK_BROKEN) };
    match pad_response_time(auth::consent_to_email_change(caller.flow(&auth), &token)).await {
        Ok(()) => Ok(page_response(StatusCode::OK, EMAIL_CHANGE_ALLOWED.page(), None)),
        Err(VerifyEmailError::Invalid | VerifyEmailError::EmailTaken) => failed(LINK_USED),
        Err(VerifyEmailError::Expired) => failed(LINK_EXPIRED),
        Err(error @ (VerifyEmailError::Password(_) | VerifyEmailError::Flow(_))) => Err(error.into()),
    }
}

/// Show the page behind a mailed link, with a button that undoes a change of address
///
/// The same page for every token; nothing is looked up.
#[utoipa::path(get, path = "/change-email/undo", tag = "Pages", params(("token" = Option<String>, Query)),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub(crate) async fn ask_undo(State(auth): State<Arc<Auth>>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let action = page(&auth, "/undo");
    let TokenForm { token } = TokenForm::parse(&query);
    Ok(page_response(StatusCode::OK, Link::new(token).confirmation(&UNDO_EMAIL_CHANGE, &action).page(), None))
}

/// Press the page's button: the old address is back, and a new password can be chosen
#[utoipa::path(post, path = "/change-email/undo", tag = "Pages",
    request_body(content = TokenForm<'_>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Undone, with a form for a new password", body = String,
            content_type = "text/html"),
        (status = 400, description = "The token is wrong", body = String, content_type = "text/html"),
    ))]
pub(crate) async fn undo(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    FormBody(form): FormBody,
) -> Result<Response, Problem> {
    let Ok(token) = MailToken::parse(TokenForm::parse(&form).token) else { return failed(LINK_BROKEN) };
    match auth::undo_email_change(caller.flow(&auth), &token).await {
        Ok(reset) => {
            let action = format!("{}/reset-password/choose", auth.settings.base_path);
            let min_length = auth.settings.password.min_length;
            Ok(page_response(StatusCode::OK, email_change_undone(action, reset.expose(), min_length), None))
        }
        Err(UndoEmailChangeError::InvalidToken) => failed(LINK_USED_OR_EXPIRED),
        Err(UndoEmailChangeError::EmailTaken) => failed(ADDRESS_TAKEN),
        Err(UndoEmailChangeError::Store(error)) => Err(error.into()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
fn failed(reason: TextId) -> Result<Response, Problem> {
    Ok(page_response(StatusCode::BAD_REQUEST, Message::email_change_failed(reason).page(), None))
}

fn page(auth: &Auth, suffix: &str) -> String {
    format!("{}/change-email{suffix}", auth.settings.base_path)
}
