//! Describes the form with name, user name and what the configuration adds to users.

use serde_json::{Map, Value};

use crate::pages::{
    account::page::Section,
    additional_fields,
    field::{Field, FormView, Kind},
    form::Form,
    place::place,
    problem::Problem,
    session::Session,
    visit::Visit,
};

/// Describes the form; a problem that belongs to none of its fields comes back.
pub(crate) fn section(
    visit: &Visit,
    session: &Session,
    failed: Option<(&Form, &Problem)>,
) -> (Section, Option<String>) {
    let t = visit.t;
    let auth = &visit.pages.auth;
    let mut fields =
        vec![Field::new(Kind::Text, "name", t.get("name")).autocomplete("name").value(&session.user.name).optional()];
    if auth.username.is_some() {
        let username = Field::new(Kind::Text, "username", t.get("username"));
        fields.push(username.autocomplete("nickname").value(shown_username(session)).optional());
    }
    let stored = |name: &str| session.user.further.get(name).unwrap_or(&Value::Null);
    let further = additional_fields::of_users(&auth.user_fields);
    fields.extend(further.map(|field| additional_fields::describe(t, field, stored(&field.name))));
    let mut view = FormView::new(visit.account_path("settings"), fields, t.get("save"));
    let mut rest = None;
    if let Some((form, problem)) = failed {
        view.refill(form);
        rest = place(&mut view, visit, problem);
    }
    (Section::new(t.get("account-profile")).form(view), rest)
}

/// Returns what the form says otherwise than the account.
pub(crate) fn changes(visit: &Visit, session: &Session, form: &Form) -> Map<String, Value> {
    let auth = &visit.pages.auth;
    let mut body = Map::new();
    let name = form.text("name");
    if name != session.user.name {
        body.insert("name".to_owned(), name.into());
    }
    let username = form.text("username");
    if auth.username.is_some() && username != shown_username(session) {
        let value = if username.is_empty() { Value::Null } else { username.into() };
        body.insert("username".to_owned(), value);
    }
    for field in additional_fields::of_users(&auth.user_fields) {
        let stored = session.user.further.get(&field.name).unwrap_or(&Value::Null);
        if additional_fields::is_changed(form, field, stored) {
            body.insert(field.name.clone(), additional_fields::read(form, field));
        }
    }
    body
}

fn shown_username(session: &Session) -> &str {
    let user = &session.user;
    user.display_username.as_deref().or(user.username.as_deref()).unwrap_or_default()
}
