//! Serves the page to open an account at.

use http::StatusCode;
use serde_json::{Map, Value};

use crate::{
    pages::{
        auth::{card::Card, sign_in_outcome::lead_on},
        error::PageError,
        field::{Field, FormView, Kind, field_of},
        form::Form,
        notice::Notice,
        visit::{PageResult, Visit},
    },
    types::{FieldType, UserField, UsernameRules},
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
    for field in typed_fields(&visit) {
        if let Some(value) = typed_value(field, &form) {
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

/// Returns the additional fields that a form can take.
fn typed_fields(visit: &Visit) -> impl Iterator<Item = &UserField> {
    let is_typed = |field: &&UserField| {
        let is_own = matches!(field.name.as_str(), UsernameRules::FIELD | UsernameRules::DISPLAY_FIELD);
        field.input && !is_own && field_kind(field).is_some()
    };
    visit.pages.auth.user_fields.iter().filter(is_typed)
}

fn field_kind(field: &UserField) -> Option<Kind> {
    match field.kind {
        FieldType::String => Some(Kind::Text),
        FieldType::Number => Some(Kind::Number),
        FieldType::Boolean => Some(Kind::Checkbox),
        FieldType::Date => Some(Kind::Date),
        FieldType::Strings => None,
    }
}

/// Returns what was typed, in the type that the API takes.
fn typed_value(field: &UserField, form: &Form) -> Option<Value> {
    match field.kind {
        FieldType::Boolean => Some(form.is_checked(&field.name).into()),
        FieldType::Number => form.optional(&field.name).map(|text| serde_json::from_str(text).unwrap_or(text.into())),
        FieldType::Date => form.optional(&field.name).map(|day| format!("{day}T00:00:00.000Z").into()),
        FieldType::String | FieldType::Strings => form.optional(&field.name).map(Value::from),
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
    for field in typed_fields(visit) {
        let Some(kind) = field_kind(field) else { continue };
        let view = Field::new(kind, &field.name, label(&field.name)).value(form.text(&field.name));
        fields.push(if field.required && kind != Kind::Checkbox { view } else { view.optional() });
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

/// Returns the name of an additional field as people read it: `phoneNumber` becomes `Phone number`. The configuration has no
/// other.
fn label(name: &str) -> String {
    let mut label = String::with_capacity(name.len() + 4);
    for (index, c) in name.chars().enumerate() {
        match c {
            '_' | '-' => label.push(' '),
            c if index == 0 => label.extend(c.to_uppercase()),
            c if c.is_uppercase() => {
                label.push(' ');
                label.extend(c.to_lowercase());
            }
            c => label.push(c),
        }
    }
    label
}
