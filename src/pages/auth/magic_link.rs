//! Serves the page on which somebody asks for a link by mail that signs them in.

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
    let body = json!({
        "email": form.text("email"),
        "callbackURL": visit.target_or_home(),
        "errorCallbackURL": visit.auth_path("sign-in"),
    });
    match visit.post("/sign-in/magic-link", &body).await?.ok() {
        Ok(_) => Card::new(&visit, "magic-link-sent-heading")
            .lead(visit.t.get("magic-link-sent-text"))
            .link(visit.auth_path("sign-in"), "back-to-sign-in")
            .show(&visit, StatusCode::OK),
        Err(problem) => page(&visit, &form, problem.status, Some(visit.problem_text(&problem))),
    }
}

fn page(visit: &Visit, form: &Form, status: StatusCode, problem: Option<String>) -> PageResult {
    let t = visit.t;
    let email = Field::new(Kind::Email, "email", t.get("email")).autocomplete("username").value(form.text("email"));
    let mut view = FormView::new(visit.auth_path("magic-link"), vec![email.focused()], t.get("send-sign-in-link"));
    let notice = problem.and_then(|text| view.place((status == StatusCode::BAD_REQUEST).then_some("email"), text));
    Card::new(visit, "magic-link-heading")
        .lead(t.get("magic-link-text"))
        .notice(notice.map(Notice::bad))
        .form(view)
        .link(visit.auth_path("sign-in"), "back-to-sign-in")
        .show(visit, status)
}
