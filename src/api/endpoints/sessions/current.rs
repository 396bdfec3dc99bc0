//! Tells who is signed in: `GET /get-session`, `GET /me`, `POST /verify-token`; and `GET /ok`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, pairs},
            caller::Caller,
            fields::Fields,
            signed_in::{SignedIn, unauthorized},
        },
        respond::{
            claims::claims,
            cookie::{clear_session, renew_session},
            json::json_response,
            views::{SessionView, UserView},
        },
    },
    auth::{Auth, FoundSession, Settings, extend_session, find_named_session, find_session},
    sessions::{OrganizationClaims, credential::Presented, jwt::PresentedJwt},
    types::SessionToken,
};

/// Limits the token in a header, in bytes. `GET /token` has longer ones too.
const MAX_HEADER: usize = 3 * 1024;
/// Carries a JSON Web Token of the session beside every answer that shows it (contract §4.8).
const SET_AUTH_JWT: HeaderName = HeaderName::from_static("set-auth-jwt");

/// Is the body of `POST /verify-token`.
#[derive(ToSchema)]
pub(crate) struct TokenBody<'a> {
    token: &'a str,
}

impl<'a> TokenBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { token: fields.string("token") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Shows a session and whose it is.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
struct Signed<'a> {
    session: SessionView<'a>,
    user: UserView<'a>,
}

impl<'a> Signed<'a> {
    fn new(Known { found, token }: &'a Known, settings: &Settings) -> Self {
        let session = match token {
            Some(token) => SessionView::new(&found.session, token),
            None => SessionView::without_token(&found.session),
        };
        let session = session.with_organization(&found.session, settings);
        Self { session, user: UserView::new(&found.user, &settings.user_fields) }
    }
}

/// Holds a live session, and the token that opens it where that is what was shown.
struct Known {
    found: FoundSession,
    token: Option<SessionToken>,
}

/// The gateway is up.
#[derive(Serialize, ToSchema)]
struct Ok {
    ok: bool,
}

/// The gateway is up; nothing else is looked at
#[utoipa::path(get, path = "/ok", tag = "Service", responses((status = 200, description = "Always", body = Ok)))]
pub(crate) async fn ok() -> Response {
    json_response(&Ok { ok: true })
}

/// Get the session and its user
///
/// `null` when signed out.
#[utoipa::path(get, path = "/get-session", tag = "Sessions",
    params(("disableRefresh" = Option<String>, Query, description = "Any text: do not extend the session")),
    security((), ("cookie" = []), ("bearer" = [])),
    responses((status = 200, description = "The session, or `null`", body = Option<Signed<'_>>)))]
// Never 401, which the client takes for an error (contract §3.2, §8).
pub(crate) async fn get_session(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut known = lookup(&auth, &caller).await?;
    let mut lifetime = None;
    if let Some(Known { found, .. }) = &mut known {
        let query = pairs(query.unwrap_or_default().as_bytes());
        // Any text counts as yes, `false` too (contract §1).
        let is_disabled = query.get("disableRefresh").is_some_and(|value| value != "");
        if !is_disabled && !caller.is_head && extend_session(caller.flow(&auth), found).await? {
            lifetime = Some(found.session.expires_at - caller.now);
        }
    }
    let mut response = json_response(&known.as_ref().map(|known| Signed::new(known, &auth.settings)));
    if let Some(Known { found, token: Some(_) }) = &known {
        let token = HeaderValue::try_from(issue(&auth, found, caller.now)).map_err(Problem::internal)?;
        // A head that a proxy in front cannot hold would be an error of this replica to it.
        if token.len() <= MAX_HEADER {
            response.headers_mut().insert(SET_AUTH_JWT, token);
        }
    }
    if let (Some(lifetime), Presented::Cookie(token)) = (lifetime, &caller.presented) {
        renew_session(response.headers_mut(), &auth.settings, token, lifetime);
    }
    // Tells a cookie that opens nothing any more from one that never could have been ours (contract §2.3).
    if known.is_none() && matches!(caller.presented, Presented::Cookie(_)) {
        clear_session(response.headers_mut(), &auth.settings);
    }
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// Get the session and its user; 401 when signed out
#[utoipa::path(get, path = "/me", tag = "Sessions", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "Signed in", body = Signed<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>)))]
pub(crate) async fn me(State(auth): State<Arc<Auth>>, caller: Caller) -> Result<Response, Problem> {
    match lookup(&auth, &caller).await? {
        Some(known) => Ok(json_response(&Signed::new(&known, &auth.settings))),
        None => Err(unauthorized(&caller, &auth.settings)),
    }
}

/// Holds a JSON Web Token of the session that asks.
#[derive(Serialize, ToSchema)]
#[schema(as = JsonWebToken)]
struct TokenView {
    token: String,
}

/// Get a JSON Web Token that says whose session this is
///
/// Others verify it with the keys at `/jwks`; this gateway takes it as a bearer token for as long as the session lives.
/// Its claims are those of the user, `sub`, `sid`, `amr` (how the session was proved, RFC 8176), `iss`, `aud`, `iat` and `exp`.
#[utoipa::path(get, path = "/token", tag = "Sessions", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The token", body = TokenView),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>)))]
pub(crate) async fn token(State(auth): State<Arc<Auth>>, SignedIn { caller, found, .. }: SignedIn) -> Response {
    json_response(&TokenView { token: issue(&auth, &found, caller.now) })
}

/// Holds what a token says beside the session that it is of.
#[derive(Serialize)]
struct Claims<'a> {
    #[serde(flatten)]
    user: UserView<'a>,
    #[serde(flatten)]
    organization: Option<OrganizationClaims<'a>>,
}

fn issue(auth: &Auth, found: &FoundSession, now: OffsetDateTime) -> String {
    let user = claims(&found.user, &auth.settings.user_fields);
    let organization = found.session.organization.as_ref().filter(|_| auth.settings.organizations.is_some());
    let claims = Claims { user, organization: organization.map(OrganizationClaims::from) };
    let amr = found.session.authentication().amr();
    let proof = (amr.as_slice(), found.session.impersonated_by.as_ref());
    auth.jwts.issue((&found.session.id, &found.user.id), &claims, proof, now)
}

/// Tells what a token is worth.
#[derive(Serialize, ToSchema)]
#[schema(as = Verdict)]
struct TokenVerification<'a> {
    valid: bool,
    user: Option<UserView<'a>>,
    session: Option<SessionView<'a>>,
}

/// Tell whose session a token opens or a JSON Web Token names, for backends and scripts that were handed one
#[utoipa::path(post, path = "/verify-token", tag = "Sessions", request_body = TokenBody<'_>, responses(
    (status = 200, description = "Valid or not", body = TokenVerification<'_>)))]
pub(crate) async fn verify_token(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let TokenBody { token: text } = TokenBody::parse(body.as_ref())?;
    let known = match (auth.settings.cookie.token(text.as_bytes()), PresentedJwt::parse(text)) {
        (Some(token), _) => known(&auth, &token).await?,
        (None, Some(token)) => named(&auth, &token, caller.now).await?,
        (None, None) => None,
    };
    let signed = known.as_ref().map(|known| Signed::new(known, &auth.settings));
    let (user, session) = signed.map(|Signed { user, session }| (user, session)).unzip();
    Ok(json_response(&TokenVerification { valid: known.is_some(), user, session }))
}

async fn lookup(auth: &Auth, caller: &Caller) -> Result<Option<Known>, Problem> {
    match (&caller.presented, caller.token()) {
        (Presented::Jwt(token), _) => named(auth, token, caller.now).await,
        (_, Some(token)) => known(auth, token).await,
        (_, None) => Ok(None),
    }
}

async fn known(auth: &Auth, token: &SessionToken) -> Result<Option<Known>, Problem> {
    Ok(find_session(auth, token).await?.map(|found| Known { found, token: Some(token.clone()) }))
}

async fn named(auth: &Auth, token: &PresentedJwt, now: OffsetDateTime) -> Result<Option<Known>, Problem> {
    let Some(subject) = auth.jwts.verify(token, now) else { return Ok(None) };
    Ok(find_named_session(auth, subject).await?.map(|found| Known { found, token: None }))
}
