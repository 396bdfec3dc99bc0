//! Who is signed in: `GET /get-session`, `GET /me`, `POST /verify-token`; and `GET /ok`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::{HeaderValue, header};
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
            fields::Fields,
            signed_in::SignedIn,
        },
        respond::{
            cookie::{clear_session, renew_session},
            json::json_response,
            views::{SessionView, UserView},
        },
    },
    auth::{Auth, FoundSession, extend_session, find_session},
    sessions::credential::Presented,
    types::SessionToken,
};

/// `POST /verify-token`
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

/// A session and whose it is.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
struct Signed<'a> {
    session: SessionView<'a>,
    user: UserView<'a>,
}

impl<'a> Signed<'a> {
    fn new(found: &'a FoundSession, token: &'a SessionToken) -> Self {
        Self { session: SessionView::new(&found.session, token), user: UserView::from(&found.user) }
    }
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

/// The session and its user
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
    let mut found = lookup(&auth, &caller).await?;
    let mut lifetime = None;
    if let Some((found, _)) = &mut found {
        let query = pairs(query.unwrap_or_default().as_bytes());
        // Any text counts as yes, `false` too (contract §1).
        let is_disabled = query.get("disableRefresh").is_some_and(|value| value != "");
        if !is_disabled && !caller.is_head && extend_session(caller.flow(&auth), found).await? {
            lifetime = Some(found.session.expires_at - caller.now);
        }
    }
    let mut response = json_response(&found.as_ref().map(|(found, token)| Signed::new(found, token)));
    if let (Some(lifetime), Presented::Cookie(token)) = (lifetime, &caller.presented) {
        renew_session(response.headers_mut(), &auth.settings, token, lifetime);
    }
    // Tells a cookie that opens nothing any more from one that never could have been ours (contract §2.3).
    if found.is_none() && matches!(caller.presented, Presented::Cookie(_)) {
        clear_session(response.headers_mut(), &auth.settings);
    }
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// The session and its user; 401 when signed out
#[utoipa::path(get, path = "/me", tag = "Sessions", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "Signed in", body = Signed<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>)))]
pub(crate) async fn me(SignedIn { found, token, .. }: SignedIn) -> Response {
    json_response(&Signed::new(&found, &token))
}

/// What a token is worth.
#[derive(Serialize, ToSchema)]
#[schema(as = Verdict)]
struct TokenVerification<'a> {
    valid: bool,
    user: Option<UserView<'a>>,
    session: Option<SessionView<'a>>,
}

/// Whose session a token opens, for backends and scripts that were handed one
#[utoipa::path(post, path = "/verify-token", tag = "Sessions", request_body = TokenBody<'_>, responses(
    (status = 200, description = "Valid or not", body = TokenVerification<'_>)))]
pub(crate) async fn verify_token(State(auth): State<Arc<Auth>>, JsonBody(body): JsonBody) -> Result<Response, Problem> {
    let TokenBody { token: text } = TokenBody::parse(body.as_ref())?;
    let Ok(token) = SessionToken::parse(text) else {
        return Ok(json_response(&TokenVerification { valid: false, user: None, session: None }));
    };
    let found = find_session(&auth, &token).await?;
    Ok(json_response(&TokenVerification {
        valid: found.is_some(),
        user: found.as_ref().map(|found| UserView::from(&found.user)),
        session: found.as_ref().map(|found| SessionView::new(&found.session, &token)),
    }))
}

async fn lookup<'c>(auth: &Auth, caller: &'c Caller) -> Result<Option<(FoundSession, &'c SessionToken)>, Problem> {
    let Some(token) = caller.token() else { return Ok(None) };
    Ok(find_session(auth, token).await?.map(|found| (found, token)))
}
