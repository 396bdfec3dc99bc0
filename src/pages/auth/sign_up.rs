//! Serves the page to open an account at.

use http::StatusCode;
use serde_json::Map;

use crate::pages::{
    additional_fields,
    auth::{card::Card, sign_in_outcome::lead_on},
    error::PageError,
    field::{Field, FormView, Kind, field_of},
    form::Form,
    notice::Notice,
    visit::{PageResult, Visit},
};

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    if !visit.can_sign_up() {
        return Err(PageError::NotFound);
    }
    page(&visit, &Form::default(), None)
}

/// Opens an account.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let mut body = Map::new();
    for name in ["name", "email", "username"] {
        if let Some(text) = form.optional(name) {
            body.insert(name.to_owned(), text.into());
        }
    }
    for field in additional_fields::of_users(&visit.pages.auth.user_fields) {
        let value = additional_fields::read(&form, field);
        if !value.is_null() {
            body.insert(field.name.clone(), value);
        }
    }
    if visit.pages.settings.links.terms.is_some() && !form.is_checked("terms") {
        return page(
            &visit,
            &form,
            Some((Some("terms"), StatusCode::BAD_REQUEST, visit.t.get("terms-missing").into_owned())),
        );
    }
    body.insert("password".to_owned(), form.raw("password").into());
    body.insert("callbackURL".to_owned(), visit.auth_path_saying("sign-in", "verified").into());
    match visit.post("/sign-up/email", &body.into()).await?.ok() {
        // Without a token nobody is signed in: the address has to be verified first.
        Ok(body) if body["token"].is_string() => Ok(lead_on(&visit, &body)),
        Ok(_) => Ok(visit.see_other(&visit.auth_path("verify-email"))),
        Err(problem) => {
            let text = visit.problem_text(&problem);
            page(&visit, &form, Some((field_of(&problem.code), problem.status, text)))
        }
    }
}

/// Holds a problem: the field it is about, its status and its text.
type Placed = (Option<&'static str>, StatusCode, String);

fn page(visit: &Visit, form: &Form, problem: Option<Placed>) -> PageResult {
    let t = visit.t;
    let auth = &visit.pages.auth;
    let rules = &auth.password;
    let mut fields = vec![
        Field::new(Kind::Text, "name", t.get("name")).autocomplete("name").value(form.text("name")).focused(),
        Field::new(Kind::Email, "email", t.get("email")).autocomplete("username").value(form.text("email")),
    ];
    if auth.username.is_some() {
        fields.push(
            Field::new(Kind::Text, "username", t.get("username"))
                .autocomplete("nickname")
                .value(form.text("username"))
                .optional(),
        );
    }
    fields.push(
        Field::new(Kind::Password, "password", t.get("password"))
            .autocomplete("new-password")
            .lengths(rules.min_length, rules.max_length)
            .hint(t.with("password-hint", &[("min", &rules.min_length.to_string())])),
    );
    for field in additional_fields::of_users(&auth.user_fields) {
        fields.push(additional_fields::describe(t, field, &additional_fields::read(form, field)));
    }
    if let Some(terms) = &visit.pages.settings.links.terms {
        let label = t.with("agree-to-terms", &[("app", &visit.pages.settings.name)]);
        fields.push(Field::new(Kind::Checkbox, "terms", label).link(terms.clone(), t.get("terms")));
    }
    let mut view = FormView::new(visit.auth_path("sign-up"), fields, t.get("create-account"));
    let mut notice = None;
    let mut status = StatusCode::OK;
    if let Some((field, told, text)) = problem {
        status = told;
        notice = view.place(field, text).map(Notice::bad);
    }
    Card::new(visit, "sign-up-heading")
        .notice(notice)
        .form(view)
        .link(visit.auth_path("sign-in"), "have-account")
        .show(visit, status)
}
