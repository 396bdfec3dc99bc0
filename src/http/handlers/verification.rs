//! `POST /send-verification-email` and the API's own `GET /verify-email`, which acts when it is called. No mail links
//! to it: mails lead to the page of `verification_pages`.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    auth::{self, Auth, CallbackUrl, VerifyEmailError},
    types::{Email, MailToken},
};

use super::{
    super::{
        Problem,
        body::{JsonBody, pairs},
        caller::Caller,
        fields::{Fields, callback_url, email},
    },
    json as answer, redirect,
};

/// Every answer to a request for a mail takes this long at least, whether or not one was written (MAIL-07).
const LEAST_TIME: Duration = Duration::from_millis(250);

pub(in super::super) async fn send(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let mut fields = Fields::of_body(body.as_ref())?;
    let address = fields.string("email");
    let target = fields.optional_string("callbackURL");
    fields.finish()?;
    let target = callback_url(target, &auth.settings)?;
    send_evenly(&auth, &caller, &email(address)?, target.as_ref()).await?;
    Ok(answer(&json!({ "status": true })))
}

/// Asks for a mail, in the same time for every address.
pub(super) async fn send_evenly(
    auth: &Auth,
    caller: &Caller,
    email: &Email,
    target: Option<&CallbackUrl>,
) -> Result<(), Problem> {
    let done = Instant::now() + LEAST_TIME;
    let sent = auth::send_verification(auth, email, target, caller.token(), caller.now).await;
    tokio::time::sleep_until(done).await;
    Ok(sent?)
}

pub(in super::super) async fn verify(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::of_query(&query)?;
    let token = fields.string("token");
    let target = fields.optional_string("callbackURL");
    fields.finish()?;
    // Before the token is spent, and on the error path too (REDIR-04).
    let target = callback_url(target, &auth.settings)?;
    let verified = match MailToken::parse(token) {
        Ok(token) => auth::verify_email(&auth, &token, &caller.client, caller.now).await,
        Err(_) => Err(VerifyEmailError::Invalid),
    };
    match (verified, target) {
        (Ok(_), None) => Ok(answer(&json!({ "status": true, "user": null }))),
        (Ok(_), Some(target)) => Ok(redirect(StatusCode::FOUND, target.as_str())),
        (Err(VerifyEmailError::Store(error)), _) => Err(error.into()),
        (Err(error), None) => Err(error.into()),
        (Err(error), Some(target)) => Ok(redirect(StatusCode::FOUND, &target.with_error(Problem::from(error).code()))),
    }
}
