//! Serves the page that the link of a reset leads to.

use http::StatusCode;
use serde_json::json;

use crate::{
    language::text,
    pages::{
        auth::card::Card,
        field::{Field, FormView, Kind},
        form::Form,
        notice::Notice,
        place::place,
        problem::Problem,
        visit::{PageResult, Visit},
    },
};

/// Asks for the new password. Without a token the page asks for the address.
pub(crate) async fn show(visit: Visit) -> PageResult {
    match visit.query("token") {
        Some(token) => page(&visit, token, None),
        None => Ok(visit.see_other(&visit.auth_path("forgot-password"))),
    }
}

/// Sets it.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let token = form.text("token");
    let body = json!({ "token": token, "newPassword": form.raw("password") });
    match visit.post("/reset-password", &body).await?.ok() {
        Ok(_) => Ok(visit.see_other(&visit.auth_path_saying("sign-in", "password-set"))),
        Err(problem) => page(&visit, token, Some(&problem)),
    }
}

fn page(visit: &Visit, token: &str, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let rules = &visit.pages.auth.password;
    let password = Field::new(Kind::Password, "password", t.get("new-password"))
        .autocomplete("new-password")
        .lengths(rules.min_length, rules.max_length)
        .hint(t.with("password-hint", &[("min", &rules.min_length.to_string())]))
        .focused();
    let mut view =
        FormView::new(visit.auth_path("reset-password"), vec![password], t.get("set-password")).hidden("token", token);
    let mut notice = None;
    if let Some(problem) = problem {
        notice = place(&mut view, visit, problem).map(Notice::bad);
    }
    Card::new(visit, text!("reset-password-heading"))
        .notice(notice)
        .form(view)
        .link(visit.auth_path("forgot-password"), text!("ask-for-another-link"))
        .show(visit, problem.map_or(StatusCode::OK, |problem| problem.status))
}
