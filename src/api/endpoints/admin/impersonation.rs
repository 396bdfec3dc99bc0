//! Serves `POST /admin/impersonate-user` and `/admin/stop-impersonating`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::admin::roles_and_bans::UserIdBody,
        error::problem::ProblemBody,
        extract::{administrator::Administrating, body::JsonBody, caller::Caller, signed_in::unauthorized},
        respond::{
            cookie::{clear_admin_session, clear_session, keep_admin_session, repeat_session},
            json::json_response,
            views::{SessionView, UserView},
        },
    },
    auth::{
        Auth,
        admin::{self, Impersonation, OwnSessionRestored, Permission, presented_admin_session},
        find_session,
    },
    sessions::credential::Presented,
};

/// Shows a session and whose it is.
#[derive(Serialize, ToSchema)]
#[schema(as = ImpersonationAnswer)]
struct Body<'a> {
    session: SessionView<'a>,
    user: UserView<'a>,
}

/// Act in a user's place
///
/// The session lasts an hour at most, is never extended, and ends with the administrator's own. It has proved nothing of the
/// user, so that nothing which takes a proof can be done with it. Upstreams see `X-Impersonated-By` and
/// `X-Auth-Method: impersonation`, tokens have the claim `act`.
#[utoipa::path(post, path = "/admin/impersonate-user", tag = "Administration", request_body = UserIdBody,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The session, and whose it is", body = Body<'_>),
    (status = 400, description = "`YOU_CANNOT_IMPERSONATE_YOURSELF`", body = ProblemBody<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS`, `YOU_CANNOT_IMPERSONATE_ADMINS`, `BANNED_USER`, \
        `YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn impersonate(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserImpersonate)?;
    let UserIdBody { user_id } = UserIdBody::parse(body.as_ref())?;
    let (caller, found) = (&administrating.signed_in.caller, &administrating.signed_in.found);
    let current = (&caller.client, found);
    let Impersonation { token, session, user } =
        admin::impersonate(&administrating.administration, &auth.settings, current, &user_id, caller.now).await?;
    let view = UserView::new(&user, &auth.settings.user_fields);
    let session_view = SessionView::new(&session, &token).with_organization(&session, &auth.settings);
    let mut response = json_response(&Body { session: session_view, user: view });
    let headers = response.headers_mut();
    if let Presented::Cookie(own) = &caller.presented {
        keep_admin_session(headers, &auth.settings, own, &found.session, caller.now);
    }
    repeat_session(headers, &auth.settings, &token, &session, caller.now);
    Ok(response)
}

/// End the session in a user's place
///
/// The browser goes on with the administrator's own session. So it does where the other one ended by itself. A client
/// without cookies still has its own token, and `token` is a handle.
#[utoipa::path(post, path = "/admin/stop-impersonating", tag = "Administration",
    request_body = Option<serde_json::Value>, security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The administrator's own session", body = Body<'_>),
    (status = 400, description = "`NOT_IMPERSONATING`", body = ProblemBody<'_>),
    (status = 401, description = "`UNAUTHORIZED`: the administrator's own session is over too", body = ProblemBody<'_>)))]
pub(crate) async fn stop(
    State(auth): State<Arc<Auth>>,
    mut caller: Caller,
    headers: HeaderMap,
    _: JsonBody,
) -> Result<Response, Problem> {
    let kept = presented_admin_session(&headers, &auth.settings.cookie);
    let found = match caller.token() {
        Some(token) => find_session(&auth, token).await?,
        None => None,
    };
    let own = match found {
        Some(found) if found.session.impersonated_by.is_none() => {
            return Err(Problem::bad_request("NOT_IMPERSONATING", "You are not impersonating anyone"));
        }
        Some(found) => {
            caller.client.impersonated_by.clone_from(&found.session.impersonated_by);
            admin::stop_impersonating(caller.flow(&auth), &found, kept.as_ref()).await?
        }
        None => admin::return_to_own_session(caller.flow(&auth), kept.as_ref()).await?,
    };
    let Some(OwnSessionRestored { found, token }) = own else { return Err(unauthorized(&caller, &auth.settings)) };
    let session = match &token {
        Some(token) => SessionView::new(&found.session, token),
        None => SessionView::without_token(&found.session),
    };
    let session = session.with_organization(&found.session, &auth.settings);
    let mut response = json_response(&Body { session, user: UserView::new(&found.user, &auth.settings.user_fields) });
    let headers = response.headers_mut();
    match &token {
        Some(token) => repeat_session(headers, &auth.settings, token, &found.session, caller.now),
        None if matches!(caller.presented, Presented::Cookie(_)) => clear_session(headers, &auth.settings),
        None => {}
    }
    if kept.is_some() {
        clear_admin_session(headers, &auth.settings);
    }
    Ok(response)
}
