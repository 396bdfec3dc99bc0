//! Serves `POST /email-otp/send-verification-otp`, `/email-otp/request-password-reset` and
//! `/email-otp/check-verification-otp`.

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
        },
        respond::{
            json::{Success, json_response},
            timing::pad_response_time,
        },
    },
    auth::{self, Asking, Auth, CodeKind},
};

/// Tells what a code is for.
#[derive(Clone, Copy, ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum CodeType {
    SignIn,
    EmailVerification,
    ForgetPassword,
}

impl CodeType {
    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "sign-in" => Ok(Self::SignIn),
            "email-verification" => Ok(Self::EmailVerification),
            "forget-password" => Ok(Self::ForgetPassword),
            "change-email" => Err(Problem::bad_request("INVALID_OTP_TYPE", "Invalid OTP type")),
            _ => {
                let expected = r#""email-verification"|"sign-in"|"forget-password""#;
                Err(Problem::validation(&[format!("[body.type] Invalid option: expected one of {expected}")])
                    .with_field("type"))
            }
        }
    }

    fn kind(self) -> CodeKind {
        match self {
            Self::SignIn => CodeKind::SignIn,
            Self::EmailVerification => CodeKind::VerifyEmail,
            Self::ForgetPassword => CodeKind::ResetPassword,
        }
    }
}

/// Is the body of `POST /email-otp/send-verification-otp`.
#[derive(ToSchema)]
pub(crate) struct SendCodeBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    r#type: CodeType,
}

impl<'a> SendCodeBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let (email, kind) = (fields.string("email"), fields.string("type"));
        fields.finish()?;
        Ok(Self { email, r#type: CodeType::parse(kind)? })
    }
}

/// Mail a code
///
/// The code signs in (`sign-in`), proves an address (`email-verification`) or sets a new password (`forget-password`). Older
/// codes of the type end.
#[utoipa::path(post, path = "/email-otp/send-verification-otp", tag = "E-mail codes", request_body = SendCodeBody<'_>,
    responses((status = 200, description = "The same for every address", body = Success)))]
pub(crate) async fn send(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = SendCodeBody::parse(body.as_ref())?;
    mail_code(&auth, &caller, body.email, body.r#type.kind()).await
}

/// Is the body of `POST /email-otp/request-password-reset`.
#[derive(ToSchema)]
pub(crate) struct RequestResetCodeBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
}

impl<'a> RequestResetCodeBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { email: fields.string("email") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Mail a code that sets a new password
#[utoipa::path(post, path = "/email-otp/request-password-reset", tag = "E-mail codes",
    request_body = RequestResetCodeBody<'_>,
    responses((status = 200, description = "The same for every address", body = Success)))]
pub(crate) async fn request_reset(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = RequestResetCodeBody::parse(body.as_ref())?;
    mail_code(&auth, &caller, body.email, CodeKind::ResetPassword).await
}

/// Mail a code that sets a new password, by the name that older clients know
#[utoipa::path(post, path = "/forget-password/email-otp", tag = "E-mail codes",
    request_body = RequestResetCodeBody<'_>,
    responses((status = 200, description = "The same for every address", body = Success)))]
pub(crate) async fn forget_password(
    state: State<Arc<Auth>>,
    caller: Caller,
    body: JsonBody,
) -> Result<Response, Problem> {
    request_reset(state, caller, body).await
}

async fn mail_code(auth: &Auth, caller: &Caller, address: &str, kind: CodeKind) -> Result<Response, Problem> {
    let email = email(address)?;
    let asking = Asking { session: caller.token(), device: caller.device.as_ref() };
    pad_response_time(auth::send_code(caller.flow(auth), &email, kind, asking)).await?;
    Ok(json_response(&Success { success: true }))
}

/// Is the body of `POST /email-otp/check-verification-otp`.
#[derive(ToSchema)]
pub(crate) struct CheckCodeBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    r#type: CodeType,
    otp: &'a str,
}

impl<'a> CheckCodeBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let (email, kind, otp) = (fields.string("email"), fields.string("type"), fields.string("otp"));
        fields.finish()?;
        Ok(Self { email, r#type: CodeType::parse(kind)?, otp })
    }
}

/// Ask whether a code is right, without spending it
///
/// A wrong one is counted like any other try.
#[utoipa::path(post, path = "/email-otp/check-verification-otp", tag = "E-mail codes", request_body = CheckCodeBody<'_>,
    responses(
        (status = 200, description = "It is", body = Success),
        (status = 400, description = "`INVALID_OTP`, `OTP_EXPIRED`", body = ProblemBody<'_>),
        (status = 403, description = "`TOO_MANY_ATTEMPTS`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn check(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = CheckCodeBody::parse(body.as_ref())?;
    let email = email(body.email)?;
    let of = (&email, body.r#type.kind());
    auth::check_code(caller.flow(&auth), of, body.otp, caller.device.as_ref()).await?;
    Ok(json_response(&Success { success: true }))
}
