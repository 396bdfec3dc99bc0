//! Serves the page to open an account at.

use http::StatusCode;
use serde_json::Map;

use crate::{
    auth::SignUpMode,
    language::text,
    pages::{
        additional_fields,
        auth::{card::Card, sign_in_outcome::lead_on},
        error::PageError,
        field::{Field, FormView, Kind},
        form::Form,
        notice::Notice,
        place::place,
        problem::Problem,
        visit::{INVITATION, PageResult, Visit},
    },
};

/// Names the box that agrees to the terms.
const TERMS: &str = "terms";

/// Shows the page. Where only those who are invited may open an account, the others are told so.
pub(crate) async fn show(visit: Visit) -> PageResult {
    if visit.pages.auth.sign_up.mode == SignUpMode::Closed {
        return Err(PageError::NotFound);
    }
    let invitation = visit.invitation();
    if !visit.can_sign_up(invitation) {
        return Card::new(&visit, text!("sign-up-heading"))
            .lead(visit.t.get("sign-up-invitation-text"))
            .link(visit.auth_path("sign-in"), text!("have-account"))
            .show(&visit, StatusCode::OK);
    }
    page(&visit, (&Form::default(), invitation), None)
}

/// Opens an account.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let mut body = Map::new();
    for name in ["name", "email", "username", INVITATION] {
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
    let sent = (&form, form.optional(INVITATION));
    if visit.pages.settings.links.terms.is_some() && !form.is_checked(TERMS) {
        return page(&visit, sent, Some(&Refusal::Terms));
    }
    body.insert("password".to_owned(), form.raw("password").into());
    body.insert("callbackURL".to_owned(), visit.auth_path_saying("sign-in", "verified").into());
    match visit.post("/sign-up/email", &body.into()).await?.ok() {
        // Without a token nobody is signed in: the address has to be verified first.
        Ok(body) if body["token"].is_string() => Ok(lead_on(&visit, &body)),
        Ok(_) => Ok(visit.see_other(&visit.auth_path("verify-email"))),
        Err(problem) => page(&visit, sent, Some(&Refusal::Problem(&problem))),
    }
}

/// Says why no account was opened.
enum Refusal<'p> {
    /// The terms were not agreed to.
    Terms,
    Problem(&'p Problem),
}

fn page(visit: &Visit, (form, invitation): (&Form, Option<&str>), refusal: Option<&Refusal<'_>>) -> PageResult {
    let mut view = FormView::new(visit.auth_path("sign-up"), fields(visit), visit.t.get("create-account"));
    if let Some(token) = invitation {
        view = view.hidden(INVITATION, token);
    }
    view.refill(form);
    let mut notice = None;
    let mut status = StatusCode::OK;
    match refusal {
        None => {}
        Some(Refusal::Terms) => {
            status = StatusCode::BAD_REQUEST;
            view.place(&[TERMS], &visit.t.get("terms-missing"));
        }
        Some(Refusal::Problem(problem)) => {
            status = problem.status;
            notice = place(&mut view, visit, problem).map(Notice::bad);
        }
    }
    Card::new(visit, text!("sign-up-heading"))
        .notice(notice)
        .form(view)
        .link(visit.auth_path_invited("sign-in", invitation), text!("have-account"))
        .show(visit, status)
}

fn fields(visit: &Visit) -> Vec<Field> {
    let t = visit.t;
    let auth = &visit.pages.auth;
    let rules = &auth.password;
    let mut fields = vec![
        Field::new(Kind::Text, "name", t.get("name")).autocomplete("name").focused(),
        Field::new(Kind::Email, "email", t.get("email")).autocomplete("username"),
    ];
    if auth.username.is_some() {
        fields.push(Field::new(Kind::Text, "username", t.get("username")).autocomplete("nickname").optional());
    }
    fields.push(
        Field::new(Kind::Password, "password", t.get("password"))
            .autocomplete("new-password")
            .lengths(rules.min_length, rules.max_length)
            .hint(t.with("password-hint", &[("min", &rules.min_length.to_string())])),
    );
    let further = additional_fields::of_users(&auth.user_fields);
    fields.extend(further.map(|field| additional_fields::describe(t, field, &field.default)));
    if let Some(terms) = &visit.pages.settings.links.terms {
        let label = t.with("agree-to-terms", &[("app", &visit.pages.settings.name)]);
        fields.push(Field::new(Kind::Checkbox, TERMS, label).link(terms.clone(), t.get("terms")));
    }
    fields
}
