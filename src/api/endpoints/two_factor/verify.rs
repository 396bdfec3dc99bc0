//! Serves what proves a second factor: `GET /two-factor/list-methods`, `POST /two-factor/verify-totp`, `/send-otp`,
//! `/verify-otp` and `/verify-backup-code`, on the way to sign in or in a session.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            fields::Fields,
            two_factor::{TwoFactorCaller, Who},
        },
        respond::{
            cookie::{add_trusted_device, clear_challenge, cleared_challenge, replace_token, set_session},
            json::{Status, json_response},
            views::UserView,
        },
    },
    auth::{
        self, Auth, ProvedSession, TwoFactorError, TwoFactorMethod, TypedCode, VerifiedSecondFactor,
        VerifySecondFactor, verify_second_factor,
    },
    types::{BackupCode, OneTimeCode},
};

/// Is the body of `POST /two-factor/verify-totp` and `/two-factor/verify-otp`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct CodeBody<'a> {
    #[schema(pattern = "^[0-9]{6}$")]
    code: &'a str,
    /// Spares this browser the second factor for `auth.two_factor.trust_device`.
    #[schema(required = false, default = false)]
    trust_device: bool,
}

impl<'a> CodeBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { code: fields.string("code"), trust_device: fields.boolean_or("trustDevice", false) };
        fields.finish()?;
        Ok(parsed)
    }

    fn code(&self) -> Result<OneTimeCode, Problem> {
        OneTimeCode::parse(self.code).map_err(|error| Problem::bad_request("INVALID_CODE", error.to_string()))
    }
}

/// Is the body of `POST /two-factor/verify-backup-code`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct BackupCodeBody<'a> {
    /// Is taken in any case, with or without its hyphens.
    code: &'a str,
    /// Spares this browser the second factor for `auth.two_factor.trust_device`.
    #[schema(required = false, default = false)]
    trust_device: bool,
    /// Spends the code without signing anybody in.
    #[schema(required = false, default = false)]
    disable_session: bool,
}

impl<'a> BackupCodeBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            code: fields.string("code"),
            trust_device: fields.boolean_or("trustDevice", false),
            disable_session: fields.boolean_or("disableSession", false),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// The second factor was proved.
#[derive(Serialize, ToSchema)]
#[schema(as = SecondFactorAnswer)]
struct Proved<'a> {
    /// Is the token of the session that goes on; it is not there where none was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<&'a str>,
    user: UserView<'a>,
}

/// Prove a second factor with a code of an authenticator app
///
/// It opens the session on the way to sign in. The first code in a session puts the app in force, and later ones prove its
/// holder once more.
#[utoipa::path(post, path = "/two-factor/verify-totp", tag = "Two-factor", request_body = CodeBody<'_>,
    security((), ("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Proved", body = Proved<'_>),
        (status = 400, description = "`INVALID_CODE` (not six digits), `TOTP_NOT_ENABLED`, \
            `TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE`", body = ProblemBody<'_>),
        (status = 401, description = "`INVALID_CODE`, `INVALID_TWO_FACTOR_COOKIE`", body = ProblemBody<'_>),
        (status = 429, description = "`ACCOUNT_TEMPORARILY_LOCKED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn totp(
    State(auth): State<Arc<Auth>>,
    asking: TwoFactorCaller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = CodeBody::parse(body.as_ref())?;
    verify(&auth, &asking, TypedCode::Totp(body.code()?), (body.trust_device, true)).await
}

/// Prove a second factor with a code that was mailed
#[utoipa::path(post, path = "/two-factor/verify-otp", tag = "Two-factor", request_body = CodeBody<'_>,
    security((), ("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Proved", body = Proved<'_>),
        (status = 400, description = "`INVALID_CODE` (not six digits), `OTP_HAS_EXPIRED`, \
            `TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE`", body = ProblemBody<'_>),
        (status = 401, description = "`INVALID_CODE`, `INVALID_TWO_FACTOR_COOKIE`", body = ProblemBody<'_>),
        (status = 429, description = "`ACCOUNT_TEMPORARILY_LOCKED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn otp(
    State(auth): State<Arc<Auth>>,
    asking: TwoFactorCaller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = CodeBody::parse(body.as_ref())?;
    verify(&auth, &asking, TypedCode::Mailed(body.code()?), (body.trust_device, true)).await
}

/// Prove a second factor with a backup code
#[utoipa::path(post, path = "/two-factor/verify-backup-code", tag = "Two-factor", request_body = BackupCodeBody<'_>,
    security((), ("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Proved; the code is spent", body = Proved<'_>),
        (status = 400, description = "`BACKUP_CODES_NOT_ENABLED`, `TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE`",
            body = ProblemBody<'_>),
        (status = 401, description = "`INVALID_BACKUP_CODE`, `INVALID_TWO_FACTOR_COOKIE`", body = ProblemBody<'_>),
        (status = 429, description = "`ACCOUNT_TEMPORARILY_LOCKED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn backup_code(
    State(auth): State<Arc<Auth>>,
    asking: TwoFactorCaller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = BackupCodeBody::parse(body.as_ref())?;
    // Whatever it looks like, it is an attempt, and counts as one.
    let code = BackupCode::parse(body.code).unwrap_or_else(|_| BackupCode::generate());
    verify(&auth, &asking, TypedCode::Backup(code), (body.trust_device, !body.disable_session)).await
}

/// Lists what can prove a second factor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SecondFactorMethods)]
struct Methods {
    /// Lists `totp` and `otp` where they can be used; a backup code can be always. It is empty where no second factor is in
    /// force.
    #[schema(value_type = Vec<String>)]
    two_factor_methods: Vec<&'static str>,
}

/// List what can prove the second factor
///
/// The same as a sign-in answers, for pages that a provider or a mailed link led to, and for sessions.
#[utoipa::path(get, path = "/two-factor/list-methods", tag = "Two-factor",
    security((), ("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The methods", body = Methods),
        (status = 401, description = "`INVALID_TWO_FACTOR_COOKIE`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn list_methods(State(auth): State<Arc<Auth>>, asking: TwoFactorCaller) -> Result<Response, Problem> {
    let listed = auth::list_two_factor_methods(asking.caller.flow(&auth), asking.claimant())
        .await
        .map_err(|error| refused(&auth, error))?;
    Ok(json_response(&Methods { two_factor_methods: listed.into_iter().map(TwoFactorMethod::as_str).collect() }))
}

/// Mail a code
#[utoipa::path(post, path = "/two-factor/send-otp", tag = "Two-factor",
    security((), ("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "It is on its way, unless too many were sent", body = Status),
        (status = 400, description = "`OTP_NOT_CONFIGURED`: not mailed here, or the sign-in was by mail already",
            body = ProblemBody<'_>),
        (status = 401, description = "`INVALID_TWO_FACTOR_COOKIE`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn send_otp(State(auth): State<Arc<Auth>>, asking: TwoFactorCaller) -> Result<Response, Problem> {
    auth::send_second_factor_code(asking.caller.flow(&auth), asking.claimant())
        .await
        .map_err(|error| refused(&auth, error))?;
    Ok(json_response(&Status { status: true }))
}

async fn verify(
    auth: &Auth,
    asking: &TwoFactorCaller,
    code: TypedCode,
    (trust_device, opens_session): (bool, bool),
) -> Result<Response, Problem> {
    let input = VerifySecondFactor {
        claimant: asking.claimant(),
        code,
        trust_device,
        opens_session,
        renews_token: asking.has_cookie(),
    };
    let flow = asking.caller.flow(auth);
    let verified = verify_second_factor(flow, &input).await.map_err(|error| refused(auth, error))?;
    let VerifiedSecondFactor { user, session, trusted_device } = &verified;
    let token = match session {
        ProvedSession::Opened(session) => Some(session.token.expose()),
        ProvedSession::Renewed(token) => Some(token.expose()),
        ProvedSession::Unchanged => asking.caller.token().map(crate::types::SessionToken::expose),
        ProvedSession::None => None,
    };
    let mut response = json_response(&Proved { token, user: UserView::new(user, &auth.settings.user_fields) });
    let headers = response.headers_mut();
    match (session, &asking.who) {
        (ProvedSession::Opened(session), _) => set_session(headers, &auth.settings, session),
        (ProvedSession::Renewed(token), Who::SignedIn(found)) => {
            replace_token(headers, flow, token, &found.session);
        }
        (ProvedSession::Renewed(_) | ProvedSession::Unchanged | ProvedSession::None, _) => {}
    }
    if asking.caller.challenge.is_some() {
        clear_challenge(headers, &auth.settings);
    }
    if let Some(token) = trusted_device {
        add_trusted_device(headers, &auth.settings, &asking.caller.trusted_devices, token);
    }
    Ok(response)
}

/// Takes the cookie of a sign-in that has ended.
fn refused(auth: &Auth, error: TwoFactorError) -> Problem {
    let has_ended = matches!(error, TwoFactorError::InvalidChallenge | TwoFactorError::TooManyAttempts);
    let problem = Problem::from(error);
    if has_ended {
        let (name, value) = cleared_challenge(&auth.settings);
        return problem.with_header(name, value);
    }
    problem
}
