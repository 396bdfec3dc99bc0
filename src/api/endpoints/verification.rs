//! Serves `POST /send-verification-email` and the API's own `GET /verify-email`, which acts when it is called. No mail
//! links to it: mails lead to the page of `pages/verify_email`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;
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
            fields::{Fields, callback_url, email, page_callback_url},
            schemas,
        },
        respond::{
            cookie::set_session,
            json::{Status, json_response},
            redirect::redirect,
            timing::pad_response_time,
            views::UserView,
        },
    },
    auth::{self, Asking, Auth, CallbackUrl, Prover, SignInBrowser, VerifiedEmail, VerifyEmailError},
    types::{Email, MailToken},
};

/// Is the body of `POST /send-verification-email`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SendVerificationBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    /// The mailed link leads here in the end.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<&'a str>,
}

impl<'a> SendVerificationBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { email: fields.string("email"), callback_url: fields.optional_string("callbackURL") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// The address is proved.
#[derive(Serialize, ToSchema)]
struct Verified<'a> {
    status: bool,
    /// Is the account's owner, where the address is its new one.
    user: Option<UserView<'a>>,
}

/// Mail another link to an address that is not verified yet
#[utoipa::path(post, path = "/send-verification-email", tag = "E-mail", request_body = SendVerificationBody<'_>,
    responses((status = 200, description = "The same for every address", body = Status)))]
pub(crate) async fn send(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = SendVerificationBody::parse(body.as_ref())?;
    let target = page_callback_url(body.callback_url, &caller, &auth.settings)?;
    send_verification_mail(&auth, &caller, &email(body.email)?, target.as_ref()).await?;
    Ok(json_response(&Status { status: true }))
}

/// Collects what a browser brings to a proof by itself.
pub(crate) fn prover(caller: &Caller) -> Prover<'_> {
    Prover { password: None, choice: caller.sign_up.as_ref(), session: caller.token() }
}

/// Collects what a browser brings to a sign-in by mail.
pub(crate) fn sign_in_browser(caller: &Caller) -> SignInBrowser<'_> {
    SignInBrowser {
        prover: prover(caller),
        replaces: caller.token(),
        trusted_devices: &caller.trusted_devices,
        device: caller.device.as_ref(),
    }
}

/// Asks for a mail, in the same time for every address.
pub(crate) async fn send_verification_mail(
    auth: &Auth,
    caller: &Caller,
    email: &Email,
    target: Option<&CallbackUrl>,
) -> Result<(), Problem> {
    let asking = Asking { session: caller.token(), device: caller.device.as_ref() };
    Ok(pad_response_time(auth::send_verification(caller.flow(auth), email, target, asking)).await?)
}

/// Spend a mailed token
///
/// The choices of a sign-up count in the browser that signed up, which is signed in too where
/// `auth.email_verification.auto_sign_in` says so. Elsewhere the address is verified, and a new password
/// is set by `POST /request-password-reset`; the page that mails lead to asks for it at once.
#[utoipa::path(get, path = "/verify-email", tag = "E-mail",
    params(("token" = String, Query), ("callbackURL" = Option<String>, Query)),
    responses(
        (status = 200, description = "Verified", body = Verified<'_>),
        (status = 302, description = "With `callbackURL`: there, with `error=` where it failed"),
        (status = 401, description = "`INVALID_TOKEN` or `TOKEN_EXPIRED`", body = ProblemBody<'_>),
        (status = 403, description = "`INVALID_CALLBACK_URL`", body = ProblemBody<'_>),
        (status = 429, description = "Too many attempts; `Retry-After` says when to come back.", body = ProblemBody<'_>),
    ))]
pub(crate) async fn verify(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let token = fields.string("token");
    let target = fields.optional_string("callbackURL");
    fields.finish()?;
    // This comes before the token is spent, and on the error path too (REDIR-04).
    let target = callback_url(target, &auth.settings)?;
    let verified = match MailToken::parse_mailed(token) {
        Ok(token) if caller.is_head => {
            let verified = VerifiedEmail { changed: None, session: None, choose_password: None };
            auth::would_verify(caller.flow(&auth), &token).await.map(|()| verified)
        }
        Ok(token) => auth::verify_email(caller.flow(&auth), &token, prover(&caller)).await,
        Err(_) => Err(VerifyEmailError::Invalid),
    };
    match (verified, target) {
        (Ok(verified), target) => {
            let mut response = match target {
                None => {
                    let user = verified.changed.as_ref().map(|user| UserView::new(user, &auth.settings.user_fields));
                    json_response(&Verified { status: true, user })
                }
                Some(target) => redirect(StatusCode::FOUND, target.as_str()),
            };
            if let Some(session) = &verified.session {
                set_session(response.headers_mut(), &auth.settings, session);
            }
            Ok(response)
        }
        (Err(error @ VerifyEmailError::Flow(_)), _) | (Err(error), None) => Err(error.into()),
        (Err(error), Some(target)) => Ok(redirect(StatusCode::FOUND, &target.with_error(Problem::from(error).code()))),
    }
}
