//! Compiles `auth.admin:`.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use crate::{
    auth::admin::{AdminSettings, Permission, Permissions},
    config::{
        compile::values::{duration, is_name, value},
        raw,
        source::{
            path::KeyPath,
            report::{Report, did_you_mean, listed},
            text::Text,
        },
    },
};

pub(crate) fn compile(raw: &raw::Admin, path: &KeyPath, report: &mut Report<'_>) -> Option<AdminSettings> {
    let is_enabled = value(raw.enabled, false, &path.key("enabled"), report);
    let roles = roles(&raw.roles, &path.key("roles"), report);
    let impersonation = impersonation(&raw.impersonation, &path.key("impersonation"), report);
    let set_passwords = value(raw.set_passwords, false, &path.key("set_passwords"), report);
    is_enabled.then_some(AdminSettings { roles, impersonation, set_passwords })
}

fn impersonation(raw: &raw::Impersonation, path: &KeyPath, report: &mut Report<'_>) -> Option<Duration> {
    const RANGE: RangeInclusive<Duration> = Duration::from_mins(1)..=AdminSettings::IMPERSONATION;
    let is_enabled = value(raw.enabled, false, &path.key("enabled"), report);
    let key = path.key("expires_in");
    let expires_in = duration(raw.expires_in.as_ref(), AdminSettings::IMPERSONATION, &key, report);
    if !RANGE.contains(&expires_in) {
        report.invalid(&key, "must be 1m to 1h");
    }
    is_enabled.then_some(expires_in)
}

/// Returns what each role permits. What is written takes the place of the default.
fn roles(raw: &BTreeMap<String, Vec<Text>>, path: &KeyPath, report: &mut Report<'_>) -> BTreeMap<String, Permissions> {
    if raw.is_empty() {
        let default = AdminSettings::default().roles;
        report.record(
            &path.key(AdminSettings::ROLE),
            ["user:*", "session:*", "audit:*", "organization:*", "mail:*", "health:*"],
        );
        return default;
    }
    let mut roles = BTreeMap::new();
    for (role, written) in raw {
        let role_path = path.key(role);
        if !is_name(role, b"_:-") {
            report.at_key(&role_path, "a role is 1 to 64 characters out of a-z 0-9 _ : -");
        }
        report.record(&role_path, written);
        let mut permissions = Permissions::default();
        for (index, Text(text)) in written.iter().enumerate() {
            if let Some(named) = named(text) {
                permissions = named.into_iter().fold(permissions, Permissions::with);
            } else {
                let known = names();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let hint = did_you_mean(text, known.iter().copied());
                let message = format!("unknown permission{hint} valid: {}", listed(known.iter().copied()));
                report.at(&role_path.index(index), message);
            }
        }
        roles.insert(role.clone(), permissions);
    }
    roles
}

/// Returns the permissions that a text stands for.
fn named(text: &str) -> Option<Vec<Permission>> {
    let (resource, action) = text.split_once(':')?;
    let of_resource = Permission::ALL.into_iter().filter(|permission| permission.names().0 == resource);
    let named: Vec<Permission> = match action {
        "*" => of_resource.filter(|permission| !permission.is_written_out()).collect(),
        action => of_resource.filter(|permission| permission.names().1 == action).collect(),
    };
    (!named.is_empty()).then_some(named)
}

fn names() -> Vec<String> {
    let all = ["user:*", "session:*", "audit:*", "organization:*", "mail:*", "health:*"].map(str::to_owned);
    let single = Permission::ALL.into_iter().map(|permission| {
        let (resource, action) = permission.names();
        format!("{resource}:{action}")
    });
    all.into_iter().chain(single).collect()
}
