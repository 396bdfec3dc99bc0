//! Lets the API act for a form. Where it asks for a fresh proof first, the form comes back with a field for the password.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    language::text,
    pages::{
        account::page::{AccountPage, Link, Section},
        error::PageError,
        field::{Field, FormView, Kind},
        form::{Form, PROOF},
        notice::Notice,
        place::place_at,
        problem::Problem,
        session::Session,
        sign_in_methods,
        visit::{PageResult, Visit, encoded},
    },
};

/// Says what came of a step.
pub(crate) enum Step {
    Done(Value),
    Failed(Problem),
    /// A proof comes first: this page asks for it.
    Asked(Response),
}

/// Asks the API to act. A password that was typed for it is proved before.
pub(crate) async fn act(
    visit: &Visit,
    session: &Session,
    form: &Form,
    endpoint: &str,
    body: &Value,
) -> Result<Step, PageError> {
    if let Some(asked) = prove(visit, session, form).await? {
        return Ok(Step::Asked(asked));
    }
    let reply = visit.post(endpoint, body).await?;
    finish(visit, session, form, reply.ok()).await
}

/// Does the same where the API only shows something.
pub(crate) async fn read(visit: &Visit, session: &Session, form: &Form, endpoint: &str) -> Result<Step, PageError> {
    if let Some(asked) = prove(visit, session, form).await? {
        return Ok(Step::Asked(asked));
    }
    let reply = visit.get(endpoint).await?;
    finish(visit, session, form, reply.ok()).await
}

async fn prove(visit: &Visit, session: &Session, form: &Form) -> Result<Option<Response>, PageError> {
    let password = form.raw(PROOF);
    if password.is_empty() {
        return Ok(None);
    }
    match visit.post("/verify-password", &json!({ "password": password })).await?.ok() {
        Ok(_) => Ok(None),
        Err(problem) => ask(visit, session, form, Some(&problem)).await.map(Some),
    }
}

async fn finish(
    visit: &Visit,
    session: &Session,
    form: &Form,
    result: Result<Value, Problem>,
) -> Result<Step, PageError> {
    match result {
        Ok(body) => Ok(Step::Done(body)),
        Err(problem) if problem.code == "UNAUTHORIZED" => Err(PageError::SignInFirst),
        // A deletion calls it in the other way (contract §3.5).
        Err(problem) if matches!(problem.code.as_str(), "SESSION_NOT_FRESH" | "SESSION_EXPIRED") => {
            ask(visit, session, form, None).await.map(Step::Asked)
        }
        Err(problem) if problem.code == "TWO_FACTOR_REQUIRED" => ask_for_code(visit, session).map(Step::Asked),
        Err(problem) => Ok(Step::Failed(problem)),
    }
}

/// Asks for the password, and keeps what the form sent, but for passwords. Those who have none sign in again.
async fn ask(visit: &Visit, session: &Session, form: &Form, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let proof = Field::new(Kind::Password, PROOF, t.get("current-password")).autocomplete("current-password").focused();
    let mut view = FormView::new(visit.path(), vec![proof], t.get("continue"));
    view.kept = form.kept();
    let rest = problem.and_then(|problem| match problem.code.as_str() {
        "INVALID_PASSWORD" => place_at(&mut view, PROOF, visit, problem),
        _ => Some(visit.problem_text(problem)),
    });
    let section = Section::new(t.get("prove-heading"));
    let section = if sign_in_methods::has_password(visit).await? {
        section.text(t.get("prove-text")).form(view)
    } else {
        section.text(t.get("prove-again-text")).link(Link::new(leading_back(visit, "sign-in"), t.get("prove-again")))
    };
    AccountPage::new(visit, session, text!("prove-title"))
        .notice(rest.map(Notice::bad))
        .status(problem.map_or(StatusCode::FORBIDDEN, |problem| problem.status))
        .section(section)
        .show(visit)
}

/// Returns the page that asks for the password, which leads back here.
pub(crate) fn password_page(visit: &Visit) -> String {
    leading_back(visit, "step-up")
}

/// Returns the page that asks for the second factor, which leads back here.
pub(crate) fn code_page(visit: &Visit) -> String {
    leading_back(visit, "two-factor")
}

fn leading_back(visit: &Visit, page: &str) -> String {
    format!("{}/{page}?redirect={}", visit.pages.settings.auth_path, encoded(visit.path()))
}

/// Leads to the second factor: to prove it, or to set it up first.
fn ask_for_code(visit: &Visit, session: &Session) -> PageResult {
    let t = visit.t;
    let section = Section::new(t.get("prove-heading"));
    let section = if session.user.two_factor_enabled {
        section.text(t.get("prove-code-text")).link(Link::new(code_page(visit), t.get("prove-code")))
    } else {
        let path = visit.account_path("security/two-factor");
        section.text(t.get("prove-set-up-text")).link(Link::new(path, t.get("two-step-set-up")))
    };
    AccountPage::new(visit, session, text!("prove-title")).status(StatusCode::FORBIDDEN).section(section).show(visit)
}
