//! Reads what is said of API keys in bodies and queries.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    api::{
        Problem,
        extract::fields::{Fields, has_nul},
    },
    auth::{ApiKeyError, ApiKeySettings},
    types::{ApiKey, OrganizationId},
};

/// Lists what only an operator sets, on the command line: a key's owner could give themselves more (KEY-02).
const SERVER_ONLY: [&str; 7] = [
    "permissions",
    "remaining",
    "refillAmount",
    "refillInterval",
    "rateLimitEnabled",
    "rateLimitMax",
    "rateLimitTimeWindow",
];
/// Limits a key's metadata, in bytes of JSON.
const MAX_METADATA: usize = 2048;

/// Rejects a body that sets what is not its sender's to set.
pub(crate) fn reject_server_only(fields: &mut Fields<'_>) {
    // The client's types have `remaining: null` for none.
    let is_set = |key: &&str| fields.value(key).is_some_and(|value| !(value.is_null() && *key == "remaining"));
    if SERVER_ONLY.iter().any(is_set) {
        let message = "The property you're trying to set can only be set from the server auth instance only.";
        fields.reject("SERVER_ONLY_PROPERTY", message.to_owned());
    }
}

/// Reads which organization the keys belong to; `None` where they are one's own.
pub(crate) fn key_organization(fields: &mut Fields<'_>) -> Result<Option<OrganizationId>, Problem> {
    let text = fields.optional_string("organizationId");
    // A text that is no id names no organization, as an unknown one does.
    text.map(|text| text.parse().map_err(|_| ApiKeyError::NotAMember.into())).transpose()
}

/// Reads what a key is to be called, without the blanks around it.
pub(crate) fn key_name<'a>(fields: &mut Fields<'a>) -> Option<&'a str> {
    let name = fields.optional_string("name")?.trim();
    if !(1..=ApiKeySettings::MAX_NAME).contains(&name.chars().count()) {
        fields.reject_field(
            "name",
            "INVALID_NAME_LENGTH",
            "The name length is either too large or too small.".to_owned(),
        );
    } else if name.chars().any(char::is_control) {
        fields.complain("name", "Invalid input: expected a line");
    }
    Some(name)
}

/// Reads what a key is to begin with.
pub(crate) fn key_prefix<'a>(fields: &mut Fields<'a>) -> Option<&'a str> {
    let prefix = fields.optional_string("prefix")?;
    if !(1..=ApiKey::MAX_PREFIX).contains(&prefix.len()) {
        fields.reject_field(
            "prefix",
            "INVALID_PREFIX_LENGTH",
            "The prefix length is either too large or too small.".to_owned(),
        );
    } else if !ApiKey::is_prefix(prefix) {
        let complaint = "Invalid prefix format, must be alphanumeric and contain only underscores and hyphens.";
        fields.complain("prefix", complaint);
    }
    Some(prefix)
}

/// Reads how many seconds a key lasts; `Some(None)` where that is said to be no time in particular.
#[expect(clippy::option_option, reason = "absent leaves it, null takes it away")]
pub(crate) fn key_lifetime(fields: &mut Fields<'_>) -> Option<Option<u64>> {
    let value = fields.value("expiresIn")?;
    if value.is_null() {
        return Some(None);
    }
    let seconds = value.as_u64().filter(|seconds| *seconds >= 1);
    if seconds.is_none() {
        fields.complain("expiresIn", "Invalid input: expected a whole number of seconds, 1 or more");
    }
    Some(seconds)
}

/// Reads what its owner keeps with a key; `Some(None)` where that is nothing any more.
#[expect(clippy::option_option, reason = "absent leaves it, null takes it away")]
pub(crate) fn key_metadata<'a>(fields: &mut Fields<'a>) -> Option<Option<&'a Value>> {
    match fields.value("metadata")? {
        Value::Null => Some(None),
        value @ Value::Object(_) => {
            if value.to_string().len() > MAX_METADATA || has_nul(value) {
                fields.complain("metadata", "Too big: expected at most 2048 bytes of JSON, without \\u0000");
            }
            Some(Some(value))
        }
        _ => {
            fields.reject_field(
                "metadata",
                "INVALID_METADATA_TYPE",
                "metadata must be an object or undefined".to_owned(),
            );
            None
        }
    }
}

/// Reads what a key has to be allowed: actions by resource.
pub(crate) fn asked_permissions(fields: &mut Fields<'_>) -> BTreeMap<String, Vec<String>> {
    let Some(value) = fields.value("permissions").filter(|value| !value.is_null()) else { return BTreeMap::new() };
    let actions = |value: &Value| {
        value.as_array()?.iter().map(|action| action.as_str().map(str::to_owned)).collect::<Option<Vec<String>>>()
    };
    let read = value.as_object().and_then(|object| {
        object
            .iter()
            .map(|(resource, value)| Some((resource.clone(), actions(value)?)))
            .collect::<Option<BTreeMap<_, _>>>()
    });
    read.unwrap_or_else(|| {
        fields.complain("permissions", "Invalid input: expected lists of actions by resource");
        BTreeMap::new()
    })
}
