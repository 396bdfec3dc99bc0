//! The page that the mailed link of a deletion leads to: its GET shows a button, the POST behind the button deletes
//! (MAIL-08). It acts on the token alone and looks at no cookie.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;
use serde_json::Value;

use crate::{
    api::{
        Problem,
        endpoints::redirect,
        error::problem::ProblemBody,
        extract::{
            body::{FormBody, pairs},
            caller::Caller,
            fields::mailed_target,
        },
        openapi::bodies::ConfirmForm,
        pages::{self, ConfirmDeletion, DeletionFailed, Failed, UserDeleted},
    },
    auth::{self, Auth, CallbackUrl, DeleteUserError, MailedFor},
    types::MailToken,
};

/// The page behind a mailed link, with a button that deletes the account
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
    let target = match mailed_target(caller.flow(&auth), &query, MailedFor::Deletion).await {
        Ok(target) => target,
        Err(problem) if problem.status() == StatusCode::FORBIDDEN => {
            problem.log(Some(&caller.client.request_id));
            return failed(StatusCode::FORBIDDEN, Failed::BROKEN);
        }
        Err(problem) => return Err(problem),
    };
    let page = ConfirmDeletion {
        action: &format!("{}/delete-user/confirm", auth.settings.base_path),
        token: text(&query, "token"),
        callback_url: target.as_ref().map(CallbackUrl::as_str),
    };
    pages::answer(StatusCode::OK, &page, target.as_ref())
}

/// The page's button: deletes the account
#[utoipa::path(post, path = "/delete-user/confirm", tag = "Pages",
    request_body(content = ConfirmForm, content_type = "application/x-www-form-urlencoded"),
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
    let target = match mailed_target(caller.flow(&auth), &form, MailedFor::Deletion).await {
        Ok(target) => target,
        Err(problem) if problem.status() == StatusCode::FORBIDDEN => {
            problem.log(Some(&caller.client.request_id));
            return failed(StatusCode::FORBIDDEN, Failed::BROKEN);
        }
        Err(problem) => return Err(problem),
    };
    let Some(token) = text(&form, "token").and_then(|text| MailToken::parse(text).ok()) else {
        return failed(StatusCode::BAD_REQUEST, Failed::BROKEN);
    };
    match auth::confirm_deletion(caller.flow(&auth), &token).await {
        Ok(()) => match target {
            Some(target) => Ok(redirect(StatusCode::SEE_OTHER, target.as_str())),
            None => pages::answer(StatusCode::OK, &UserDeleted, None),
        },
        Err(DeleteUserError::InvalidToken) => failed(StatusCode::BAD_REQUEST, Failed::USED_OR_EXPIRED),
        Err(
            error @ (DeleteUserError::NoPassword
            | DeleteUserError::WrongPassword
            | DeleteUserError::NotFresh
            | DeleteUserError::Flow(_)),
        ) => Err(error.into()),
    }
}

fn failed(status: StatusCode, reason: &'static str) -> Result<Response, Problem> {
    pages::answer(status, &DeletionFailed { reason }, None)
}

fn text<'a>(pairs: &'a Value, key: &str) -> Option<&'a str> {
    pairs.get(key).and_then(Value::as_str)
}
