//! Serves the page that mailed links lead to. Mail scanners follow links, so its GET only shows a button; the POST
//! behind the button spends the token (MAIL-08). The password that counts afterwards is the browser's own from the
//! sign-up, or one that is typed into the page (SESS-14).

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
        endpoints::{
            pages::{
                link::{ConfirmForm, Link, text},
                reset_password,
            },
            verification::{prover, send_verification_mail},
        },
        error::problem::ProblemBody,
        extract::{
            body::{FormBody, pairs},
            caller::Caller,
            fields::{callback_url, email},
        },
        pages::{
            confirmation::{Confirmation, VERIFY_EMAIL},
            forms::{LINK_BROKEN, LINK_EXPIRED, LINK_USED, NOT_AN_ADDRESS, verification_failed},
            message::{EMAIL_CHANGED, EMAIL_TAKEN, EMAIL_VERIFIED, SIGNED_IN, VERIFICATION_MAIL_SENT},
            response::page_response,
        },
        respond::{cookie::set_session, redirect::redirect},
    },
    auth::{self, Auth, CallbackUrl, MailedFor, Prover, VerifiedEmail, VerifyEmailError},
    language::{TextId, text},
    pages::Text,
    types::Password,
};

/// Asks for another mail.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ResendForm<'a> {
    email: &'a str,
    #[schema(rename = "callbackURL")]
    callback_url: Option<&'a str>,
}

impl<'a> ResendForm<'a> {
    fn parse(pairs: &'a Value) -> Self {
        Self { email: text(pairs, "email").unwrap_or_default().trim(), callback_url: text(pairs, "callbackURL") }
    }
}

/// Show the page behind a mailed link, with a button
///
/// Asks for a password where the address is verified with it for the first time and the browser did not sign up. The
/// same page for every token that is wrong or torn in two by a mail program. Nothing is spent.
#[utoipa::path(get, path = "/verify-email/confirm", tag = "Pages",
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
    let Some(link) = Link::with_target(&auth, &caller, &ConfirmForm::parse(&query), MailedFor::Verification).await?
    else {
        return failed(&auth, StatusCode::FORBIDDEN, None, LINK_BROKEN);
    };
    let asks_password = match link.token() {
        Some(token) => auth::needs_password(caller.flow(&auth), &token, &prover(&caller)).await?,
        None => false,
    };
    let action = page(&auth, "/confirm");
    let min_length = asks_password.then_some(auth.settings.password.min_length);
    let page = Confirmation { min_length, ..link.confirmation(&VERIFY_EMAIL, &action) };
    Ok(page_response(StatusCode::OK, page.page(), link.target.as_ref()))
}

/// Press the page's button: it spends the token
#[utoipa::path(post, path = "/verify-email/confirm", tag = "Pages",
    request_body(content = ConfirmForm<'_>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Verified; asks for a new password where the account has none that counts",
            body = String, content_type = "text/html"),
        (status = 303, description = "Verified; to the link's target"),
        (status = 400, description = "The token or the password is wrong", body = String, content_type = "text/html"),
        (status = 403, description = "The target or the origin is not trusted",
            content((String = "text/html"), (ProblemBody<'_> = "application/json"))),
    ))]
pub(crate) async fn confirm(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    FormBody(form): FormBody,
) -> Result<Response, Problem> {
    let form = ConfirmForm::parse(&form);
    let Some(link) = Link::with_target(&auth, &caller, &form, MailedFor::Verification).await? else {
        return failed(&auth, StatusCode::FORBIDDEN, None, LINK_BROKEN);
    };
    let Some(token) = link.token() else {
        return failed(&auth, StatusCode::BAD_REQUEST, link.target.as_ref(), LINK_BROKEN);
    };
    let rules = &auth.settings.password;
    let verified = match form.password {
        None => auth::verify_email(caller.flow(&auth), &token, prover(&caller)).await,
        Some(typed) => match Password::choose(typed, rules, None) {
            Ok(password) => {
                let prover = Prover { password: Some(password), ..prover(&caller) };
                auth::verify_email(caller.flow(&auth), &token, prover).await
            }
            Err(error) => Err(error.into()),
        },
    };
    match verified {
        Ok(VerifiedEmail { choose_password: Some(token), .. }) => {
            let reason = Text::new(text!("link-verified-choose-password"));
            reset_password::form(&auth, StatusCode::OK, Some(token.expose()), Some(reason))
        }
        Ok(VerifiedEmail { changed, session, .. }) => {
            let mut response = match link.target {
                Some(target) => redirect(StatusCode::SEE_OTHER, target.as_str()),
                None if changed.is_some() => page_response(StatusCode::OK, EMAIL_CHANGED.page(), None),
                None if session.is_some() => page_response(StatusCode::OK, SIGNED_IN.page(), None),
                None => page_response(StatusCode::OK, EMAIL_VERIFIED.page(), None),
            };
            if let Some(session) = &session {
                set_session(response.headers_mut(), &auth.settings, session);
            }
            Ok(response)
        }
        Err(VerifyEmailError::Password(error)) => {
            let action = page(&auth, "/confirm");
            let page = Confirmation {
                min_length: Some(rules.min_length),
                reason: Some(reset_password::reason(&error, rules)),
                ..link.confirmation(&VERIFY_EMAIL, &action)
            };
            Ok(page_response(StatusCode::BAD_REQUEST, page.page(), link.target.as_ref()))
        }
        Err(VerifyEmailError::EmailTaken) => Ok(page_response(StatusCode::BAD_REQUEST, EMAIL_TAKEN.page(), None)),
        Err(VerifyEmailError::Invalid) => failed(&auth, StatusCode::BAD_REQUEST, link.target.as_ref(), LINK_USED),
        Err(VerifyEmailError::Expired) => failed(&auth, StatusCode::BAD_REQUEST, link.target.as_ref(), LINK_EXPIRED),
        Err(error @ VerifyEmailError::Flow(_)) => Err(error.into()),
    }
}

/// Asks for another mail; the same answer for every address
#[utoipa::path(post, path = "/verify-email/resend", tag = "Pages",
    request_body(content = ResendForm<'_>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Asked for", body = String, content_type = "text/html"),
        (status = 400, description = "Not an address", body = String, content_type = "text/html"),
    ))]
pub(crate) async fn resend(
    State(auth): State<Arc<Auth>>,
    mut caller: Caller,
    FormBody(form): FormBody,
) -> Result<Response, Problem> {
    let form = ResendForm::parse(&form);
    let target = callback_url(form.callback_url, &auth.settings);
    let target = target.inspect_err(|problem| caller.log(problem)).unwrap_or_default();
    let Ok(email) = email(form.email) else {
        return failed(&auth, StatusCode::BAD_REQUEST, target.as_ref(), NOT_AN_ADDRESS);
    };
    // A form that other sites' visitors can be led to must not act on who is signed in here.
    caller.forget();
    send_verification_mail(&auth, &caller, &email, target.as_ref()).await?;
    Ok(page_response(StatusCode::OK, VERIFICATION_MAIL_SENT.page(), None))
}

#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
fn failed(auth: &Auth, status: StatusCode, target: Option<&CallbackUrl>, reason: TextId) -> Result<Response, Problem> {
    let action = page(auth, "/resend");
    let page = verification_failed(action, target.map(CallbackUrl::as_str), reason);
    Ok(page_response(status, page, None))
}

fn page(auth: &Auth, suffix: &str) -> String {
    format!("{}/verify-email{suffix}", auth.settings.base_path)
}
