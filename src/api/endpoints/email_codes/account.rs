//! Serves `POST /email-otp/reset-password`, `/email-otp/request-email-change` and `/email-otp/change-email`.

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
            caller::Caller,
            fields::{Fields, email},
            schemas,
            signed_in::SignedIn,
        },
        respond::{
            cookie::{renew_device, repeat_presented},
            json::{Success, json_response},
            timing::pad_response_time,
        },
    },
    auth::{self, Auth},
    types::Password,
};

/// Is the body of `POST /email-otp/reset-password`.
#[derive(ToSchema)]
pub(crate) struct ResetWithCodeBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    otp: &'a str,
    #[schema(schema_with = schemas::new_password)]
    password: &'a str,
}

impl<'a> ResetWithCodeBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed =
            Self { email: fields.string("email"), otp: fields.string("otp"), password: fields.string("password") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Set a new password with a mailed code
///
/// Ends every session of the user and what was mailed before. Signs nobody in.
#[utoipa::path(post, path = "/email-otp/reset-password", tag = "E-mail codes", request_body = ResetWithCodeBody<'_>,
    responses(
        (status = 200, description = "Set", body = Success),
        (status = 400, description = "`INVALID_OTP`, `OTP_EXPIRED`, or the password is not taken and the code still works",
            body = ProblemBody<'_>),
        (status = 403, description = "`TOO_MANY_ATTEMPTS`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn reset(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = ResetWithCodeBody::parse(body.as_ref())?;
    let email = email(body.email)?;
    let password = Password::choose(body.password, &auth.settings.password, None)?;
    let device = caller.device.as_ref();
    let device = auth::reset_password_with_code(caller.flow(&auth), &email, body.otp, password, device).await?;
    let mut response = json_response(&Success { success: true });
    renew_device(response.headers_mut(), &auth, device.as_ref());
    Ok(response)
}

/// Is the body of `POST /email-otp/request-email-change`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct RequestEmailChangeBody<'a> {
    #[schema(schema_with = schemas::email)]
    new_email: &'a str,
    /// Is a code of the type `email-verification` that was mailed to the current address.
    #[schema(nullable = false)]
    otp: Option<&'a str>,
}

impl<'a> RequestEmailChangeBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { new_email: fields.string("newEmail"), otp: fields.optional_string("otp") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Mail a code to another address, which becomes the account's with it
///
/// It takes a code of the current address where the session was neither opened nor proved within the last ten minutes. The
/// answer is the same where the new address has an account.
#[utoipa::path(post, path = "/email-otp/request-email-change", tag = "E-mail codes",
    request_body = RequestEmailChangeBody<'_>, security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Asked for", body = Success),
        (status = 400, description = "`OTP_REQUIRED`, `INVALID_OTP`, `OTP_EXPIRED`, `EMAIL_IS_THE_SAME`, `INVALID_EMAIL`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`TOO_MANY_ATTEMPTS`, `EMAIL_DOMAIN_NOT_ALLOWED`, or not from a trusted origin",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn request_email_change(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = RequestEmailChangeBody::parse(body.as_ref())?;
    let new = email(body.new_email)?;
    let code = body.otp.filter(|code| !code.is_empty());
    pad_response_time(auth::request_email_change(caller.flow(&auth), &new, code, &found)).await?;
    Ok(json_response(&Success { success: true }))
}

/// Is the body of `POST /email-otp/change-email`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ChangeEmailWithCodeBody<'a> {
    #[schema(schema_with = schemas::email)]
    new_email: &'a str,
    otp: &'a str,
}

impl<'a> ChangeEmailWithCodeBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { new_email: fields.string("newEmail"), otp: fields.string("otp") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Take another address with the code that was mailed there
///
/// The session that asked for it takes it. Every other session ends, and the old address is told and can undo it for seven
/// days.
#[utoipa::path(post, path = "/email-otp/change-email", tag = "E-mail codes", request_body = ChangeEmailWithCodeBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Changed; the session cookie is set once more", body = Success),
        (status = 400, description = "`INVALID_OTP`, `OTP_EXPIRED`, `INVALID_EMAIL`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`TOO_MANY_ATTEMPTS`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn change_email(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = ChangeEmailWithCodeBody::parse(body.as_ref())?;
    let new = email(body.new_email)?;
    auth::change_email_with_code(caller.flow(&auth), &new, body.otp, &found).await?;
    let mut response = json_response(&Success { success: true });
    repeat_presented(response.headers_mut(), &auth.settings, &caller.presented, &found.session, caller.now);
    Ok(response)
}
