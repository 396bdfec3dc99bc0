//! The whole auth surface as one table: guard, then handlers, each of which names its method and path.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::post,
};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::auth::Auth;

use super::{
    Guard, Problem, check_origin,
    handlers::{
        password_reset, password_reset_pages, passwords, sessions, sign_in, sign_out, sign_up, verification,
        verification_pages,
    },
    openapi::{self, Document},
    rescue::{not_found, rescue},
};

type Routes = OpenApiRouter<Arc<Auth>>;

/// The guards and what stands behind each.
const TABLE: [(Guard, fn() -> Routes); 3] =
    [(Guard::SignIn, signing_in), (Guard::Session, signed_in), (Guard::Page, pages)];

fn signing_in() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(sign_up::sign_up))
        .route("/signup", post(sign_up::sign_up))
        .routes(routes!(sign_in::sign_in))
        .route("/signin", post(sign_in::sign_in))
}

fn signed_in() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(sessions::ok))
        .routes(routes!(openapi::openapi))
        .routes(routes!(sessions::get_session))
        .routes(routes!(sessions::me))
        .routes(routes!(sessions::verify_token))
        .routes(routes!(sign_out::sign_out))
        .route("/signout", post(sign_out::sign_out))
        .routes(routes!(verification::send))
        .routes(routes!(verification::verify))
        .routes(routes!(password_reset::request))
        .routes(routes!(password_reset::follow))
        .routes(routes!(password_reset::reset))
        .routes(routes!(passwords::change))
        .routes(routes!(passwords::set))
        .routes(routes!(passwords::verify))
}

fn pages() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(verification_pages::ask, verification_pages::confirm))
        .routes(routes!(verification_pages::resend))
        .routes(routes!(password_reset_pages::choose, password_reset_pages::set))
        .routes(routes!(password_reset_pages::ask, password_reset_pages::request))
}

/// All routes below `base_path`. Anything else there, and any other method, is a bare 404. The caller puts a
/// [`super::RequestContext`] into each request.
pub fn router(auth: Arc<Auth>) -> Router {
    let document = document(&auth.settings.base_path, &auth.settings.cookie.name);
    let json = serde_json::to_vec(&document).expect("a tree of texts serialises");
    let table = TABLE.into_iter().fold(Router::new(), |table, (guard, routes)| {
        let (routes, _) = routes().split_for_parts();
        table.merge(routes.route_layer(from_fn_with_state((guard, Arc::clone(&auth)), require_origin)))
    });
    let table = Router::new()
        .nest(&auth.settings.base_path, table)
        .method_not_allowed_fallback(not_found)
        .fallback(not_found)
        .layer(Extension(Document(json.into())))
        .with_state(auth);
    // A router around the router: axum names the allowed methods outside of the inner one's layers.
    Router::new().fallback_service(table).layer(from_fn(rescue))
}

/// The description of all routes, as it is where the surface is mounted at `base_path`.
#[must_use]
pub fn document(base_path: &str, cookie_name: &str) -> OpenApi {
    let table = TABLE.into_iter().fold(OpenApiRouter::new(), |table, (_, routes)| table.merge(routes()));
    openapi::complete(table.into_openapi(), base_path, cookie_name)
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
