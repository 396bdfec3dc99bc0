//! Reads the name that somebody signs in with, out of the additional fields that were read before (contract of the
//! plugin). What is shown is the name itself in other upper and lower case: a free text could pass for somebody else.

use http::StatusCode;
use serde_json::{Map, Value};

use crate::{
    api::Problem,
    auth::{Settings, User, UsernameChange},
    types::{Username, UsernameRules},
};

/// Reads the name that somebody new chooses, and puts both its forms into the fields.
pub(crate) fn chosen_username(
    fields: &mut Map<String, Value>,
    settings: &Settings,
) -> Result<Option<Username>, Problem> {
    let Some(rules) = &settings.username else { return Ok(None) };
    let name = text(fields, UsernameRules::FIELD).or_else(|| text(fields, UsernameRules::DISPLAY_FIELD));
    let Some(name) = name else {
        fields.remove(UsernameRules::FIELD);
        fields.remove(UsernameRules::DISPLAY_FIELD);
        return Ok(None);
    };
    let name = rules.parse(name)?;
    spell(fields, &name)?;
    Ok(Some(name))
}

/// Reads what becomes of a user's name. A spelling alone is one of the name that they have.
pub(crate) fn changed_username(
    fields: &mut Map<String, Value>,
    user: &User,
    settings: &Settings,
) -> Result<UsernameChange, Problem> {
    let Some(rules) = &settings.username else { return Ok(UsernameChange::Keep) };
    match fields.get(UsernameRules::FIELD) {
        None => {
            let current = rules.read(&user.additional_fields);
            let is_spelling = |text: &str| current.as_ref().is_some_and(|name| name.is_spelled(text));
            if text(fields, UsernameRules::DISPLAY_FIELD).is_some_and(|text| !is_spelling(text)) {
                return Err(invalid_display_username());
            }
            Ok(UsernameChange::Keep)
        }
        Some(Value::String(name)) => {
            let name = rules.parse(name)?;
            spell(fields, &name)?;
            Ok(UsernameChange::Set(name))
        }
        Some(_) => {
            fields.insert(UsernameRules::DISPLAY_FIELD.to_owned(), Value::Null);
            Ok(UsernameChange::Remove)
        }
    }
}

/// Answers for a name outside of what it would be stored with, where the contract wants another status.
pub(crate) fn unprocessable(problem: Problem) -> Problem {
    problem.with_status(StatusCode::UNPROCESSABLE_ENTITY)
}

/// Puts the name into the fields as it is stored, beside its spelling.
fn spell(fields: &mut Map<String, Value>, name: &Username) -> Result<(), Problem> {
    let display = text(fields, UsernameRules::DISPLAY_FIELD).unwrap_or(name.display());
    if !name.is_spelled(display) {
        return Err(invalid_display_username());
    }
    let display = display.to_owned();
    fields.insert(UsernameRules::FIELD.to_owned(), name.as_str().into());
    fields.insert(UsernameRules::DISPLAY_FIELD.to_owned(), display.into());
    Ok(())
}

fn text<'f>(fields: &'f Map<String, Value>, field: &str) -> Option<&'f str> {
    fields.get(field).and_then(Value::as_str)
}

fn invalid_display_username() -> Problem {
    let message = "Display username is invalid: it is the username in other upper and lower case";
    Problem::bad_request("INVALID_DISPLAY_USERNAME", message)
}
