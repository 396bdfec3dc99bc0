//! Serves the page that the mailed link of a deletion leads to: its GET shows a button, the POST behind the button
//! deletes (MAIL-08). It acts on the token alone and looks at no cookie.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;

use crate::{
    api::{
        Problem,
        endpoints::pages::link::{ConfirmForm, Link},
        error::problem::ProblemBody,
        extract::{
            body::{FormBody, pairs},
            caller::Caller,
        },
        pages::{
            confirmation::DELETE_USER,
            forms::{LAST_OWNER, LINK_BROKEN, LINK_USED_OR_EXPIRED},
            message::{Message, USER_DELETED},
            response::page_response,
        },
        respond::redirect::redirect,
    },
    auth::{self, Auth, DeleteUserError, MailedFor},
    language::TextId,
};

/// Show the page behind a mailed link, with a button that deletes the account
///
/// Nothing is spent.
#[utoipa::path(get, path = "/delete-user/confirm", tag = "Pages",
    params(("token" = Option<String>, Query), ("callbackURL" = Option<String>, Query)),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 403, description = "The target is not trusted", body = String, content_type = "text/html"),
    ))]
pub(crate) async fn ask(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let Some(link) = Link::with_target(&auth, &caller, &ConfirmForm::parse(&query), MailedFor::Deletion).await? else {
        return failed(StatusCode::FORBIDDEN, LINK_BROKEN);
    };
    let action = format!("{}/delete-user/confirm", auth.settings.base_path);
    Ok(page_response(StatusCode::OK, link.confirmation(&DELETE_USER, &action).page(), link.target.as_ref()))
}

/// Press the page's button: it deletes the account
#[utoipa::path(post, path = "/delete-user/confirm", tag = "Pages",
    request_body(content = ConfirmForm<'_>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Deleted", body = String, content_type = "text/html"),
        (status = 303, description = "Deleted; to the link's target"),
        (status = 400, description = "The token is wrong", body = String, content_type = "text/html"),
        (status = 403, description = "The target or the origin is not trusted",
            content((String = "text/html"), (ProblemBody<'_> = "application/json"))),
    ))]
pub(crate) async fn confirm(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    FormBody(form): FormBody,
) -> Result<Response, Problem> {
    let Some(link) = Link::with_target(&auth, &caller, &ConfirmForm::parse(&form), MailedFor::Deletion).await? else {
        return failed(StatusCode::FORBIDDEN, LINK_BROKEN);
    };
    let Some(token) = link.token() else { return failed(StatusCode::BAD_REQUEST, LINK_BROKEN) };
    match auth::confirm_deletion(caller.flow(&auth), &token).await {
        Ok(()) => match link.target {
            Some(target) => Ok(redirect(StatusCode::SEE_OTHER, target.as_str())),
            None => Ok(page_response(StatusCode::OK, USER_DELETED.page(), None)),
        },
        Err(DeleteUserError::LastOwner(_)) => failed(StatusCode::BAD_REQUEST, LAST_OWNER),
        Err(DeleteUserError::InvalidToken) => failed(StatusCode::BAD_REQUEST, LINK_USED_OR_EXPIRED),
        Err(
            error @ (DeleteUserError::NoPassword
            | DeleteUserError::WrongPassword
            | DeleteUserError::NotFresh
            | DeleteUserError::LastAdministrator
            | DeleteUserError::Flow(_)),
        ) => Err(error.into()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
fn failed(status: StatusCode, reason: TextId) -> Result<Response, Problem> {
    Ok(page_response(status, Message::deletion_failed(reason).page(), None))
}
