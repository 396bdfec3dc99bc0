//! Reads `identities`: accounts at providers.

use serde_json::Value;
use time::OffsetDateTime;

use crate::import::{
    fields::Fields, finding::Reason, person::identity, record::Record, supabase::context::Context, tables::Found,
};

pub(super) fn read(row: &Fields, _: &Context, found: &mut Found) -> Result<(), Reason> {
    let provider = row.required("provider")?;
    // They stand for the password and for the telephone number.
    if provider == "email" || provider == "phone" {
        return Ok(());
    }
    let subject = || match row.json("identity_data")?.get("sub")? {
        Value::String(subject) => Some(subject.clone()),
        Value::Number(subject) => Some(subject.to_string()),
        _ => None,
    };
    // The column is new; before, the key was the id at the provider.
    let account_id = row.text("provider_id").or_else(subject).or_else(|| row.text("id"));
    let account_id = account_id.map_or_else(|| row.required("provider_id"), Ok)?;
    let created_at = row.time_or("created_at", OffsetDateTime::UNIX_EPOCH)?;
    let mut identity = identity(&row.required("user_id")?, provider, account_id, created_at);
    identity.updated_at = row.time_or("updated_at", created_at)?;
    found.push(Record::Identity(identity));
    Ok(())
}
