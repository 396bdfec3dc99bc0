//! Puts what the API complains of beside the fields of forms.

use crate::pages::{field::FormView, problem::Problem, visit::Visit};

/// Puts a problem beside the fields that it is about: those that the API names, or the one that its code is about. Where the
/// form has none of them, its text comes back. Where the API complains of what a field says, that is told in our words: its
/// own are for programmers.
pub(crate) fn place(view: &mut FormView, visit: &Visit, problem: &Problem) -> Option<String> {
    if problem.code == "VALIDATION_ERROR" {
        let text = visit.t.get("account-not-taken");
        if view.place(&names(problem), &text) {
            return None;
        }
    }
    let text = visit.problem_text(problem);
    let is_placed =
        view.place(&names(problem), &text) || field_of(&problem.code).is_some_and(|field| view.place(&[field], &text));
    (!is_placed).then_some(text)
}

/// Puts a problem beside this field, whatever it is about.
pub(crate) fn place_at(view: &mut FormView, field: &str, visit: &Visit, problem: &Problem) -> Option<String> {
    let text = visit.problem_text(problem);
    let is_placed = view.place(&[field], &text);
    (!is_placed).then_some(text)
}

/// Returns the one of these fields that a problem is about.
pub(crate) fn field_among(fields: &[&'static str], problem: &Problem) -> Option<&'static str> {
    let named = names(problem);
    let by_code = field_of(&problem.code);
    fields.iter().copied().find(|field| named.contains(field) || by_code == Some(*field))
}

/// Returns the fields that a problem names, as our forms call them.
fn names(problem: &Problem) -> Vec<&str> {
    let names = problem.fields.iter().map(|name| match name.as_str() {
        "newEmail" => "email",
        "newPassword" => "password",
        "currentPassword" => "current",
        "banReason" => "reason",
        "banExpiresIn" => "until",
        name => name,
    });
    names.collect()
}

/// Returns the field that a problem of the API is about, by its stable code.
fn field_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "INVALID_EMAIL"
        | "EMAIL_IS_THE_SAME"
        | "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"
        | "EMAIL_DOMAIN_NOT_ALLOWED"
        | "USER_NOT_FOUND" => "email",
        "PASSWORD_TOO_SHORT"
        | "PASSWORD_TOO_LONG"
        | "PASSWORD_TOO_COMMON"
        | "INVALID_PASSWORD"
        | "INVALID_EMAIL_OR_PASSWORD"
        | "INVALID_USERNAME_OR_PASSWORD" => "password",
        "USERNAME_IS_ALREADY_TAKEN" | "USERNAME_TOO_SHORT" | "USERNAME_TOO_LONG" | "INVALID_USERNAME" => "username",
        "INVALID_CODE"
        | "INVALID_OTP"
        | "OTP_EXPIRED"
        | "OTP_HAS_EXPIRED"
        | "TOO_MANY_ATTEMPTS"
        | "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE"
        | "INVALID_BACKUP_CODE" => "code",
        "ORGANIZATION_ALREADY_EXISTS" | "ORGANIZATION_SLUG_ALREADY_TAKEN" => "slug",
        "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE" | "YOU_CANNOT_DEMOTE_THE_LAST_ADMINISTRATOR" => "role",
        _ => return None,
    })
}
