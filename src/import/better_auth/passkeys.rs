//! Reads `passkey`.

use time::OffsetDateTime;

use crate::import::{
    better_auth::context::Context,
    fields::Fields,
    finding::Reason,
    record::{Passkey, Record},
    tables::Found,
};

pub(super) fn read(row: &Fields, _: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let transports = row.text("transports").unwrap_or_default();
    found.push(Record::Passkey(Passkey {
        id: row.required("id")?,
        user_id: row.required("userId")?,
        name: row.text("name"),
        credential_id: row.required("credentialID")?,
        public_key: row.required("publicKey")?,
        // The library makes a new one for each passkey and keeps none.
        user_handle: None,
        counter: row.number("counter").and_then(|counter| u32::try_from(counter).ok()).unwrap_or_default(),
        backup_eligible: row.text("deviceType").is_some_and(|kind| kind == "multiDevice"),
        backed_up: row.flag("backedUp"),
        transports: transports.split(',').filter(|way| !way.is_empty()).map(|way| way.trim().to_owned()).collect(),
        aaguid: row.text("aaguid"),
        created_at: row.time_or("createdAt", OffsetDateTime::UNIX_EPOCH)?,
        last_used_at: None,
    }));
    Ok(())
}
