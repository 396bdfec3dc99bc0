//! Serves the page that says to look into the mailbox, and sends the mail once more.

use http::StatusCode;
use serde_json::json;

use crate::{
    language::text,
    pages::{
        auth::card::Card,
        field::{Field, FormView, Kind, Weight},
        form::Form,
        notice::Notice,
        visit::{PageResult, Visit},
    },
};

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    page(&visit, &Form::default(), StatusCode::OK, None)
}

/// Sends the mail again. The page tells nobody whether there is such an account.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let body = json!({ "email": form.text("email"), "callbackURL": visit.auth_path_saying("sign-in", "verified") });
    match visit.post("/send-verification-email", &body).await?.ok() {
        Ok(_) => page(
            &visit,
            &Form::default(),
            StatusCode::OK,
            Some(Notice::good(visit.t.get("verification-sent").into_owned())),
        ),
        Err(problem) => page(&visit, &form, problem.status, Some(Notice::bad(visit.problem_text(&problem)))),
    }
}

fn page(visit: &Visit, form: &Form, status: StatusCode, notice: Option<Notice>) -> PageResult {
    let t = visit.t;
    let email = Field::new(Kind::Email, "email", t.get("email")).autocomplete("email").value(form.text("email"));
    let again =
        FormView::new(visit.auth_path("verify-email"), vec![email], t.get("send-again")).weight(Weight::Secondary);
    Card::new(visit, text!("verify-email-heading"))
        .lead(t.get("verify-email-text"))
        .notice(notice)
        .form(again)
        .link(visit.auth_path("sign-in"), text!("back-to-sign-in"))
        .show(visit, status)
}
