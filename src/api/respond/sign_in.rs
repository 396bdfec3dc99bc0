//! Answers every sign-in: with the session that it opened, or with what proves the second factor first.

use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::respond::{
        cookie::{clear_session, set_challenge, set_session},
        json::json_response,
    },
    auth::{NewSession, Settings, SignInStep, TwoFactorMethod},
};

/// Asks for a second factor (contract §4.2).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TwoFactorRedirect {
    /// Is true.
    two_factor_redirect: bool,
    /// Lists `totp` and `otp` where they can be used; a backup code can be always.
    #[schema(value_type = Vec<String>)]
    two_factor_methods: Vec<&'static str>,
}

/// Returns the response to a sign-in. `body` says what it is where a session was opened.
pub(crate) fn sign_in_response<'s, B: Serialize>(
    settings: &Settings,
    step: &'s SignInStep,
    body: impl FnOnce(&'s NewSession) -> B,
) -> Response {
    let mut response = match step {
        SignInStep::Opened(session) => json_response(&body(session)),
        SignInStep::Challenged(challenge) => json_response(&TwoFactorRedirect {
            two_factor_redirect: true,
            two_factor_methods: challenge.methods.iter().copied().map(TwoFactorMethod::as_str).collect(),
        }),
    };
    set_step(response.headers_mut(), settings, step);
    response
}

/// Hands over the session, or the challenge in its place. The former session has ended.
pub(crate) fn set_step(headers: &mut HeaderMap, settings: &Settings, step: &SignInStep) {
    match step {
        SignInStep::Opened(session) => set_session(headers, settings, session),
        SignInStep::Challenged(challenge) => {
            clear_session(headers, settings);
            set_challenge(headers, settings, &challenge.token);
        }
    }
}
