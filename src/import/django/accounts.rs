//! Reads accounts of django-allauth at providers, with their tokens.

use time::OffsetDateTime;

use crate::import::{
    django::context::{Context, TOKEN},
    fields::Fields,
    finding::Reason,
    person::identity,
    record::Record,
    tables::Found,
};

pub(super) fn read(row: &Fields, _: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let linked_at = row.time_or("date_joined", OffsetDateTime::UNIX_EPOCH)?;
    let mut identity = identity(&row.required("user_id")?, row.required("provider")?, row.required("uid")?, linked_at);
    // The last one is the newest.
    if let Some(token) = row.joined(TOKEN).and_then(<[Fields]>::last) {
        identity.access_token = token.text("token");
        identity.refresh_token = token.text("token_secret");
        identity.access_token_expires_at = token.time("expires_at")?;
    }
    found.push(Record::Identity(identity));
    Ok(())
}
