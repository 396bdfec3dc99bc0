//! Serves whoever forgot a password, as a frontend with a page of its own goes about it:
//! `POST /request-password-reset`, the mailed `GET /reset-password/{token}` that leads to that page,
//! `POST /reset-password` (contract §3.4).

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, pairs},
            caller::Caller,
            fields::{Fields, callback_url, email, redirect_to},
            schemas,
        },
        respond::{
            cookie::renew_device,
            json::{Status, json_response},
            redirect::redirect,
            timing::pad_response_time,
        },
    },
    auth::{self, Auth, MailedFor, ResetPasswordError},
    types::{MailToken, Password},
};

/// Is the body of `POST /request-password-reset`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct RequestResetBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    /// Is the page that asks for the new password: it gets `token` in its query, or `error`. Where it is left out, the
    /// page is AuthGate's own.
    #[schema(nullable = false)]
    redirect_to: Option<&'a str>,
}

impl<'a> RequestResetBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { email: fields.string("email"), redirect_to: fields.optional_string("redirectTo") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Is the body of `POST /reset-password`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ResetPasswordBody<'a> {
    #[schema(schema_with = schemas::new_password)]
    new_password: &'a str,
    /// The token may stand in the query instead.
    #[schema(nullable = false)]
    token: Option<&'a str>,
}

impl<'a> ResetPasswordBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { new_password: fields.string("newPassword"), token: fields.optional_string("token") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// A mail was asked for.
#[derive(Serialize, ToSchema)]
struct ResetRequested {
    status: bool,
    message: &'static str,
}

/// Mail a link that sets a new password
#[utoipa::path(post, path = "/request-password-reset", tag = "Password", request_body = RequestResetBody<'_>,
    responses((status = 200, description = "The same for every address", body = ResetRequested)))]
pub(crate) async fn request(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = RequestResetBody::parse(body.as_ref())?;
    let target = redirect_to(body.redirect_to, &caller, &auth.settings)?;
    let email = email(body.email)?;
    pad_response_time(auth::request_reset(caller.flow(&auth), &email, target.as_ref(), caller.device.as_ref())).await?;
    Ok(json_response(&ResetRequested {
        status: true,
        message: "If this email exists in our system, check your email for the reset link",
    }))
}

/// Follow the mailed link, on to the frontend's page
///
/// The page gets `token` in its query, or `error=INVALID_TOKEN`. Nothing is spent. Without `callbackURL` a link that works
/// leads where it was asked to lead when it was mailed.
#[utoipa::path(get, path = "/reset-password/{token}", tag = "Password",
    params(("token" = String, Path), ("callbackURL" = Option<String>, Query)),
    responses(
        (status = 302, description = "To `callbackURL`"),
        (status = 403, description = "`INVALID_CALLBACK_URL`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn follow(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let target = fields.optional_string("callbackURL");
    fields.finish()?;
    let token = MailToken::parse_mailed(&token);
    let given = callback_url(target, &auth.settings)?;
    let found = match (given, &token) {
        (Some(target), _) => Some(target),
        // A mail program has cut the target off.
        (None, Ok(token)) => auth::link_target(caller.flow(&auth), token, MailedFor::Reset).await?,
        (None, Err(_)) => None,
    };
    let target = found.ok_or_else(|| {
        let received = if target.is_some() { "nothing" } else { "undefined" };
        Problem::validation(&[format!("[query.callbackURL] Invalid input: expected string, received {received}")])
            .with_field("callbackURL")
    })?;
    let public_url = &auth.settings.public_url;
    let location = match token {
        Ok(token) if auth::is_reset_token(caller.flow(&auth), &token).await? => {
            target.absolute_with_token(&token, public_url)
        }
        _ => target.absolute_with_error(Problem::from(ResetPasswordError::InvalidToken).code(), public_url),
    };
    let mut response = redirect(StatusCode::FOUND, &location);
    // This holds for the page's first request too: its address holds the token (MAIL-09).
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// Set a new password with a mailed token
///
/// Ends every session of the user and every other mailed link. Signs nobody in.
#[utoipa::path(post, path = "/reset-password", tag = "Password", request_body = ResetPasswordBody<'_>,
    params(("token" = Option<String>, Query)),
    responses(
        (status = 200, description = "Set", body = Status),
        (status = 400, description = "`INVALID_TOKEN`, or the password is not taken and the token still works",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn reset(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    RawQuery(query): RawQuery,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let body = ResetPasswordBody::parse(body.as_ref())?;
    let token = body.token.or_else(|| query.get("token").and_then(Value::as_str));
    // The checks keep the contract's order: no token, then the password, then the token.
    let token = token.filter(|token| !token.is_empty()).ok_or(ResetPasswordError::InvalidToken)?;
    let password = Password::choose(body.new_password, &auth.settings.password, None)?;
    let token = MailToken::parse_mailed(token).map_err(|_| ResetPasswordError::InvalidToken)?;
    let device = caller.device.as_ref();
    let device = auth::reset_password(caller.flow(&auth), &token, password, device).await?;
    let mut response = json_response(&Status { status: true });
    renew_device(response.headers_mut(), &auth, device.as_ref());
    Ok(response)
}
