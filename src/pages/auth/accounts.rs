//! Serves the page that lists the accounts which this browser is signed in to, and changes between them.

use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::{
    language::text,
    pages::{
        auth::card::Card,
        error::PageError,
        field::{FormView, Weight},
        form::Form,
        visit::{PageResult, Visit},
    },
};

/// Holds what the page needs of a session that the browser keeps.
#[derive(Debug, Deserialize)]
struct KeptSession {
    session: SessionId,
    user: Owner,
}

/// Names the session, for the API. The list has the active one's token too, which opens it: no page shows that.
#[derive(Debug, Deserialize)]
struct SessionId {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Owner {
    email: String,
}

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let kept: Vec<KeptSession> = visit.get("/multi-session/list-device-sessions").await?.parse()?;
    let t = visit.t;
    let mut card = Card::new(&visit, text!("accounts-heading"));
    if kept.is_empty() {
        card = card.lead(t.get("accounts-empty"));
    }
    for KeptSession { session, user } in &kept {
        let label = |id| t.with(id, &[("email", &user.email)]);
        let hidden = || vec![("session", session.id.clone())];
        card = card.form(FormView::button(visit.auth_path("accounts"), hidden(), label("accounts-use")));
        let remove = FormView::button(visit.auth_path("accounts/remove"), hidden(), label("accounts-remove"));
        card = card.form(remove.weight(Weight::Danger));
    }
    card.link(visit.auth_path("sign-in"), text!("accounts-add")).show(&visit, StatusCode::OK)
}

/// Goes on as another of them.
pub(crate) async fn choose(visit: Visit, form: Form) -> PageResult {
    let body = json!({ "sessionToken": form.text("session") });
    visit.post("/multi-session/set-active", &body).await?.ok().map_err(PageError::Problem)?;
    Ok(visit.see_other(&visit.target_or_home()))
}

/// Signs one of them out.
pub(crate) async fn remove(visit: Visit, form: Form) -> PageResult {
    let body = json!({ "sessionToken": form.text("session") });
    visit.post("/multi-session/revoke", &body).await?.ok().map_err(PageError::Problem)?;
    Ok(visit.see_other(&visit.auth_path("accounts")))
}
