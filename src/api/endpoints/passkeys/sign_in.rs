//! Serves `GET /passkey/generate-authenticate-options` and `POST /passkey/verify-authentication`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::verification::sign_in_browser,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            caller::Caller,
            fields::{Fields, passkey_response},
        },
        respond::{
            cookie::{cleared_passkey_challenge, set_device, set_passkey_challenge},
            json::json_response,
            sign_in::sign_in_response,
            views::{SessionView, UserView},
        },
    },
    auth::{self, Auth, PasskeySignInError, find_session},
};

/// Ask for a passkey
///
/// The options are those of WebAuthn, for `startAuthentication` of `@simplewebauthn/browser`; a cookie ties them to the
/// browser for five minutes. They name passkeys only to whoever is signed in, and then their own.
#[utoipa::path(get, path = "/passkey/generate-authenticate-options", tag = "Passkeys",
    security((), ("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "PublicKeyCredentialRequestOptions in JSON", body = Value),
        (status = 429, description = "Too many attempts; `Retry-After` says when to come back.", body = ProblemBody<'_>),
    ))]
pub(crate) async fn options(State(auth): State<Arc<Auth>>, caller: Caller) -> Result<Response, Problem> {
    if caller.is_head {
        return Ok(json_response(&Map::new()));
    }
    let current = match caller.token() {
        Some(token) => find_session(&auth, token).await?,
        None => None,
    };
    let challenge = auth::begin_passkey_sign_in(caller.flow(&auth), current.as_ref()).await?;
    let mut response = json_response(&challenge.options);
    set_passkey_challenge(response.headers_mut(), &auth.settings, &challenge.token);
    Ok(response)
}

/// Is the body of `POST /passkey/verify-authentication`.
#[derive(ToSchema)]
pub(crate) struct VerifyAuthenticationBody<'a> {
    /// Is what `navigator.credentials.get()` gave, in JSON.
    #[schema(value_type = Object)]
    response: &'a Value,
}

impl<'a> VerifyAuthenticationBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { response: passkey_response(&mut fields) };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Shows a signed-in user and their session.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedInByPasskey)]
struct SignedInAnswer<'a> {
    session: SessionView<'a>,
    user: UserView<'a>,
}

/// Sign in with a passkey
///
/// Its authenticator has verified the user, so it counts as two factors: no code is asked for.
#[utoipa::path(post, path = "/passkey/verify-authentication", tag = "Passkeys",
    request_body = VerifyAuthenticationBody<'_>,
    responses(
        (status = 200, description = "Signed in, and the session cookie is set", body = SignedInAnswer<'_>),
        (status = 400, description = "`CHALLENGE_NOT_FOUND`, `AUTHENTICATION_FAILED`: it is nothing that WebAuthn \
            describes", body = ProblemBody<'_>),
        (status = 401, description = "`PASSKEY_NOT_FOUND`, `AUTHENTICATION_FAILED`", body = ProblemBody<'_>),
        (status = 403, description = "`EMAIL_NOT_VERIFIED`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn verify(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = VerifyAuthenticationBody::parse(body.as_ref())?;
    let challenge = caller.passkey_challenge.as_ref();
    let signed_in = auth::sign_in_with_passkey(caller.flow(&auth), challenge, body.response, &sign_in_browser(&caller))
        .await
        .map_err(|error| refused(&auth, error))?;
    let mut response = sign_in_response(&auth.settings, &signed_in.step, |session| SignedInAnswer {
        session: SessionView::new(&session.session, &session.token).with_organization(&session.session, &auth.settings),
        user: UserView::new(&signed_in.user, &auth.settings.user_fields),
    });
    set_device(response.headers_mut(), &auth.settings, &signed_in.device.seal(&auth.devices));
    let (name, value) = cleared_passkey_challenge(&auth.settings);
    response.headers_mut().append(name, value);
    Ok(response)
}

/// Takes the cookie of a challenge that is used up.
fn refused(auth: &Auth, error: PasskeySignInError) -> Problem {
    let is_used_up = !matches!(error, PasskeySignInError::Flow(_));
    let problem = Problem::from(error);
    if is_used_up {
        let (name, value) = cleared_passkey_challenge(&auth.settings);
        return problem.with_header(name, value);
    }
    problem
}
