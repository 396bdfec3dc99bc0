//! Describes what a configuration adds to users: `auth.user.additional_fields`.

use std::borrow::Cow;

use http::HeaderName;
use serde_json::{Map, Value};
use time::{Date, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description};

use crate::types::{header_text, username::UsernameRules};

/// Tells what a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Is a text.
    #[default]
    String,
    /// Is a number.
    Number,
    /// Is true or false.
    Boolean,
    /// Is a point in time.
    Date,
    /// Is a list of up to 20 texts.
    Strings,
}

/// Describes one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserField {
    /// Is the name as clients know it.
    pub name: String,
    pub kind: FieldType,
    /// Sign-ups have to say it, unless there is a default; it is never taken away.
    pub required: bool,
    /// Users set it themselves.
    pub input: bool,
    /// Users see it.
    pub returned: bool,
    /// Is what it is where nothing was set; null where there is none.
    pub default: Value,
    /// Limits a text, or each text of a list, in characters.
    pub max_length: usize,
    /// Tells it to upstreams.
    pub header: Option<HeaderName>,
}

/// Describes why a value is none of the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    #[error("expected {expected}, received {received}")]
    WrongType { expected: &'static str, received: &'static str },
    #[error("Too big: expected string to have <={0} characters")]
    TooLong(usize),
    #[error("Too big: expected array to have <=20 items")]
    TooMany,
    #[error("expected string without control characters")]
    ControlCharacter,
    #[error("expected a date such as 2026-01-31T12:00:00.000Z")]
    NotADate,
    #[error("a required field cannot be taken away")]
    Required,
    /// Characters beyond ASCII count several times.
    #[error("Too big: expected value to have <={} bytes as a header carries it", UserField::MAX_HEADER)]
    HeaderTooLong,
    #[error(
        "Too big: expected all fields with a header to have <={} bytes as headers carry them",
        UserFields::MAX_HEADERS
    )]
    HeadersTooLong,
}

impl UserField {
    /// Limits the items of a list.
    pub const MAX_ITEMS: usize = 20;
    /// Limits the header that tells the field, in bytes: servers take some kilobytes of headers, and answer whoever has
    /// more with 431 to everything.
    pub const MAX_HEADER: usize = 2 * 1024;

    /// Returns the value as it is stored. Null takes an optional field's away.
    pub fn parse<'v>(&self, value: &'v Value) -> Result<Cow<'v, Value>, FieldError> {
        let parsed = self.parse_kind(value)?;
        if self.header.is_some() && header_text::length(&parsed) > Self::MAX_HEADER {
            return Err(FieldError::HeaderTooLong);
        }
        Ok(parsed)
    }

    fn parse_kind<'v>(&self, value: &'v Value) -> Result<Cow<'v, Value>, FieldError> {
        let expected = match self.kind {
            FieldType::String => "string",
            FieldType::Number => "number",
            FieldType::Boolean => "boolean",
            FieldType::Date => "date",
            FieldType::Strings => "array of strings",
        };
        match (self.kind, value) {
            (_, Value::Null) if self.required => Err(FieldError::Required),
            (_, Value::Null) | (FieldType::Number, Value::Number(_)) | (FieldType::Boolean, Value::Bool(_)) => {
                Ok(Cow::Borrowed(value))
            }
            (FieldType::String, Value::String(text)) => self.text(text).map(|()| Cow::Borrowed(value)),
            (FieldType::Date, Value::String(text)) => {
                date(text).map(|text| Cow::Owned(Value::String(text))).ok_or(FieldError::NotADate)
            }
            (FieldType::Strings, Value::Array(items)) if items.len() > Self::MAX_ITEMS => Err(FieldError::TooMany),
            (FieldType::Strings, Value::Array(items)) => {
                for item in items {
                    match item {
                        Value::String(text) => self.text(text)?,
                        other => return Err(FieldError::WrongType { expected, received: kind(other) }),
                    }
                }
                Ok(Cow::Borrowed(value))
            }
            (_, other) => Err(FieldError::WrongType { expected, received: kind(other) }),
        }
    }

    /// Lines may be broken; PostgreSQL stores no NUL, and nothing needs the other control characters.
    fn text(&self, text: &str) -> Result<(), FieldError> {
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            Err(FieldError::ControlCharacter)
        } else if text.chars().count() > self.max_length {
            Err(FieldError::TooLong(self.max_length))
        } else {
            Ok(())
        }
    }

    /// Returns the value for those who may see it. What an operator stored by hand and is none of the field is as
    /// if nothing was set.
    #[must_use]
    pub fn read<'v>(&'v self, stored: &'v Value) -> &'v Value {
        stored.get(&self.name).filter(|value| self.parse(value).is_ok()).unwrap_or(&self.default)
    }
}

/// Holds all fields of a configuration, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFields {
    fields: Vec<UserField>,
    has_language: bool,
}

impl UserFields {
    /// Holds the fields; their names differ.
    #[must_use]
    pub fn new(fields: Vec<UserField>) -> Self {
        Self { fields, has_language: false }
    }

    /// Adds the name that people sign in with, and its spelling. What is a name is decided where one is chosen.
    #[must_use]
    pub fn with_usernames(mut self) -> Self {
        let named = [UsernameRules::DISPLAY_FIELD, UsernameRules::FIELD].map(|name| UserField {
            name: name.to_owned(),
            kind: FieldType::String,
            required: false,
            input: true,
            returned: true,
            default: Value::Null,
            max_length: 255,
            header: None,
        });
        self.fields.extend(named);
        self.fields.sort_by(|one, other| one.name.cmp(&other.name));
        self
    }

    /// Shows users the language that they chose, which is kept beside the fields.
    #[must_use]
    pub fn with_language(self) -> Self {
        Self { has_language: true, ..self }
    }

    /// Tells whether users see the language that they chose.
    #[must_use]
    pub fn has_language(&self) -> bool {
        self.has_language
    }

    /// Returns each field.
    pub fn iter(&self) -> impl Iterator<Item = &UserField> {
        self.fields.iter()
    }

    /// Limits what the headers of all fields carry of a user, in bytes.
    pub const MAX_HEADERS: usize = 8 * 1024;

    /// Returns those that upstreams are told.
    pub fn with_headers(&self) -> impl Iterator<Item = &UserField> {
        self.fields.iter().filter(|field| field.header.is_some())
    }

    /// Returns how much the headers carry of what is stored, in bytes.
    #[must_use]
    pub fn header_length(&self, stored: &Value) -> usize {
        self.with_headers().map(|field| header_text::length(field.read(stored))).sum()
    }

    /// Returns a field that was set just now and makes the headers too long. What else is stored may be too long by
    /// itself: an operator wrote it.
    #[must_use]
    pub fn too_long_for_headers(&self, stored: &Value, set: &Map<String, Value>) -> Option<&str> {
        let mut told = self.with_headers().filter(|field| set.contains_key(&field.name));
        told.next().filter(|_| self.header_length(stored) > Self::MAX_HEADERS).map(|field| field.name.as_str())
    }

    /// Returns the names of those that users set themselves.
    #[must_use]
    pub fn of_users(&self) -> Vec<String> {
        self.fields.iter().filter(|field| field.input).map(|field| field.name.clone()).collect()
    }

    /// Returns what users see of what is stored.
    #[must_use]
    pub fn shown(&self, stored: &Value) -> Map<String, Value> {
        let shown = self.fields.iter().filter(|field| field.returned);
        shown.map(|field| (field.name.clone(), field.read(stored).clone())).collect()
    }
}

/// Returns a time, or the midnight that a date begins with, in the one form that is stored: three digits and `Z`.
fn date(text: &str) -> Option<String> {
    let time = match OffsetDateTime::parse(text, &Rfc3339) {
        Ok(time) => time,
        Err(_) => Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?.midnight().assume_utc(),
    };
    let time = time.checked_to_offset(UtcOffset::UTC).filter(|time| (1..=9999).contains(&time.year()))?;
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    time.format(form).ok()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(kind: FieldType) -> UserField {
        UserField {
            name: "company".into(),
            kind,
            required: false,
            input: true,
            returned: true,
            default: Value::Null,
            max_length: 5,
            header: None,
        }
    }

    #[test]
    fn a_value_is_of_its_type_and_length() {
        let wrong = |expected, received| Err(FieldError::WrongType { expected, received });
        let many: Vec<_> = (0..21).map(|n| n.to_string()).collect();
        for (kind, value, expected) in [
            (FieldType::String, json!("Acme"), Ok(json!("Acme"))),
            (FieldType::String, json!(""), Ok(json!(""))),
            (FieldType::String, json!("äöüßé"), Ok(json!("äöüßé"))),
            (FieldType::String, json!("a\r\nb"), Ok(json!("a\r\nb"))),
            (FieldType::String, json!("Acme AG"), Err(FieldError::TooLong(5))),
            (FieldType::String, json!("a\u{0}"), Err(FieldError::ControlCharacter)),
            (FieldType::String, json!("a\u{1b}"), Err(FieldError::ControlCharacter)),
            (FieldType::String, json!("a\u{85}"), Err(FieldError::ControlCharacter)),
            (FieldType::String, json!(7), wrong("string", "number")),
            (FieldType::String, json!({ "$ne": "" }), wrong("string", "object")),
            (FieldType::Number, json!(7), Ok(json!(7))),
            (FieldType::Number, json!(-1.5), Ok(json!(-1.5))),
            (FieldType::Number, json!("7"), wrong("number", "string")),
            (FieldType::Boolean, json!(false), Ok(json!(false))),
            (FieldType::Boolean, json!("yes"), wrong("boolean", "string")),
            (FieldType::Boolean, json!(0), wrong("boolean", "number")),
            (FieldType::Date, json!("2026-01-31"), Ok(json!("2026-01-31T00:00:00.000Z"))),
            (FieldType::Date, json!("2026-01-31T12:00:00.5+02:00"), Ok(json!("2026-01-31T10:00:00.500Z"))),
            (FieldType::Date, json!("2026-02-30"), Err(FieldError::NotADate)),
            (FieldType::Date, json!("0000-01-01"), Err(FieldError::NotADate)),
            (FieldType::Date, json!("9999-12-31T23:59:59-01:00"), Err(FieldError::NotADate)),
            (FieldType::Date, json!("tomorrow"), Err(FieldError::NotADate)),
            (FieldType::Date, json!(1_700_000_000), wrong("date", "number")),
            (FieldType::Strings, json!(["a", "b"]), Ok(json!(["a", "b"]))),
            (FieldType::Strings, json!([]), Ok(json!([]))),
            (FieldType::Strings, json!(["a", 1]), wrong("array of strings", "number")),
            (FieldType::Strings, json!([["a"]]), wrong("array of strings", "array")),
            (FieldType::Strings, json!(["too long"]), Err(FieldError::TooLong(5))),
            (FieldType::Strings, json!(many), Err(FieldError::TooMany)),
            (FieldType::Strings, json!("a"), wrong("array of strings", "string")),
            (FieldType::Strings, json!(null), Ok(json!(null))),
        ] {
            assert_eq!(field(kind).parse(&value).map(Cow::into_owned), expected, "{kind:?} {value}");
        }
        let required = UserField { required: true, ..field(FieldType::String) };
        assert_eq!(required.parse(&json!(null)), Err(FieldError::Required));
    }

    #[test]
    fn what_a_header_tells_is_short() {
        let told = |kind| UserField { max_length: 500, header: Some(HeaderName::from_static("x-a")), ..field(kind) };
        for (kind, value, is_short) in [
            (FieldType::String, json!("a".repeat(500)), true),
            (FieldType::String, json!("%".repeat(500)), true),
            (FieldType::String, json!("\u{1f600}".repeat(170)), true),
            (FieldType::String, json!("\u{1f600}".repeat(171)), false),
            (FieldType::Strings, json!(vec![",".repeat(33); 20]), true),
            (FieldType::Strings, json!(vec![",".repeat(34); 20]), false),
            (FieldType::Strings, json!(vec!["a".repeat(500); 5]), false),
        ] {
            let (told, stored) = (told(kind), json!({ "company": value }));
            assert_eq!(told.parse(&value).is_err(), !is_short, "{kind:?} {value}");
            assert_eq!(told.read(&stored).is_null(), !is_short, "what is stored nevertheless is not told either");
            assert!(UserField { header: None, ..told }.parse(&value).is_ok());
        }
    }

    #[test]
    fn the_headers_of_all_fields_are_short() {
        let name = |n: usize| format!("f{n}");
        let told = |n| UserField {
            name: name(n),
            header: Some(HeaderName::from_static("x-a")),
            max_length: 2048,
            ..field(FieldType::String)
        };
        let mut all: Vec<UserField> = (0..5).map(told).collect();
        all.push(UserField { max_length: 5000, ..field(FieldType::String) });
        let fields = UserFields::new(all);
        let stored = |count: usize| -> Value {
            (0..count).map(|n| (name(n), json!("a".repeat(2048)))).collect::<Map<_, _>>().into()
        };
        let set = |name: &str| Map::from_iter([(name.to_owned(), json!("a"))]);
        assert_eq!(fields.too_long_for_headers(&stored(4), &set("f3")), None);
        assert_eq!(fields.too_long_for_headers(&stored(5), &set("f4")), Some("f4"));
        assert_eq!(fields.too_long_for_headers(&stored(5), &set("company")), None, "that is in no header");
    }

    #[test]
    fn what_was_never_set_or_is_none_of_the_field_reads_as_the_default() {
        let fields = UserFields::new(vec![
            UserField { default: json!("free"), name: "plan".into(), ..field(FieldType::String) },
            UserField { returned: false, name: "hidden".into(), ..field(FieldType::String) },
            field(FieldType::Number),
        ]);
        for (stored, plan, company) in [
            (json!({}), json!("free"), json!(null)),
            (json!({ "plan": null, "company": 7, "hidden": "x", "other": 1 }), json!(null), json!(7)),
            (json!({ "plan": "pro", "company": "seven" }), json!("pro"), json!(null)),
            (json!({ "plan": 7 }), json!("free"), json!(null)),
            (json!(null), json!("free"), json!(null)),
        ] {
            assert_eq!(Value::Object(fields.shown(&stored)), json!({ "plan": plan, "company": company }), "{stored}");
        }
    }
}
