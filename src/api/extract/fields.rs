//! Reads the fields of a body or query, with every complaint collected before the first is sent (contract §1). Keys
//! that nobody asks for are ignored (FAIL-08).

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::{
    api::{Problem, extract::caller::Caller, origin_check::readable_origin},
    auth::{AvatarSettings, CallbackUrl, DisplayName, Image, ImageError, Settings},
    language::{Language, Languages},
    types::{Email, FieldError, UserFields},
};

/// Reads fields by name. A missing or wrong one reads as the empty value, and [`Fields::finish`] fails then.
pub(crate) struct Fields<'a> {
    place: &'static str,
    object: &'a Map<String, Value>,
    complaints: Vec<String>,
    /// Names the fields that are complained of.
    wrong: Vec<String>,
    /// Says what is wrong in a way that has a code of its own.
    rejection: Option<Problem>,
}

impl<'a> Fields<'a> {
    /// Reads the fields of a JSON or form body.
    pub(crate) fn from_body(body: Option<&'a Value>) -> Result<Self, Problem> {
        match body {
            Some(Value::Object(object)) => Ok(Self::new("body", object)),
            other => {
                let complaint = format!("[body] Invalid input: expected object, received {}", kind(other));
                Err(Problem::validation(&[complaint]))
            }
        }
    }

    fn new(place: &'static str, object: &'a Map<String, Value>) -> Self {
        Self { place, object, complaints: Vec::new(), wrong: Vec::new(), rejection: None }
    }

    /// Reads the fields of a query.
    pub(crate) fn from_query(query: &'a Value) -> Result<Self, Problem> {
        Ok(Self { place: "query", ..Self::from_body(Some(query))? })
    }

    /// Reads a required string.
    pub(crate) fn string(&mut self, key: &str) -> &'a str {
        match self.object.get(key) {
            Some(Value::String(text)) => text,
            other => {
                self.complain(key, &format!("Invalid input: expected string, received {}", kind(other)));
                ""
            }
        }
    }

    /// Reads a string that may be left out.
    pub(crate) fn optional_string(&mut self, key: &str) -> Option<&'a str> {
        if self.object.contains_key(key) { Some(self.string(key)) } else { None }
    }

    /// Reads the fields of an object within this one.
    pub(crate) fn nested(&self, key: &str, place: &'static str) -> Result<Self, Problem> {
        match self.object.get(key) {
            Some(Value::Object(object)) => Ok(Self::new(place, object)),
            other => {
                let complaint =
                    format!("[{}.{key}] Invalid input: expected object, received {}", self.place, kind(other));
                Err(Problem::validation(&[complaint]).with_field(key))
            }
        }
    }

    /// Reads a boolean that may be left out.
    pub(crate) fn boolean_or(&mut self, key: &str, default: bool) -> bool {
        match self.object.get(key) {
            None => default,
            Some(Value::Bool(value)) => *value,
            other => {
                self.complain(key, &format!("Invalid input: expected boolean, received {}", kind(other)));
                default
            }
        }
    }

    /// Reads in which direction a list is sorted: ascending where nothing is said.
    pub(crate) fn is_descending(&mut self) -> bool {
        match self.optional_string("sortDirection") {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => {
                self.complain("sortDirection", "Invalid option: expected one of asc, desc");
                false
            }
        }
    }

    /// Reads a number of a query that may be left out; an empty text is none, as the plugins have it.
    pub(crate) fn number_within(&mut self, key: &str, range: &RangeInclusive<i64>) -> Option<i64> {
        let text = self.optional_string(key).filter(|text| !text.is_empty())?;
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let (min, max) = (range.start(), range.end());
            self.complain(key, &format!("Invalid input: expected a number from {min} to {max}"));
        }
        number
    }

    /// Reads up to twenty words without blanks, which may be left out.
    pub(crate) fn words(&mut self, key: &str) -> Vec<String> {
        let words = match self.object.get(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) if items.len() <= 20 => {
                let is_word =
                    |text: &&str| (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
                items.iter().map(|item| item.as_str().filter(is_word).map(str::to_owned)).collect::<Option<_>>()
            }
            Some(_) => None,
        };
        words.unwrap_or_else(|| {
            self.complain(key, "Invalid input: expected array of at most 20 strings without blanks");
            Vec::new()
        })
    }

    /// Reads a name that fits a line.
    pub(crate) fn display_name(&mut self, key: &str) -> DisplayName {
        let text = self.string(key);
        text.parse().unwrap_or_else(|error| {
            self.complain(key, &format!("{error}"));
            "".parse().expect("a name may be empty")
        })
    }

    /// Reads the address of a picture, shown to nobody but frontends, or a picture itself. `null` is none.
    pub(crate) fn image(&mut self, key: &str, rules: AvatarSettings) -> Option<Image> {
        if self.object.get(key).is_some_and(Value::is_null) {
            return None;
        }
        let text = self.optional_string(key)?;
        match Image::parse(text, rules.max_size) {
            Ok(image) => return Some(image),
            Err(ImageError::TooLarge) => self.rejection = Some(Problem::avatar_too_large(rules.max_size)),
            Err(error) => self.complain(key, &format!("Invalid input: {error}")),
        }
        None
    }

    /// Reads what the configuration adds to users. Where they are new, what is required has to be there.
    pub(crate) fn additional(&mut self, fields: &UserFields, is_new: bool) -> Map<String, Value> {
        let mut read = Map::new();
        for field in fields.iter() {
            let name = field.name.as_str();
            match self.object.get(name) {
                // This is as for a field with a default that nobody may set at sign-up (contract of the plugin).
                Some(value) if !field.input => {
                    let is_ignored = !is_truthy(value) || (is_new && !field.default.is_null());
                    if !is_ignored {
                        self.reject_field(name, "FIELD_NOT_ALLOWED", format!("{name} is not allowed to be set"));
                    }
                }
                Some(Value::Null) if is_new && !field.default.is_null() => {}
                Some(value) => match field.parse(value) {
                    Ok(value) => drop(read.insert(name.to_owned(), value.into_owned())),
                    Err(error) => self.complain(name, &format!("Invalid input: {error}")),
                },
                None if is_new && field.required && field.default.is_null() => {
                    self.reject_field(name, "MISSING_FIELD", format!("{name} is required"));
                }
                None => {}
            }
        }
        // The stored fields of an existing user count too: the flow that changes them sees that.
        if is_new {
            let stored = Value::Object(read.clone());
            if let Some(name) = fields.too_long_for_headers(&stored, &read) {
                self.complain(name, &format!("Invalid input: {}", FieldError::HeadersTooLong));
            }
        }
        read
    }

    /// Reads the code of a language that is offered; null is none.
    pub(crate) fn language(&mut self, key: &str, offered: &Languages) -> Option<Language> {
        match self.object.get(key) {
            Some(Value::String(code)) => {
                let language = Language::parse(code).filter(|language| offered.contains(*language));
                if language.is_none() {
                    let codes: Vec<&str> = offered.iter().map(Language::code).collect();
                    self.reject_field(key, "LANGUAGE_NOT_OFFERED", format!("{key} is one of {}", codes.join(", ")));
                }
                language
            }
            Some(Value::Null) | None => None,
            Some(_) => {
                self.complain(key, "Invalid input: expected string");
                None
            }
        }
    }

    /// Returns a value as it is, where there is one.
    pub(crate) fn value(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key)
    }

    /// Fails with a code of its own, unless something else does.
    pub(crate) fn reject(&mut self, code: &'static str, message: String) {
        self.rejection.get_or_insert_with(|| Problem::bad_request(code, message));
    }

    /// Does the same with a problem that is about one field.
    pub(crate) fn reject_field(&mut self, key: &str, code: &'static str, message: String) {
        self.rejection.get_or_insert_with(|| Problem::bad_request(code, message).with_field(key));
    }

    /// Fails with every complaint at once.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.rejection {
            _ if !self.complaints.is_empty() => {
                let problem = Problem::validation(&self.complaints);
                Err(self.wrong.into_iter().fold(problem, Problem::with_field))
            }
            Some(rejection) => Err(rejection),
            None => Ok(()),
        }
    }

    pub(crate) fn complain(&mut self, key: &str, complaint: &str) {
        self.complaints.push(format!("[{}.{key}] {complaint}", self.place));
        self.wrong.push(key.to_owned());
    }
}

/// Finds the one character that PostgreSQL stores nowhere.
pub(crate) fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(object) => object.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Reads what a passkey is to be called, without the blanks around it.
pub(crate) fn passkey_name<'a>(fields: &mut Fields<'a>, is_required: bool) -> Option<&'a str> {
    let text = if is_required { Some(fields.string("name")) } else { fields.optional_string("name") };
    let name = text?.trim();
    if !(1..=64).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        fields.complain("name", "Invalid input: expected a line of 1 to 64 characters");
    }
    Some(name)
}

static NULL: Value = Value::Null;

/// Reads what an authenticator answered, as far as it is an object.
pub(crate) fn passkey_response<'a>(fields: &mut Fields<'a>) -> &'a Value {
    match fields.object.get("response") {
        Some(response @ Value::Object(_)) => response,
        other => {
            fields.complain("response", &format!("Invalid input: expected object, received {}", kind(other)));
            &NULL
        }
    }
}

/// Parses an address; a wrong one has a code of its own (contract §3.1).
pub(crate) fn email(text: &str) -> Result<Email, Problem> {
    text.parse().map_err(|_| Problem::bad_request("INVALID_EMAIL", "Invalid email"))
}

/// Parses a target; an empty one is none.
pub(crate) fn callback_url(text: Option<&str>, settings: &Settings) -> Result<Option<CallbackUrl>, Problem> {
    match text {
        None | Some("") => Ok(None),
        Some(text) => match CallbackUrl::parse(text, &settings.trusted_origins, &settings.public_url) {
            Ok(target) => Ok(Some(target)),
            Err(error) => Err(match readable_origin(text) {
                Some(origin) if !settings.trusted_origins.allows_header(&origin) => {
                    Problem::from(error).with_cause(UntrustedTarget(origin))
                }
                _ => error.into(),
            }),
        },
    }
}

/// Parses a target that a page asks for: a path of a frontend elsewhere leads there, not to a path of ours.
pub(crate) fn page_callback_url(
    text: Option<&str>,
    caller: &Caller,
    settings: &Settings,
) -> Result<Option<CallbackUrl>, Problem> {
    let Some(target) = callback_url(text, settings)? else { return Ok(None) };
    let Some(page) = &caller.page else { return Ok(Some(target)) };
    Ok(Some(target.seen_from(page, &settings.trusted_origins, &settings.public_url)?))
}

/// Tells the operator where a frontend wanted to go, and what would admit it.
#[derive(Debug, thiserror::Error)]
#[error("a target of the origin {0} was refused; if its pages are yours, add it to auth.trusted_origins")]
struct UntrustedTarget(String);

/// Does the same for `redirectTo`, whose error has a code of its own (contract §6.3).
pub(crate) fn redirect_to(
    text: Option<&str>,
    caller: &Caller,
    settings: &Settings,
) -> Result<Option<CallbackUrl>, Problem> {
    page_callback_url(text, caller, settings)
        .map_err(|problem| problem.renamed("INVALID_REDIRECT_URL", "Invalid redirectURL"))
}

/// Does the same for `errorCallbackURL`.
pub(crate) fn error_callback_url(
    text: Option<&str>,
    caller: &Caller,
    settings: &Settings,
) -> Result<Option<CallbackUrl>, Problem> {
    let (code, message) = ("INVALID_ERROR_CALLBACK_URL", "Invalid errorCallbackURL");
    page_callback_url(text, caller, settings).map_err(|problem| problem.renamed(code, message))
}

/// Does the same for `newUserCallbackURL`.
pub(crate) fn new_user_callback_url(
    text: Option<&str>,
    caller: &Caller,
    settings: &Settings,
) -> Result<Option<CallbackUrl>, Problem> {
    let (code, message) = ("INVALID_NEW_USER_CALLBACK_URL", "Invalid newUserCallbackURL");
    page_callback_url(text, caller, settings).map_err(|problem| problem.renamed(code, message))
}

/// Tells what JavaScript makes of a value where it wants a yes or no.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(problem: &Problem) -> Value {
        let (_, _, body) = problem.parts(None);
        serde_json::from_slice(&body).unwrap()
    }

    fn message(problem: &Problem) -> String {
        body(problem)["message"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_nul_is_found_wherever_it_stands_and_nothing_that_looks_like_one() {
        for (value, expected) in [
            (json!({ "a": ["x", { "b": "\0" }] }), true),
            (json!({ "\0": 1 }), true),
            (json!({ "a": "\\u0000" }), false),
            (json!(null), false),
        ] {
            assert_eq!(has_nul(&value), expected, "{value}");
        }
    }

    #[test]
    fn names_every_wrong_field_at_once() {
        for (body, expected) in [
            (json!({"name": "A", "email": "a@b.example", "rememberMe": false}), None),
            (json!({"name": "A", "email": "a@b.example", "role": "admin", "image": null}), None),
            (
                json!({"email": 7, "rememberMe": "true"}),
                Some(
                    "[body.name] Invalid input: expected string, received undefined; \
                     [body.email] Invalid input: expected string, received number; \
                     [body.rememberMe] Invalid input: expected boolean, received string",
                ),
            ),
            (
                json!({"name": ["A"], "email": {"a": 1}, "image": 1}),
                Some(
                    "[body.name] Invalid input: expected string, received array; \
                     [body.email] Invalid input: expected string, received object; \
                     [body.image] Invalid input: expected string, received number",
                ),
            ),
            (
                json!({"name": "a\nb", "email": null}),
                Some(
                    "[body.name] Invalid input: expected string without control characters; \
                     [body.email] Invalid input: expected string, received null",
                ),
            ),
        ] {
            let mut fields = Fields::from_body(Some(&body)).unwrap();
            fields.display_name("name");
            fields.string("email");
            fields.boolean_or("rememberMe", true);
            fields.image("image", AvatarSettings::default());
            let problem = fields.finish().err();
            assert_eq!(problem.as_ref().map(message).as_deref(), expected, "{body}");
            assert!(problem.is_none_or(|problem| problem.code() == "VALIDATION_ERROR"));
        }
    }

    #[test]
    fn the_response_lists_the_fields() {
        let sent = json!({ "name": "A", "email": 7, "rememberMe": "true" });
        let mut fields = Fields::from_body(Some(&sent)).unwrap();
        for key in ["name", "email", "email"] {
            fields.string(key);
        }
        fields.boolean_or("rememberMe", true);
        assert_eq!(body(&fields.finish().unwrap_err())["fields"], json!(["email", "rememberMe"]));
        let mut fields = Fields::from_body(Some(&sent)).unwrap();
        fields.reject_field("company", "MISSING_FIELD", "company is required".to_owned());
        assert_eq!(body(&fields.finish().unwrap_err())["fields"], json!(["company"]));
    }

    #[test]
    fn a_body_is_an_object() {
        for (body, kind) in [(None, "undefined"), (Some(json!([])), "array"), (Some(json!("x")), "string")] {
            let problem = Fields::from_body(body.as_ref()).err().unwrap();
            assert_eq!(message(&problem), format!("[body] Invalid input: expected object, received {kind}"));
        }
    }
}
