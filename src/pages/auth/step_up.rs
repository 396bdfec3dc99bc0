//! Serves the page on which somebody who is signed in proves once more who they are, for a route that requires it.

use http::StatusCode;
use serde_json::json;

use crate::pages::{
    auth::card::Card,
    field::{Field, FormView, Kind, field_of},
    form::Form,
    notice::Notice,
    problem::Problem,
    session,
    visit::{PageResult, Visit},
};

/// Asks for what `step_up` says: a second factor, or the password.
pub(crate) async fn show(visit: Visit) -> PageResult {
    session::require(&visit).await?;
    match visit.query("step_up") {
        Some("two_factor") => Ok(visit.see_other(&visit.auth_path("two-factor"))),
        Some("two_factor_setup") => {
            let security = visit.account_path("security");
            Card::new(&visit, "step-up-heading")
                .lead(visit.t.get("step-up-setup-text"))
                .link(security, "step-up-setup")
                .show(&visit, StatusCode::OK)
        }
        _ => page(&visit, None),
    }
}

/// Verifies the password, which renews the session's proof.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    session::require(&visit).await?;
    match visit.post("/verify-password", &json!({ "password": form.raw("password") })).await?.ok() {
        Ok(_) => Ok(visit.see_other(&visit.target_or_home())),
        Err(problem) => page(&visit, Some(&problem)),
    }
}

fn page(visit: &Visit, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let password = Field::new(Kind::Password, "password", t.get("password")).autocomplete("current-password").focused();
    let mut form = FormView::new(visit.auth_path("step-up"), vec![password], t.get("continue"));
    let mut notice = None;
    if let Some(problem) = problem {
        notice = form.place(field_of(&problem.code), visit.problem_text(problem)).map(Notice::bad);
    }
    let mut card = Card::new(visit, "step-up-heading").lead(t.get("step-up-text")).notice(notice).form(form);
    if visit.pages.auth.two_factor.enabled {
        card = card.link(visit.auth_path("two-factor"), "two-factor-use-app");
    }
    card.link(visit.auth_path("sign-out"), "sign-in-anew")
        .show(visit, problem.map_or(StatusCode::OK, |problem| problem.status))
}
