//! Reads `user`.

use serde_json::Map;
use time::OffsetDateTime;

use crate::import::{
    better_auth::context::Context,
    fields::{Fields, plain},
    finding::Reason,
    record::{Ban, Record, TwoFactor, User},
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

pub(super) fn read(row: &Fields, context: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
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
    let id = row.required("id")?;
    found.push(Record::User(User {
        id: id.clone(),
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
    if context.without_proof.contains(&id) {
        found.push(Record::TwoFactor(TwoFactor {
            user_id: id,
            secret: None,
            backup_codes: Vec::new(),
            backup_code_hashes: Vec::new(),
            enabled_at: context.now,
        }));
        found.changes.push(Reason::new(
            "SECOND_FACTOR_UNUSABLE",
            "has a second factor, of which there is no row that was proved",
            "codes are mailed to the user in place of the app's, until one is set up anew",
        ));
    }
    Ok(())
}
