//! Serves the sessions of several accounts in one browser: `GET /multi-session/list-device-sessions`,
//! `POST /multi-session/set-active` and `/multi-session/revoke` (contract §4.9).

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, header};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            caller::Caller,
            fields::Fields,
            signed_in::{AlsoImpersonated, SignedIn},
        },
        respond::{
            cookie::{
                clear_admin_session, clear_device_session_cookie, clear_session, repeat_session,
                write_device_session_cookie,
            },
            json::{Status, json_response},
            views::{SessionView, UserView},
        },
    },
    auth::{self, Auth, DeviceSession, DeviceSessionError, Settings, admin::presented_admin_session},
    types::SessionId,
};

/// Is the body of `POST /multi-session/set-active` and `/multi-session/revoke`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct DeviceSessionBody<'a> {
    /// This is the `token` of a session in the list, or the session's own token. The browser has to hold its cookie.
    session_token: &'a str,
}

impl<'a> DeviceSessionBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { session_token: fields.string("sessionToken") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Shows a session that the browser holds, and whose it is. `session.token` is a handle that names it and opens nothing,
/// but for the active one, where it is the token that was presented.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceSession)]
struct DeviceSessionView<'a> {
    session: SessionView<'a>,
    user: UserView<'a>,
}

impl<'a> DeviceSessionView<'a> {
    fn new(DeviceSession { found, token, is_active, .. }: &'a DeviceSession, settings: &Settings) -> Self {
        let session = if *is_active {
            SessionView::new(&found.session, token)
        } else {
            SessionView::without_token(&found.session)
        };
        let session = session.with_organization(&found.session, settings);
        Self { session, user: UserView::new(&found.user, &settings.user_fields) }
    }
}

/// List the accounts that this browser is signed in to
///
/// One live session of each, oldest first; none without their cookies.
#[utoipa::path(get, path = "/multi-session/list-device-sessions", tag = "Sessions", security((), ("cookie" = [])),
    responses((status = 200, description = "The sessions that the browser holds", body = Vec<DeviceSessionView<'_>>)))]
pub(crate) async fn list(State(auth): State<Arc<Auth>>, caller: Caller) -> Result<Response, Problem> {
    let listed = auth::list_device_sessions(caller.flow(&auth), caller.cookie_token()).await?;
    let views = listed.live.iter().map(|session| DeviceSessionView::new(session, &auth.settings));
    let mut response = json_response(&views.collect::<Vec<_>>());
    if !caller.is_head {
        clear(response.headers_mut(), &auth.settings, &listed.ended);
    }
    Ok(response)
}

/// Make another session of this browser the active one
///
/// The session itself stays as it is. It takes the session's own cookie; a token alone is not enough. An administrator who
/// acts in somebody's place leaves it for good.
#[utoipa::path(post, path = "/multi-session/set-active", tag = "Sessions", request_body = DeviceSessionBody<'_>,
    security((), ("cookie" = [])), responses(
    (status = 200, description = "It is active, and the session cookie is set", body = DeviceSessionView<'_>),
    (status = 401, description = "`INVALID_SESSION_TOKEN`: the browser holds no such session, or it is over",
        body = ProblemBody<'_>)))]
pub(crate) async fn set_active(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    presented: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let DeviceSessionBody { session_token } = DeviceSessionBody::parse(body.as_ref())?;
    let activated = auth::activate_session(caller.flow(&auth), caller.cookie_token(), session_token)
        .await
        .map_err(|error| refused(&auth.settings, error))?;
    let session = DeviceSession { is_active: true, ..activated.session };
    let mut response = json_response(&DeviceSessionView::new(&session, &auth.settings));
    let headers = response.headers_mut();
    if let Some(former) = &activated.former {
        write_device_session_cookie(headers, &auth.settings, &former.token, &former.found.session, caller.now);
    }
    repeat_session(headers, &auth.settings, &session.token, &session.found.session, caller.now);
    if activated.has_left_impersonation {
        forget_admin_session(&auth, &caller, &presented, headers).await?;
    }
    Ok(response)
}

/// Takes the cookie that leads back from a user's place, as nobody is there any more. The session in it goes on where the
/// browser keeps it otherwise.
async fn forget_admin_session(
    auth: &Auth,
    caller: &Caller,
    presented: &HeaderMap,
    headers: &mut HeaderMap,
) -> Result<(), Problem> {
    let Some(own) = presented_admin_session(presented, &auth.settings.cookie) else { return Ok(()) };
    if !caller.device_session_cookies.iter().any(|kept| kept.token.hash() == own.hash()) {
        auth::sign_out(caller.flow(auth), &own).await?;
    }
    clear_admin_session(headers, &auth.settings);
    Ok(())
}

/// End one of the sessions of this browser
///
/// Where it was the active one, the newest of the others becomes active; without another the browser is signed out.
#[utoipa::path(post, path = "/multi-session/revoke", tag = "Sessions", request_body = DeviceSessionBody<'_>,
    security(("cookie" = [])), responses(
    (status = 200, description = "It is over", body = Status),
    (status = 401, description = "`UNAUTHORIZED`; `INVALID_SESSION_TOKEN`: the browser holds no such session, or it is over",
        body = ProblemBody<'_>)))]
pub(crate) async fn revoke(
    State(auth): State<Arc<Auth>>,
    AlsoImpersonated(SignedIn { caller, found, .. }): AlsoImpersonated,
    presented: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let DeviceSessionBody { session_token } = DeviceSessionBody::parse(body.as_ref())?;
    let ended = auth::end_device_session(caller.flow(&auth), caller.cookie_token(), session_token)
        .await
        .map_err(|error| refused(&auth.settings, error))?;
    let mut response = json_response(&Status { status: true });
    let headers = response.headers_mut();
    clear(headers, &auth.settings, &[ended.id]);
    match &ended.next {
        _ if !ended.was_active => {}
        Some(next) => repeat_session(headers, &auth.settings, &next.token, &next.found.session, caller.now),
        None => clear_session(headers, &auth.settings),
    }
    if ended.was_active && found.session.impersonated_by.is_some() {
        forget_admin_session(&auth, &caller, &presented, headers).await?;
    }
    Ok(response)
}

/// Takes the cookies that open nothing any more.
fn refused(settings: &Settings, error: DeviceSessionError) -> Problem {
    let mut headers = HeaderMap::new();
    if let DeviceSessionError::NotHeld { ended } = &error {
        clear(&mut headers, settings, ended);
    }
    let cookies = headers.get_all(header::SET_COOKIE).iter().cloned();
    cookies.fold(Problem::from(error), |problem, cookie| problem.with_header(header::SET_COOKIE, cookie))
}

fn clear(headers: &mut HeaderMap, settings: &Settings, ended: &[SessionId]) {
    for session in ended {
        clear_device_session_cookie(headers, settings, session);
    }
}
