//! Serves the page to make an account at for somebody else.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    auth::admin::Permission,
    language::text,
    pages::{
        admin::{
            access::{self, Administrator, path},
            page::{AdminPage, Section},
        },
        error::PageError,
        field::{Field, FormView, Kind},
        form::Form,
        notice::Notice,
        place::place,
        problem::Problem,
        visit::{PageResult, Visit},
    },
};

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let administrator = access::require(&visit).await?;
    page(&visit, &administrator, &Form::default(), None)
}

/// Makes the account, and leads to it.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let administrator = access::require(&visit).await?;
    let mut body = json!({ "email": form.text("email"), "name": form.text("name"), "role": form.text("role") });
    if !form.raw("password").is_empty() {
        body["password"] = Value::from(form.raw("password"));
    }
    if form.is_checked("verified") {
        body["data"] = json!({ "emailVerified": true });
    }
    match visit.post("/admin/create-user", &body).await?.ok() {
        Ok(made) => {
            let id = made["user"]["id"].as_str().ok_or(PageError::Internal)?;
            Ok(visit.see_other(&path(&visit, &format!("users/{id}?said=user-created"))))
        }
        Err(problem) => {
            let problem = administrator.beside_form(problem)?;
            page(&visit, &administrator, &form, Some(&problem))
        }
    }
}

fn page(visit: &Visit, administrator: &Administrator, form: &Form, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let mut fields = vec![
        Field::new(Kind::Email, "email", t.get("email")).focused(),
        Field::new(Kind::Text, "name", t.get("name")),
        Field::new(Kind::Text, "role", t.get("admin-roles")).optional().hint(t.get("admin-roles-hint")),
    ];
    if administrator.may(Permission::UserSetPassword) {
        let password = Field::new(Kind::Password, "password", t.get("password")).autocomplete("new-password");
        fields.push(password.optional().hint(t.get("admin-password-hint")));
    }
    if administrator.may(Permission::UserSetEmail) {
        fields.push(Field::new(Kind::Checkbox, "verified", t.get("admin-address-is-theirs")).optional());
    }
    let mut view = FormView::new(path(visit, "users/create"), fields, t.get("admin-create-user"));
    view.refill(form);
    let status = problem.map_or(StatusCode::OK, |problem| problem.status);
    let notice = problem.and_then(|problem| place(&mut view, visit, problem)).map(Notice::bad);
    let section =
        Section { text: Some(t.get("admin-create-user-text").into_owned()), forms: vec![view], ..Section::default() };
    AdminPage::new(visit, administrator, t.get("admin-create-user"))
        .back(path(visit, "users"), text!("admin-users"))
        .notice(notice)
        .section(section)
        .show(visit, status)
}
