//! Serves the page to sign out at.

use http::StatusCode;
use serde_json::json;

use crate::{
    language::text,
    pages::{
        auth::card::Card,
        error::PageError,
        field::FormView,
        form::Form,
        visit::{PageResult, Visit},
    },
};

/// Asks first: a link alone signs nobody out.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let form = FormView::new(visit.auth_path("sign-out"), Vec::new(), visit.t.get("sign-out"));
    let mut card = Card::new(&visit, text!("sign-out-heading")).form(form);
    if visit.pages.auth.multi_session.is_some() {
        card = card.link(visit.auth_path("accounts"), text!("accounts-link"));
    }
    card.show(&visit, StatusCode::OK)
}

/// Signs out.
pub(crate) async fn submit(visit: Visit, _form: Form) -> PageResult {
    visit.post("/sign-out", &json!({})).await?.ok().map_err(PageError::Problem)?;
    Ok(visit.see_other(&format!("{}/sign-in?said=signed-out", visit.pages.settings.auth_path)))
}
