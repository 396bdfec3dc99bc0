//! Serves the pages on which somebody signs in with a code by mail: one that asks for the address, one for the code.

use http::StatusCode;
use serde_json::json;

use crate::{
    language::{TextId, text},
    pages::{
        auth::{card::Card, sign_in_outcome::lead_on},
        field::{Field, FormView, Kind, Weight},
        form::Form,
        notice::Notice,
        place::place,
        problem::Problem,
        visit::{PageResult, Visit},
    },
};

/// Asks for the address.
pub(crate) async fn show(visit: Visit) -> PageResult {
    ask_address(&visit, &Form::default(), None)
}

/// Sends a code to the address, or signs in with the code that came. The page tells nobody whether there is such an account.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let email = form.text("email");
    let code: String = form.text("code").chars().filter(|c| !c.is_whitespace()).collect();
    if code.is_empty() {
        let body = json!({ "email": email, "type": "sign-in" });
        return match visit.post("/email-otp/send-verification-otp", &body).await?.ok() {
            Ok(_) => ask_code(&visit, email, None),
            Err(problem) => ask_address(&visit, &form, Some(&problem)),
        };
    }
    match visit.post("/sign-in/email-otp", &json!({ "email": email, "otp": code })).await?.ok() {
        Ok(body) => Ok(lead_on(&visit, &body)),
        Err(problem) => ask_code(&visit, email, Some(&problem)),
    }
}

fn ask_address(visit: &Visit, form: &Form, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let email = Field::new(Kind::Email, "email", t.get("email")).autocomplete("username");
    let mut view = FormView::new(visit.auth_path("email-otp"), vec![email.focused()], t.get("send-code"));
    view.refill(form);
    let text = t.get("email-code-text").into_owned();
    card(visit, text!("email-code-heading"), text, view, problem)
}

fn ask_code(visit: &Visit, email: &str, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let code = Field::new(Kind::Code, "code", t.get("two-factor-mail-label")).autocomplete("one-time-code").focused();
    let view = FormView::new(visit.auth_path("email-otp"), vec![code], t.get("sign-in")).hidden("email", email);
    let text = t.with("email-code-sent-text", &[("email", email)]);
    card(visit, text!("email-code-sent-heading"), text, view, problem)
}

fn card(visit: &Visit, heading: TextId, text: String, mut form: FormView, problem: Option<&Problem>) -> PageResult {
    let again = form.hidden.iter().find(|(name, _)| *name == "email").map(|(_, email)| email.clone());
    let mut notice = None;
    if let Some(problem) = problem {
        notice = place(&mut form, visit, problem).map(Notice::bad);
    }
    let mut card = Card::new(visit, heading).lead(text).notice(notice).form(form);
    if let Some(email) = again {
        let send = FormView::button(visit.auth_path("email-otp"), vec![("email", email)], visit.t.get("send-again"));
        card = card.form(send.weight(Weight::Secondary));
    }
    card.link(visit.auth_path("sign-in"), text!("back-to-sign-in"))
        .show(visit, problem.map_or(StatusCode::OK, |problem| problem.status))
}
