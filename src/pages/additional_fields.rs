//! Shows the fields that the configuration adds to users, and reads them.

use serde_json::{Number, Value};

use crate::{
    language::Texts,
    pages::{
        field::{Field, Kind},
        form::Form,
    },
    types::{FieldType, UserField, UserFields, UsernameRules},
};

/// Texts that may be longer than this are written on several lines.
const LINE: usize = 255;

/// Lists those that users set themselves.
pub(crate) fn of_users(fields: &UserFields) -> impl Iterator<Item = &UserField> {
    let is_username = |name: &str| name == UsernameRules::FIELD || name == UsernameRules::DISPLAY_FIELD;
    fields.iter().filter(move |field| field.input && !is_username(&field.name))
}

/// Describes a field with what it is now.
pub(crate) fn describe(t: Texts, field: &UserField, value: &Value) -> Field {
    let kind = match field.kind {
        FieldType::String if field.max_length > LINE => Kind::LongText,
        FieldType::String => Kind::Text,
        FieldType::Number => Kind::Number,
        FieldType::Boolean => Kind::Checkbox,
        FieldType::Date => Kind::Date,
        FieldType::Strings => Kind::LongText,
    };
    let mut described = Field::new(kind, &field.name, label(&field.name)).value(text(field.kind, value));
    if field.kind == FieldType::String {
        described.max_length = Some(field.max_length);
    }
    if field.kind == FieldType::Strings {
        described = described.hint(t.get("one-a-line"));
    }
    if !field.required || field.kind == FieldType::Boolean {
        described = described.optional();
    }
    described
}

/// Returns what a form says of a field, as the API takes it. What is no number goes along as it is: the API tells what is
/// wrong with it.
pub(crate) fn read(form: &Form, field: &UserField) -> Value {
    let text = form.text(&field.name);
    match field.kind {
        FieldType::Boolean => form.is_checked(&field.name).into(),
        FieldType::Strings => text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().into(),
        // The API tells what is missing.
        _ if text.is_empty() => Value::Null,
        FieldType::Number => text.parse::<Number>().map_or_else(|_| text.into(), Value::Number),
        FieldType::String | FieldType::Date => text.into(),
    }
}

/// Tells whether a form says something else than what is stored. A stored time that was shown as its day stays as it is.
pub(crate) fn is_changed(form: &Form, field: &UserField, stored: &Value) -> bool {
    let typed = form.text(&field.name).replace('\r', "");
    text(field.kind, stored) != typed
}

fn text(kind: FieldType, value: &Value) -> String {
    match (kind, value) {
        (_, Value::Null) | (FieldType::Boolean, Value::Bool(false)) => String::new(),
        (FieldType::Boolean, _) => "on".to_owned(),
        // A time is shown as its day.
        (FieldType::Date, Value::String(text)) => text.chars().take("2026-01-31".len()).collect(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        (_, other) => other.to_string(),
    }
}

/// Makes `companyName` into `Company name`: there is no other text that people could be shown.
fn label(name: &str) -> String {
    let mut label = String::with_capacity(name.len() + 4);
    for (place, c) in name.chars().enumerate() {
        match c {
            _ if place == 0 => label.extend(c.to_uppercase()),
            '_' | '-' => label.push(' '),
            _ if c.is_uppercase() => {
                label.push(' ');
                label.extend(c.to_lowercase());
            }
            _ => label.push(c),
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_words() {
        for (name, expected) in
            [("company", "Company"), ("companyName", "Company name"), ("date_of_birth", "Date of birth")]
        {
            assert_eq!(label(name), expected);
        }
    }
}
