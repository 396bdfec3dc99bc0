//! Reads one user of an export.

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::import::{
    fields::Fields,
    finding::Reason,
    keycloak::{credentials, settings::Keycloak},
    person::{full_name, identity, keep_settable, no_address, no_role, reserved_role, slug},
    record::{Ban, Record, User},
    tables::Found,
};

/// Are roles of the realm that everybody has, and that are for Keycloak itself.
const OWN_ROLES: [&str; 2] = ["offline_access", "uma_authorization"];
const DEFAULT_ROLES: &str = "default-roles-";
/// Are the clients of Keycloak itself.
const OWN_CLIENTS: [&str; 6] =
    ["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"];
/// Is the role that gateways take for administrators' unless their configuration says otherwise.
const ADMINISTRATOR: &str = "admin";

/// Holds what an object cannot say by itself.
pub(super) struct Context<'a> {
    pub(super) settings: &'a Keycloak,
    /// Are additional fields that users may not set themselves.
    pub(super) protected_fields: Vec<String>,
    pub(super) now: OffsetDateTime,
}

pub(super) fn read(row: &Fields, context: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let service = row.text("serviceAccountClientId").or_else(|| row.text("serviceAccountClientLink"));
    if let Some(client) = service {
        let message = format!("is the service account of the client {client:?}, and nobody who could sign in");
        return Err(Reason::new("SERVICE_ACCOUNT", message, "give the program an API key"));
    }
    let id = row.required("id")?;
    let email = row.text("email").ok_or_else(|| no_address(false))?;
    let created_at = row.time_or("createdTimestamp", OffsetDateTime::UNIX_EPOCH)?;
    let is_enabled = row.value("enabled").is_none() || row.flag("enabled");
    let (attributes, roles) = (attributes(row), roles(row, context.settings, found));
    let image = attributes.get("picture").and_then(Value::as_str).map(str::to_owned);
    let language = attributes.get("locale").and_then(Value::as_str).map(str::to_owned);
    // The account console lets users write attributes, unless the realm says otherwise.
    let advice = "set it by SQL here, for those whose administrators wrote it";
    let additional_fields = keep_settable(with_names(attributes, row), &context.protected_fields, advice, found);
    found.push(Record::User(User {
        id: id.clone(),
        username: row.text("username").filter(|name| !name.eq_ignore_ascii_case(&email)),
        email,
        email_verified: row.flag("emailVerified"),
        name: full_name(row.text("firstName"), row.text("lastName")),
        image,
        roles,
        ban: (!is_enabled).then(|| Ban { at: context.now, reason: Some("disabled".to_owned()), expires_at: None }),
        language,
        additional_fields,
        created_at,
        // Keycloak keeps no time of the last change, so that nothing overwrites what changed here.
        updated_at: created_at,
    }));
    if texts(row.value("requiredActions")).contains(&"UPDATE_PASSWORD") {
        found.changes.push(Reason::new(
            "PASSWORD_TO_BE_CHANGED",
            "Keycloak would have asked for a new password at the next sign-in",
            "ask the user to choose one with \"Forgot your password?\"",
        ));
    }
    credentials::read(row, &id, created_at, found);
    let accounts = row.value("federatedIdentities").and_then(Value::as_array);
    for account in accounts.into_iter().flatten() {
        let text = |name: &str| account.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        found.push(Record::Identity(identity(&id, text("identityProvider"), text("userId"), created_at)));
    }
    Ok(())
}

fn texts(list: Option<&Value>) -> Vec<&str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Returns the attributes: lists, those of one value as the value itself.
fn attributes(row: &Fields) -> Map<String, Value> {
    let Some(attributes) = row.value("attributes").and_then(Value::as_object) else { return Map::new() };
    let value = |value: &Value| match value.as_array().map(Vec::as_slice) {
        Some([one]) => one.clone(),
        _ => value.clone(),
    };
    attributes.iter().map(|(name, found)| (name.clone(), value(found))).collect()
}

/// Adds both names for a configuration that keeps them apart.
fn with_names(mut fields: Map<String, Value>, row: &Fields) -> Map<String, Value> {
    for name in ["firstName", "lastName"] {
        if let Some(text) = row.text(name) {
            fields.insert(name.to_owned(), text.into());
        }
    }
    fields
}

/// Returns the roles of the realm, those of the clients that were named, and groups where these were asked for.
fn roles(row: &Fields, settings: &Keycloak, found: &mut Found) -> Vec<String> {
    let of_realm = texts(row.value("realmRoles"));
    let is_own = |role: &str| OWN_ROLES.contains(&role) || role.starts_with(DEFAULT_ROLES);
    let mut roles: Vec<String> = of_realm.into_iter().filter(|role| !is_own(role)).map(str::to_owned).collect();
    let mut others = Vec::new();
    for (client, of_client) in row.value("clientRoles").and_then(Value::as_object).into_iter().flatten() {
        if settings.clients.contains(client) {
            roles.extend(texts(Some(of_client)).into_iter().map(str::to_owned));
        } else if !OWN_CLIENTS.contains(&client.as_str()) && !texts(Some(of_client)).is_empty() {
            others.push(client.as_str());
        }
    }
    if !others.is_empty() {
        found.changes.push(Reason::new(
            "CLIENT_ROLES_LEFT_OUT",
            format!("the roles of the clients {} do not come", others.join(", ")),
            "let the roles of a client come with --client NAME",
        ));
    }
    let groups = texts(row.value("groups"));
    if !settings.takes_groups && !groups.is_empty() {
        found.changes.push(Reason::new(
            "GROUPS_LEFT_OUT",
            format!("the groups {} do not come", groups.join(", ")),
            "let groups become roles with --groups; roles that a group gives do not come with it",
        ));
        return roles;
    }
    for group in groups {
        match slug(group) {
            Some(role) if role == ADMINISTRATOR => found.changes.push(reserved_role(group, &role)),
            Some(role) => roles.push(role),
            None => found.changes.push(no_role(group)),
        }
    }
    roles
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;

    #[test]
    fn what_users_may_write_there_fills_no_field_that_they_may_not_set_here() {
        let settings = Keycloak { path: PathBuf::new(), realm: None, clients: Vec::new(), takes_groups: false };
        let (protected_fields, now) = (vec!["plan".to_owned()], OffsetDateTime::UNIX_EPOCH);
        let context = Context { settings: &settings, protected_fields, now };
        let Value::Object(user) = json!({
            "id": "a", "email": "a@example.com", "attributes": { "plan": ["enterprise"], "company": ["Acme"] },
        }) else {
            panic!("a user is an object")
        };
        let mut found = Found::default();
        read(&Fields::of_object(user), &context, &mut found).unwrap();
        let [Record::User(user)] = found.records.as_slice() else { panic!("{:?}", found.records) };
        assert_eq!(user.additional_fields.keys().collect::<Vec<_>>(), ["company"]);
        assert_eq!(found.changes.iter().map(|reason| reason.code).collect::<Vec<_>>(), ["FIELD_SET_BY_USER"]);
    }
}
