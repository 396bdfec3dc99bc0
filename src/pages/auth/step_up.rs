//! Serves the page on which somebody who is signed in proves once more who they are, for a route that requires it.

use http::StatusCode;
use serde_json::json;

use crate::{
    language::text,
    pages::{
        auth::card::Card,
        error::PageError,
        field::{Field, FormView, Kind},
        form::Form,
        notice::Notice,
        place::place,
        problem::Problem,
        session::{self, Session},
        sign_in_methods,
        visit::{PageResult, Visit},
    },
};

/// Asks for what `step_up` says: a second factor, or the password. Those who have none sign in again.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let session = require_themselves(&visit).await?;
    match visit.query("step_up") {
        Some("two_factor") => Ok(visit.see_other(&visit.auth_path("two-factor"))),
        Some("two_factor_setup") => {
            let security = visit.account_path("security");
            Card::new(&visit, text!("step-up-heading"))
                .lead(visit.t.get("step-up-setup-text"))
                .link(security, text!("step-up-setup"))
                .show(&visit, StatusCode::OK)
        }
        _ if sign_in_methods::has_password(&visit).await? => page(&visit, &session, None),
        _ => ask_to_sign_in(&visit, &session),
    }
}

/// Verifies the password, which renews the session's proof.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let session = require_themselves(&visit).await?;
    match visit.post("/verify-password", &json!({ "password": form.raw("password") })).await?.ok() {
        Ok(_) => Ok(visit.see_other(&visit.target_or_home())),
        Err(problem) => page(&visit, &session, Some(&problem)),
    }
}

/// Fails where nobody is signed in, and where an administrator acts in a user's place: they prove nothing of the user.
async fn require_themselves(visit: &Visit) -> Result<Session, PageError> {
    let session = session::require(visit).await?;
    if session.in_place_of().is_some() { Err(PageError::impersonated()) } else { Ok(session) }
}

fn page(visit: &Visit, session: &Session, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let password = Field::new(Kind::Password, "password", t.get("password")).autocomplete("current-password").focused();
    let mut form = FormView::new(visit.auth_path("step-up"), vec![password], t.get("continue"));
    let mut notice = None;
    if let Some(problem) = problem {
        notice = place(&mut form, visit, problem).map(Notice::bad);
    }
    let card = Card::new(visit, text!("step-up-heading")).lead(t.get("step-up-text")).notice(notice).form(form);
    with_code(visit, session, card)
        .link(visit.auth_path("sign-out"), text!("sign-in-anew"))
        .show(visit, problem.map_or(StatusCode::OK, |problem| problem.status))
}

/// Leads those who have no password to the page to sign in at, and from there back.
fn ask_to_sign_in(visit: &Visit, session: &Session) -> PageResult {
    let card = Card::new(visit, text!("step-up-heading")).lead(visit.t.get("prove-again-text"));
    with_code(visit, session, card).link(visit.auth_path("sign-in"), text!("prove-again")).show(visit, StatusCode::OK)
}

/// Offers those who have a second factor to prove that one instead.
fn with_code<'v>(visit: &Visit, session: &Session, card: Card<'v>) -> Card<'v> {
    let has_code = visit.pages.auth.two_factor.enabled && session.user.two_factor_enabled;
    if has_code { card.link(visit.auth_path("two-factor"), text!("prove-code")) } else { card }
}
