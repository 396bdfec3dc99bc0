//! Serves the page that ends an account.

use http::StatusCode;
use serde_json::json;

use crate::{
    language::text,
    pages::{
        account::{
            page::{AccountPage, Link, Section},
            step::{Step, act},
        },
        field::{Field, FormView, Kind, Weight},
        form::Form,
        notice::Notice,
        place::place,
        problem::Problem,
        session::{self, Session},
        sign_in_methods,
        visit::{PageResult, Visit},
    },
};

/// Asks for the password, or for nothing where a mail asks once more.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    page(&visit, &session, None).await
}

/// Deletes the account, or has the mail sent.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let deleted = format!("{}/sign-in?said=deleted", visit.pages.settings.auth_path);
    let mut body = json!({ "callbackURL": deleted });
    let password = form.raw("password");
    if !password.is_empty() {
        body["password"] = password.into();
    }
    match act(&visit, &session, &form, "/delete-user", &body).await? {
        Step::Done(body) if body["message"] == "User deleted" => Ok(visit.see_other(&deleted)),
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("data?said=deletion-mailed"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => page(&visit, &session, Some(&problem)).await,
    }
}

async fn page(visit: &Visit, session: &Session, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let mut fields = Vec::new();
    if sign_in_methods::has_password(visit).await? {
        let password = Field::new(Kind::Password, "password", t.get("current-password"));
        fields.push(password.autocomplete("current-password"));
    }
    let mut form = FormView::new(visit.account_path("delete"), fields, t.get("delete-account")).weight(Weight::Danger);
    let rest = problem.and_then(|problem| place(&mut form, visit, problem));
    let text = if visit.pages.auth.mailed_deletion { "delete-account-mailed" } else { "delete-account-text" };
    let section = Section::new(t.get("delete-account-sure")).text(t.get(text));
    AccountPage::new(visit, session, text!("delete-account"))
        .back(Link::new(visit.account_path("data"), t.get("account-data")))
        .status(problem.map_or(StatusCode::OK, |problem| problem.status))
        .notice(rest.map(Notice::bad))
        .section(section.form(form))
        .show(visit)
}
