//! Lists all pages by their paths.

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state, routing::get};

use crate::{
    auth as flows,
    crypto::Mac,
    pages::{
        Settings, account, admin, auth, error::PageError, error_layer::error_layer, error_pages::ErrorPages,
        look::Look, mailed_page::render_mailed_pages, state::Pages,
    },
};

/// Holds what the pages are made of.
#[derive(Debug)]
pub struct PagesContext {
    /// Is the auth API, whose client the pages are.
    pub api: Router,
    pub settings: Settings,
    /// Says what the API offers: providers, factors, rules.
    pub auth: flows::Settings,
    /// Makes the tokens of forms.
    pub form_mac: Mac,
}

/// Returns the auth API with all pages, and the pages of errors, which the proxy shows. Where the pages are not enabled, those
/// of mailed links are still there, in the same look.
pub fn router(context: PagesContext) -> (Router, Option<ErrorPages>) {
    let PagesContext { api, settings, auth, form_mac } = context;
    let look = Look::new(&settings);
    let pages = Arc::new(Pages { api, settings, auth, form_mac, look });
    let api = pages.api.clone().layer(from_fn_with_state(Arc::clone(&pages), render_mailed_pages));
    if !pages.settings.is_enabled {
        return (api, None);
    }
    let (auth_path, account_path) = (&pages.settings.auth_path, &pages.settings.account_path);
    let mut table = Router::new()
        .without_v07_checks()
        .merge(below(auth_path, auth::routes(&pages)))
        .merge(below(account_path, account::routes(&pages)));
    if let Some(admin) = &pages.settings.admin {
        table = table.merge(below(&admin.path, admin::routes()));
    }
    let error_pages = ErrorPages::new(Arc::clone(&pages));
    let table = table.layer(from_fn_with_state(Arc::clone(&pages), error_layer)).with_state(pages);
    (api.merge(table), Some(error_pages))
}

type Table = Vec<(&'static str, axum::routing::MethodRouter<Arc<Pages>>)>;

/// Puts pages below a path. Whatever else is asked for there is told to be missing.
fn below(path: &str, pages: Table) -> Router<Arc<Pages>> {
    let mut table = Router::new().without_v07_checks();
    for (page, handlers) in pages {
        table = table.route(&format!("{path}{page}"), handlers);
    }
    table.route(&format!("{path}/{{*rest}}"), get(not_found).post(not_found))
}

async fn not_found() -> PageError {
    PageError::NotFound
}
