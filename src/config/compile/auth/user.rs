//! Compiles `auth.user:`.

use std::{
    collections::{BTreeMap, HashMap},
    ops::RangeInclusive,
};

use http::HeaderName;
use serde_json::Value;

use crate::{
    auth::AvatarSettings,
    config::{
        compile::values::{header_name, number, size, value},
        raw,
        source::{
            path::KeyPath,
            report::Report,
            text::{Text, Texts},
        },
    },
    pages::OWN_FIELDS,
    proxy::is_free_for_field,
    types::{FieldType, UserField, UserFields},
};

pub(crate) fn avatars(raw: &raw::Avatars, path: &KeyPath, report: &mut Report<'_>) -> AvatarSettings {
    let (path, default) = (path.key("max_size"), AvatarSettings::default());
    let shown = Text(format!("{}KiB", default.max_size / 1024));
    let Some(max_size) = size(raw.max_size.as_ref().unwrap_or(&shown), &path, report) else { return default };
    match usize::try_from(max_size) {
        Ok(max_size) if (AvatarSettings::MIN_SIZE..=AvatarSettings::MAX_SIZE).contains(&max_size) => {
            AvatarSettings { max_size }
        }
        _ => {
            report.invalid(&path, "must be 1KiB to 1MiB");
            default
        }
    }
}

/// Limits the fields of a configuration.
const MAX_FIELDS: usize = 50;
const DEFAULT_MAX_LENGTH: u32 = 255;
const LENGTHS: RangeInclusive<u32> = 1..=5000;
/// Bounds a text that a header carries: plain text is as long there, so that it fits [`UserField::MAX_HEADER`].
const HEADER_LENGTHS: RangeInclusive<u32> = 1..=500;

/// Lists what users, their claims and the bodies about them have already, in lower case and without `_`; and what
/// objects of JavaScript have.
const TAKEN: [&str; 67] = [
    "accountid",
    "amr",
    "aud",
    "auth",
    "azp",
    "banexpires",
    "banned",
    "banreason",
    "callbackurl",
    "code",
    "constructor",
    "createdat",
    "currentpassword",
    "definegetter",
    "displayusername",
    "email",
    "emailverified",
    "errorcallbackurl",
    "exp",
    "hasownproperty",
    "iat",
    "id",
    "image",
    "invitation",
    "isanonymous",
    "isprototypeof",
    "iss",
    "jti",
    "kid",
    "lastloginmethod",
    "lookupgetter",
    "message",
    "metadata",
    "name",
    "nbf",
    "newpassword",
    "newusercallbackurl",
    "nonce",
    "orgid",
    "orgrole",
    "orgslug",
    "otp",
    "password",
    "passwordhash",
    "phonenumber",
    "phonenumberverified",
    "propertyisenumerable",
    "proto",
    "prototype",
    "provider",
    "providerid",
    "redirect",
    "rememberme",
    "role",
    "roles",
    "session",
    "sid",
    "sub",
    "then",
    "token",
    "tostring",
    "twofactorenabled",
    "updatedat",
    "user",
    "userid",
    "username",
    "valueof",
];

pub(crate) fn additional_fields(
    raw: &BTreeMap<String, raw::AdditionalField>,
    taken: Option<&HeaderName>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> UserFields {
    if raw.len() > MAX_FIELDS {
        report.invalid(path, format!("there can be {MAX_FIELDS} fields"));
    }
    let mut headers = HashMap::new();
    let fields = raw.iter().map(|(name, raw)| {
        let path = path.key(name);
        check_name(name, &path, report);
        let field = field(name, raw, &path, report);
        if field.header.is_some() && field.header.as_ref() == taken {
            report.invalid(&path.key("header"), "is the header of identity.assertion already");
        }
        if let Some(header) = &field.header
            && let Some(other) = headers.insert(header.clone(), name.clone())
        {
            report.invalid(&path.key("header"), format!("{header} is the header of {other} already"));
        }
        field
    });
    let fields: Vec<UserField> = fields.collect();
    if fields.is_empty() {
        report.record(path, serde_json::Map::new());
    }
    let fields = UserFields::new(fields);
    if fields.header_length(&Value::Null) > UserFields::MAX_HEADERS {
        report.invalid(path, "the defaults of fields with headers come to more than 8 KiB, as headers carry them");
    }
    fields
}

fn check_name(name: &str, path: &KeyPath, report: &mut Report<'_>) {
    let is_plain = (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_plain {
        report.at_key(
            path,
            "a field is named by up to 64 letters, digits and _, beginning with a letter, for example company",
        );
        return;
    }
    let bare = |name: &str| name.to_ascii_lowercase().replace('_', "");
    if TAKEN.binary_search(&bare(name).as_str()).is_ok() {
        report.at_key(path, format!("{name} is taken: users, tokens or JavaScript have it already; take another name"));
    } else if OWN_FIELDS.iter().any(|own| bare(own) == bare(name)) {
        report.at_key(path, format!("{name} is taken: forms of the built-in pages have it already; take another name"));
    }
}

fn field(name: &str, raw: &raw::AdditionalField, path: &KeyPath, report: &mut Report<'_>) -> UserField {
    let kind = value(raw.kind, FieldType::String, &path.key("type"), report);
    let required = value(raw.required, false, &path.key("required"), report);
    let input = value(raw.input, true, &path.key("input"), report);
    let returned = value(raw.returned, true, &path.key("returned"), report);
    let header = raw.header.as_ref().and_then(|text| header(text, &path.key("header"), report));
    let is_text = matches!(kind, FieldType::String | FieldType::Strings);
    let lengths = if header.is_some() { HEADER_LENGTHS } else { LENGTHS };
    let max_length = match raw.max_length {
        Some(_) if !is_text => {
            report.at_key(&path.key("max_length"), "has a meaning with type: string and strings only");
            DEFAULT_MAX_LENGTH
        }
        None if !is_text => DEFAULT_MAX_LENGTH,
        written => number(written, DEFAULT_MAX_LENGTH, lengths, &path.key("max_length"), report),
    };
    let max_length = usize::try_from(max_length).unwrap_or(usize::MAX);
    let field =
        UserField { name: name.to_owned(), kind, required, input, returned, default: Value::Null, max_length, header };
    let default = default_value(raw.default.as_ref(), &field, &path.key("default"), report);
    if required && !input && default.is_null() {
        report.at_key(&path.key("required"), "nobody could sign up: the field needs a default, or input: true");
    }
    UserField { default, ..field }
}

fn default_value(raw: Option<&raw::FieldDefault>, field: &UserField, path: &KeyPath, report: &mut Report<'_>) -> Value {
    let Some(raw::FieldDefault(Texts(texts))) = raw else { return Value::Null };
    let parsed = match (field.kind, &texts[..]) {
        (FieldType::Strings, texts) => Some(texts.into()),
        (FieldType::String | FieldType::Date, [text]) => Some(text.as_str().into()),
        (FieldType::Number, [text]) => serde_json::from_str::<serde_json::Number>(text).ok().map(Value::from),
        (FieldType::Boolean, [text]) => text.parse::<bool>().ok().map(Value::from),
        (_, _) => None,
    };
    match parsed.as_ref().map(|value| field.parse(value)) {
        Some(Ok(default)) => return report.record(path, default.into_owned()),
        Some(Err(error)) => report.invalid(path, format!("is no value of the field: {error}")),
        None => report.invalid(path, "is no value of the field's type"),
    }
    Value::Null
}

fn header(text: &Text, path: &KeyPath, report: &mut Report<'_>) -> Option<HeaderName> {
    let Text(text) = text;
    report.record(path, text);
    match header_name(text) {
        Some(name) if is_free_for_field(&name) => return Some(name),
        Some(name) if name.as_str().starts_with("x-") => {
            report.invalid(path, format!("{name} has a meaning already; take one of your own"));
        }
        _ => {
            report.invalid(path, "a header begins with X- and holds letters, digits and -, for example X-User-Company");
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_taken_names_can_be_searched() {
        assert!(TAKEN.is_sorted() && TAKEN.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase())));
    }
}
