//! Reads `users`: who somebody is, and the password.

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::import::{
    fields::Fields,
    finding::Reason,
    person::{keep_settable, no_address},
    record::{Ban, Password, Record, User},
    supabase::{Context, factors},
    tables::Found,
};

/// Lists what the service itself writes into the data of the application.
const KNOWN: [&str; 4] = ["provider", "providers", "role", "roles"];

pub(super) fn read(row: &Fields, context: &Context, found: &mut Found) -> Result<(), Reason> {
    if row.value("deleted_at").is_some() {
        return Err(Reason::new("DELETED", "was deleted in the origin", "nothing has to be done"));
    }
    if row.flag("is_anonymous") {
        let message = "is anonymous: there is nobody who could sign in";
        return Err(Reason::new("ANONYMOUS", message, "nothing has to be done"));
    }
    let id = row.required("id")?;
    let email = row.text("email").ok_or_else(|| no_address(row.text("phone").is_some()))?;
    let created_at = row.time_or("created_at", OffsetDateTime::UNIX_EPOCH)?;
    let updated_at = row.time_or("updated_at", created_at)?;
    let of_user = object(row, "raw_user_meta_data");
    let of_application = object(row, "raw_app_meta_data");
    let text = |names: &[&str]| names.iter().find_map(|name| of_user.get(*name)?.as_str().map(str::to_owned));
    let (name, image) = (text(&["full_name", "name"]), text(&["avatar_url", "picture"]));
    let roles = roles(&of_application);
    let additional_fields = additional_fields(row, of_user, of_application, context, found);
    found.push(Record::User(User {
        id: id.clone(),
        email,
        email_verified: row.value("email_confirmed_at").is_some(),
        name: name.unwrap_or_default(),
        image,
        roles,
        ban: ban(row, updated_at, context.now)?,
        username: None,
        language: None,
        additional_fields,
        created_at,
        updated_at,
    }));
    if let Some(hash) = row.text("encrypted_password") {
        found.push(Record::Password(Password { user_id: id.clone(), hash, created_at, updated_at }));
    }
    factors::read(row, &id, context, found);
    Ok(())
}

fn object(row: &Fields, name: &str) -> Map<String, Value> {
    match row.json(name) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

/// Returns the roles. They are read nowhere but where the application writes: the other data users write themselves.
fn roles(of_application: &Map<String, Value>) -> Vec<String> {
    let one = of_application.get("role").and_then(Value::as_str);
    let several = of_application.get("roles").and_then(Value::as_array).into_iter().flatten();
    one.into_iter().chain(several.filter_map(Value::as_str)).map(str::to_owned).collect()
}

fn ban(row: &Fields, at: OffsetDateTime, now: OffsetDateTime) -> Result<Option<Ban>, Reason> {
    if row.text("banned_until").as_deref() == Some("infinity") {
        return Ok(Some(Ban { at, reason: None, expires_at: None }));
    }
    let until = row.time("banned_until")?.filter(|until| *until > now);
    Ok(until.map(|until| Ban { at, reason: None, expires_at: Some(until) }))
}

/// Gathers both kinds of data. What users may not set here does not come out of what they set there.
fn additional_fields(
    row: &Fields,
    of_user: Map<String, Value>,
    of_application: Map<String, Value>,
    context: &Context,
    found: &mut Found,
) -> Map<String, Value> {
    let mut fields: Map<String, Value> =
        row.text("phone").map(|phone| ("phone".to_owned(), phone.into())).into_iter().collect();
    let advice = "set it in raw_app_meta_data of the origin, or by SQL here";
    fields.extend(keep_settable(of_user, &context.protected_fields, advice, found));
    fields.extend(of_application.into_iter().filter(|(name, _)| !KNOWN.contains(&name.as_str())));
    fields
}
