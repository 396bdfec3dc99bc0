//! The whole auth surface as one table: guard, method, path, handler.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::{get, post},
};

use crate::auth::Auth;

use super::{
    Guard, Problem, check_origin,
    handlers::{own_sessions, sessions, sign_in, sign_out, sign_up, verification, verification_pages},
    rescue::{not_found, rescue},
};

/// All routes with their full paths. Anything else below `base_path`, and any other method, is a bare 404. The caller
/// puts a [`super::RequestContext`] into each request.
pub fn router(auth: Arc<Auth>) -> Router {
    let base = auth.settings.base_path.clone();
    let path = |suffix: &str| format!("{base}{suffix}");

    let signing_in = Router::new()
        .route(&path("/sign-up/email"), post(sign_up::sign_up))
        .route(&path("/signup"), post(sign_up::sign_up))
        .route(&path("/sign-in/email"), post(sign_in::sign_in))
        .route(&path("/signin"), post(sign_in::sign_in));
    let signed_in = Router::new()
        .route(&path("/ok"), get(sessions::ok))
        .route(&path("/get-session"), get(sessions::get_session))
        .route(&path("/me"), get(sessions::me))
        .route(&path("/verify-token"), post(sessions::verify_token))
        .route(&path("/list-sessions"), get(own_sessions::list))
        .route(&path("/revoke-session"), post(own_sessions::revoke))
        .route(&path("/revoke-sessions"), post(own_sessions::revoke_all))
        .route(&path("/revoke-other-sessions"), post(own_sessions::revoke_others))
        .route(&path("/update-session"), post(own_sessions::update))
        .route(&path("/sign-out"), post(sign_out::sign_out))
        .route(&path("/signout"), post(sign_out::sign_out))
        .route(&path("/send-verification-email"), post(verification::send))
        .route(&path("/verify-email"), get(verification::verify));
    let pages = Router::new()
        .route(&path("/verify-email/confirm"), get(verification_pages::ask).post(verification_pages::confirm))
        .route(&path("/verify-email/resend"), post(verification_pages::resend));

    let table = guarded(signing_in, Guard::SignIn, &auth)
        .merge(guarded(signed_in, Guard::Session, &auth))
        .merge(guarded(pages, Guard::Page, &auth))
        .method_not_allowed_fallback(not_found)
        .fallback(not_found)
        .with_state(auth);
    // A router around the router: axum names the allowed methods outside of the inner one's layers.
    Router::new().fallback_service(table).layer(from_fn(rescue))
}

fn guarded(routes: Router<Arc<Auth>>, guard: Guard, auth: &Arc<Auth>) -> Router<Arc<Auth>> {
    routes.route_layer(from_fn_with_state((guard, Arc::clone(auth)), require_origin))
}

/// Decided before the body is looked at (contract §15.6).
async fn require_origin(
    State((guard, auth)): State<(Guard, Arc<Auth>)>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    check_origin(request.method(), request.headers(), guard, &auth.settings.trusted_origins)?;
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests;
