//! Reads `user`.

use serde_json::Map;
use time::OffsetDateTime;

use crate::import::{
    better_auth::context::Context,
    fields::{Fields, plain},
    finding::Reason,
    record::{Ban, Record, User},
    tables::Found,
};

/// Lists the columns that have a meaning of their own, in the form of [`plain`]; all others may be additional fields.
const KNOWN: [&str; 16] = [
    "id",
    "email",
    "emailverified",
    "name",
    "image",
    "createdat",
    "updatedat",
    "twofactorenabled",
    "role",
    "banned",
    "banreason",
    "banexpires",
    "username",
    "displayusername",
    "isanonymous",
    "lastloginmethod",
];

pub(super) fn read(row: &Fields, _: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let created_at = row.time_or("createdAt", OffsetDateTime::UNIX_EPOCH)?;
    let updated_at = row.time_or("updatedAt", created_at)?;
    if row.flag("isAnonymous") {
        return Err(Reason::new(
            "ANONYMOUS",
            "is anonymous: there is nobody who could sign in",
            "nothing has to be done",
        ));
    }
    let ban = if row.flag("banned") {
        let (at, reason, expires_at) = (updated_at, row.text("banReason"), row.time("banExpires")?);
        Some(Ban { at, reason, expires_at })
    } else {
        None
    };
    // Columns of an ORM are spelled otherwise than the fields; the configuration decides which of both names counts.
    let additional_fields: Map<_, _> = row
        .all()
        .filter(|(name, value)| !value.is_null() && !KNOWN.contains(&plain(name).as_str()))
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    found.push(Record::User(User {
        id: row.required("id")?,
        email: row.required("email")?,
        email_verified: row.flag("emailVerified"),
        name: row.text("name").unwrap_or_default(),
        image: row.text("image"),
        roles: row.text("role").map(|roles| roles.split(',').map(str::to_owned).collect()).unwrap_or_default(),
        ban,
        username: row.text("displayUsername").or_else(|| row.text("username")),
        language: None,
        additional_fields,
        created_at,
        updated_at,
    }));
    Ok(())
}
