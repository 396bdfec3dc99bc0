//! Serves `GET /passkey/generate-register-options` and `POST /passkey/verify-registration`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, pairs},
            fields::{Fields, passkey_name, passkey_response},
            signed_in::{ProvedLately, SignedIn},
        },
        respond::{
            cookie::{cleared_passkey_challenge, set_passkey_challenge},
            json::json_response,
            passkey_view::PasskeyView,
            views::{SessionView, UserView},
        },
    },
    auth::{self, Attachment, Auth, PasskeyWish, RegisterPasskeyError},
};

/// Ask for a passkey to be made
///
/// Needs a session opened or proved within the last ten minutes. The options are those of WebAuthn, for
/// `startRegistration` of `@simplewebauthn/browser`; a cookie ties them to the browser for five minutes.
#[utoipa::path(get, path = "/passkey/generate-register-options", tag = "Passkeys",
    params(("name" = Option<String>, Query, description = "Is what the passkey is to be called."),
        ("authenticatorAttachment" = Option<String>, Query, description = "Is `platform` or `cross-platform`.")),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "PublicKeyCredentialCreationOptions in JSON", body = Value),
        (status = 400, description = "`TOO_MANY_PASSKEYS`", body = ProblemBody<'_>),
        (status = 401, description = "`SESSION_REQUIRED`", body = ProblemBody<'_>),
        (status = 403, description = "`SESSION_NOT_FRESH`; `TWO_FACTOR_REQUIRED`: prove it in this session first",
            body = ProblemBody<'_>),
        (status = 429, description = "Too many attempts; `Retry-After` says when to come back.", body = ProblemBody<'_>),
    ))]
pub(crate) async fn options(
    State(auth): State<Arc<Auth>>,
    signed_in: Result<ProvedLately, Problem>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let ProvedLately(SignedIn { caller, found, .. }) = signed_in.map_err(session_required)?;
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let name = passkey_name(&mut fields, false);
    let attachment = match fields.optional_string("authenticatorAttachment") {
        None => None,
        Some("platform") => Some(Attachment::Platform),
        Some("cross-platform") => Some(Attachment::CrossPlatform),
        Some(_) => {
            let complaint = "Invalid option: expected one of \"platform\"|\"cross-platform\"";
            fields.complain("authenticatorAttachment", complaint);
            None
        }
    };
    fields.finish()?;
    if caller.is_head {
        return Ok(json_response(&Map::new()));
    }
    let wish = PasskeyWish { name, attachment };
    let challenge = auth::begin_passkey_registration(caller.flow(&auth), &found, wish).await?;
    let mut response = json_response(&challenge.options);
    set_passkey_challenge(response.headers_mut(), &auth.settings, &challenge.token);
    Ok(response)
}

/// Gives the missing session the code that the client knows (contract §4.3).
fn session_required(problem: Problem) -> Problem {
    if problem.status() == StatusCode::UNAUTHORIZED {
        return problem.renamed("SESSION_REQUIRED", "Passkey registration requires an authenticated session");
    }
    problem
}

/// Is the body of `POST /passkey/verify-registration`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct VerifyRegistrationBody<'a> {
    /// Is what `navigator.credentials.create()` gave, in JSON.
    #[schema(value_type = Object)]
    response: &'a Value,
    /// Is what the passkey is to be called.
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    name: Option<&'a str>,
    /// Has the session that goes on in the response, with its user.
    #[schema(required = false, default = false)]
    create_session: bool,
}

impl<'a> VerifyRegistrationBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            response: passkey_response(&mut fields),
            name: passkey_name(&mut fields, false),
            create_session: fields.boolean_or("createSession", false),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Shows a passkey that was just added.
#[derive(Serialize, ToSchema)]
#[schema(as = AddedPasskey)]
struct Added<'a> {
    #[serde(flatten)]
    passkey: PasskeyView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    session: Option<SessionView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    user: Option<UserView<'a>>,
}

/// Add a passkey
///
/// Needs the session that asked for it. Its owner is told by mail.
#[utoipa::path(post, path = "/passkey/verify-registration", tag = "Passkeys",
    request_body = VerifyRegistrationBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Added", body = Added<'_>),
        (status = 400, description = "`CHALLENGE_NOT_FOUND`, `FAILED_TO_VERIFY_REGISTRATION`, `PREVIOUSLY_REGISTERED`, \
            `TOO_MANY_PASSKEYS`", body = ProblemBody<'_>),
        (status = 401, description = "`SESSION_REQUIRED`, `YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY`: another session \
            asked", body = ProblemBody<'_>),
    ))]
pub(crate) async fn verify(
    State(auth): State<Arc<Auth>>,
    signed_in: Result<SignedIn, Problem>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let SignedIn { caller, token, found } = signed_in.map_err(session_required)?;
    let body = VerifyRegistrationBody::parse(body.as_ref())?;
    let challenge = caller.passkey_challenge.as_ref();
    let added = auth::register_passkey(caller.flow(&auth), &found, challenge, body.response, body.name)
        .await
        .map_err(|error| refused(&auth, error))?;
    let shows_session = body.create_session;
    let mut response = json_response(&Added {
        passkey: PasskeyView::from(&added),
        session: shows_session
            .then(|| SessionView::new(&found.session, &token).with_organization(&found.session, &auth.settings)),
        user: shows_session.then(|| UserView::new(&found.user, &auth.settings.user_fields)),
    });
    let (name, value) = cleared_passkey_challenge(&auth.settings);
    response.headers_mut().append(name, value);
    Ok(response)
}

/// Takes the cookie of a challenge that is used up.
fn refused(auth: &Auth, error: RegisterPasskeyError) -> Problem {
    let is_used_up = !matches!(error, RegisterPasskeyError::Flow(_));
    let problem = Problem::from(error);
    if is_used_up {
        let (name, value) = cleared_passkey_challenge(&auth.settings);
        return problem.with_header(name, value);
    }
    problem
}
