//! Reads the table of users: who somebody is, and the password.

use time::OffsetDateTime;

use crate::import::{
    django::{
        addresses,
        context::{Context, GROUP_OF_USER},
        second_factors,
    },
    fields::Fields,
    finding::Reason,
    person::{full_name, no_role, reserved_role, slug},
    record::{Ban, Password, Record, User},
    tables::Found,
};

/// Lists the columns that have a meaning of their own; all others may be additional fields.
const KNOWN: [&str; 4] = ["id", "email", "password", "username"];
/// Is the role that gateways take for administrators' unless their configuration says otherwise.
const ADMINISTRATOR: &str = "admin";

pub(super) fn read(row: &Fields, context: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let id = row.required("id")?;
    let (email, email_verified) = addresses::choose(row, found)?;
    // Django keeps no time of the last change, so that nothing overwrites what changed here.
    let joined_at = row.time_or("date_joined", OffsetDateTime::UNIX_EPOCH)?;
    let is_active = row.value("is_active").is_none() || row.flag("is_active");
    let name = row.text("name").or_else(|| row.text("full_name"));
    let roles = roles(row, context, found);
    found.push(Record::User(User {
        id: id.clone(),
        username: row.text("username").filter(|name| !name.eq_ignore_ascii_case(&email)),
        email,
        email_verified,
        name: name.unwrap_or_else(|| full_name(row.text("first_name"), row.text("last_name"))),
        image: None,
        roles,
        ban: (!is_active).then(|| Ban { at: context.now, reason: Some("inactive".to_owned()), expires_at: None }),
        language: None,
        additional_fields: row.all_but(&KNOWN),
        created_at: joined_at,
        updated_at: joined_at,
    }));
    if let Some(hash) = row.text("password") {
        let (created_at, updated_at) = (joined_at, joined_at);
        found.push(Record::Password(Password { user_id: id.clone(), hash, created_at, updated_at }));
    }
    second_factors::read(row, &id, context.now, found);
    Ok(())
}

/// Returns the roles that flags and groups stand for. No group makes administrators, whatever it is called.
fn roles(row: &Fields, context: &Context<'_>, found: &mut Found) -> Vec<String> {
    let settings = context.settings;
    let flags = [("is_staff", &settings.staff_role), ("is_superuser", &settings.superuser_role)];
    let of_flags: Vec<String> =
        flags.into_iter().filter(|(flag, _)| row.flag(flag)).filter_map(|(_, role)| role.clone()).collect();
    let is_reserved =
        |role: &str| role == ADMINISTRATOR || flags.iter().any(|(_, reserved)| reserved.as_deref() == Some(role));
    let mut roles = of_flags;
    for group in row.joined(GROUP_OF_USER).unwrap_or_default() {
        let Some(name) = group.text("group_id").and_then(|id| context.groups.get(&id)) else { continue };
        match slug(name) {
            Some(role) if is_reserved(&role) => found.changes.push(reserved_role(name, &role)),
            Some(role) => roles.push(role),
            None => found.changes.push(no_role(name)),
        }
    }
    roles
}
