//! Changes the password, as part of the page of security.

use crate::pages::{
    account::page::Section,
    field::{Field, FormView, Kind},
    form::Form,
    place::{place, place_at},
    problem::Problem,
    visit::Visit,
};

/// Describes the form that changes the password, or that sets the first. A problem that belongs to no field comes back.
pub(crate) fn section(
    visit: &Visit,
    has_password: bool,
    failed: Option<(&Form, &Problem)>,
) -> (Section, Option<String>) {
    let t = visit.t;
    let rules = &visit.pages.auth.password;
    let new = Field::new(Kind::Password, "password", t.get("new-password"))
        .autocomplete("new-password")
        .lengths(rules.min_length, rules.max_length)
        .hint(t.with("password-hint", &[("min", &rules.min_length.to_string())]));
    let (fields, submit) = if has_password {
        let current = Field::new(Kind::Password, "current", t.get("current-password")).autocomplete("current-password");
        let others = Field::new(Kind::Checkbox, "others", t.get("password-end-others")).optional().checked(true);
        (vec![current, new, others], t.get("password-change"))
    } else {
        (vec![new], t.get("set-password"))
    };
    let mut view = FormView::new(visit.account_path("security/password"), fields, submit);
    let rest = failed.and_then(|(form, problem)| {
        view.refill(form);
        match problem.code.as_str() {
            "INVALID_PASSWORD" => place_at(&mut view, "current", visit, problem),
            _ => place(&mut view, visit, problem),
        }
    });
    let section = Section::new(t.get("password"));
    let section = if has_password { section } else { section.text(t.get("password-first-text")) };
    (section.form(view), rest)
}
