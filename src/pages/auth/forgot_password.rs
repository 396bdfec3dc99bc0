//! Serves the page on which somebody who forgot their password asks for a link.

use http::StatusCode;
use serde_json::json;

use crate::pages::{
    auth::card::Card,
    field::{Field, FormView, Kind},
    form::Form,
    notice::Notice,
    visit::{PageResult, Visit},
};

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    page(&visit, &Form::default(), StatusCode::OK, None)
}

/// Asks for the link. The page tells nobody whether there is such an account.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let body = json!({ "email": form.text("email"), "redirectTo": visit.auth_path("reset-password") });
    match visit.post("/request-password-reset", &body).await?.ok() {
        Ok(_) => Card::new(&visit, "reset-sent-heading")
            .lead(visit.t.get("reset-sent-text"))
            .link(visit.auth_path("sign-in"), "back-to-sign-in")
            .show(&visit, StatusCode::OK),
        Err(problem) => page(&visit, &form, problem.status, Some(visit.problem_text(&problem))),
    }
}

fn page(visit: &Visit, form: &Form, status: StatusCode, problem: Option<String>) -> PageResult {
    let t = visit.t;
    let email = Field::new(Kind::Email, "email", t.get("email")).autocomplete("username").value(form.text("email"));
    let mut view = FormView::new(visit.auth_path("forgot-password"), vec![email.focused()], t.get("send-reset-link"));
    let notice = problem.and_then(|text| view.place((status == StatusCode::BAD_REQUEST).then_some("email"), text));
    Card::new(visit, "forgot-password-heading")
        .lead(t.get("forgot-password-text"))
        .notice(notice.map(Notice::bad))
        .form(view)
        .link(visit.auth_path("sign-in"), "back-to-sign-in")
        .show(visit, status)
}
