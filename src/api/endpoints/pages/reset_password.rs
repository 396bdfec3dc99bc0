//! Serves whoever forgot a password, without a page of the frontend's: a form for the address, the page that the mailed
//! link leads to, and its form. They act on the token alone and look at no session; the token leaves the address with
//! the POST.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::pages::link::text,
        extract::{
            body::{FormBody, pairs},
            caller::Caller,
            fields::email,
        },
        pages::{
            forms::{LINK_BROKEN, LINK_USED_OR_EXPIRED, NOT_AN_ADDRESS, choose_password, request_reset},
            message::{PASSWORD_SET, RESET_MAIL_SENT},
            response::page_response,
        },
        respond::{cookie::renew_device, timing::pad_response_time},
    },
    auth::{self, Auth, ResetPasswordError},
    language::{TextId, text},
    pages::Text,
    types::{MailToken, Password, PasswordError, PasswordRules},
};

/// Describes the form of the page that a mailed reset link leads to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ChoosePasswordForm<'a> {
    token: &'a str,
    #[schema(format = Password)]
    new_password: &'a str,
}

impl<'a> ChoosePasswordForm<'a> {
    fn parse(pairs: &'a Value) -> Self {
        Self {
            token: text(pairs, "token").unwrap_or_default(),
            new_password: text(pairs, "newPassword").unwrap_or_default(),
        }
    }
}

/// Asks for a reset mail.
#[derive(ToSchema)]
pub(crate) struct RequestResetForm<'a> {
    email: &'a str,
}

impl<'a> RequestResetForm<'a> {
    fn parse(pairs: &'a Value) -> Self {
        Self { email: text(pairs, "email").unwrap_or_default().trim() }
    }
}

/// Show the page behind a mailed reset link
///
/// The same page for every token; nothing is looked up.
#[utoipa::path(get, path = "/reset-password/choose", tag = "Pages", params(("token" = Option<String>, Query)),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub(crate) async fn choose(State(auth): State<Arc<Auth>>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    form(&auth, StatusCode::OK, text(&query, "token"), None)
}

/// Press the page's button: it sets the password
#[utoipa::path(post, path = "/reset-password/choose", tag = "Pages",
    request_body(content = ChoosePasswordForm<'_>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Set", body = String, content_type = "text/html"),
        (status = 400, description = "The token or the password is wrong", body = String, content_type = "text/html"),
    ))]
pub(crate) async fn set(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    FormBody(body): FormBody,
) -> Result<Response, Problem> {
    let chosen = ChoosePasswordForm::parse(&body);
    let Ok(token) = MailToken::parse_mailed(chosen.token) else {
        return request_form(&auth, StatusCode::BAD_REQUEST, Some(LINK_BROKEN));
    };
    let rules = &auth.settings.password;
    let set = match Password::choose(chosen.new_password, rules, None) {
        Ok(password) => {
            let device = caller.device.as_ref();
            auth::reset_password(caller.flow(&auth), &token, password, device).await
        }
        Err(error) => Err(error.into()),
    };
    match set {
        Ok(device) => {
            let mut response = page_response(StatusCode::OK, PASSWORD_SET.page(), None);
            renew_device(response.headers_mut(), &auth, device.as_ref());
            Ok(response)
        }
        Err(ResetPasswordError::Password(error)) => {
            form(&auth, StatusCode::BAD_REQUEST, Some(token.expose()), Some(reason(&error, rules)))
        }
        Err(ResetPasswordError::InvalidToken) => {
            request_form(&auth, StatusCode::BAD_REQUEST, Some(LINK_USED_OR_EXPIRED))
        }
        Err(error @ ResetPasswordError::Flow(_)) => Err(error.into()),
    }
}

/// Show the page that asks for a reset mail
#[utoipa::path(get, path = "/reset-password/request", tag = "Pages",
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub(crate) async fn ask(State(auth): State<Arc<Auth>>) -> Result<Response, Problem> {
    request_form(&auth, StatusCode::OK, None)
}

/// Asks for a reset mail; the same answer for every address
#[utoipa::path(post, path = "/reset-password/request", tag = "Pages",
    request_body(content = RequestResetForm<'_>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Asked for", body = String, content_type = "text/html"),
        (status = 400, description = "Not an address", body = String, content_type = "text/html"),
    ))]
pub(crate) async fn request(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    FormBody(body): FormBody,
) -> Result<Response, Problem> {
    let Ok(email) = email(RequestResetForm::parse(&body).email) else {
        return request_form(&auth, StatusCode::BAD_REQUEST, Some(NOT_AN_ADDRESS));
    };
    pad_response_time(auth::request_reset(caller.flow(&auth), &email, None, caller.device.as_ref())).await?;
    Ok(page_response(StatusCode::OK, RESET_MAIL_SENT.page(), None))
}

/// Returns the page that asks for a new password.
#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
pub(crate) fn form(
    auth: &Auth,
    status: StatusCode,
    token: Option<&str>,
    reason: Option<Text>,
) -> Result<Response, Problem> {
    let action = page(auth, "/choose");
    let min_length = auth.settings.password.min_length;
    Ok(page_response(status, choose_password(action, token, min_length, reason), None))
}

#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
fn request_form(auth: &Auth, status: StatusCode, reason: Option<TextId>) -> Result<Response, Problem> {
    Ok(page_response(status, request_reset(page(auth, "/request"), reason), None))
}

/// Says why a password was not taken, for the page that asks for another.
pub(crate) fn reason(error: &PasswordError, rules: &PasswordRules) -> Text {
    match error {
        PasswordError::TooShort => {
            Text::new(text!("link-password-too-short")).with("min", rules.min_length.to_string())
        }
        PasswordError::TooLong => Text::new(text!("link-password-too-long")).with("max", rules.max_length.to_string()),
        PasswordError::TooCommon => Text::new(text!("link-password-too-common")),
    }
}

fn page(auth: &Auth, suffix: &str) -> String {
    format!("{}/reset-password{suffix}", auth.settings.base_path)
}
