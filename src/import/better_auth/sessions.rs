//! Reads `session`.

use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::import::{
    better_auth::context::Context,
    fields::Fields,
    finding::Reason,
    ids::{derived_id, hex},
    record::{Record, Session},
    tables::Found,
};

/// Is the life of a session that is not remembered (contract §2.5); whatever else lives exactly so long is taken for
/// one too.
const NOT_REMEMBERED: Duration = Duration::DAY;

pub(super) fn read(row: &Fields, _: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let token = row.required("token")?;
    let expires_at = row.required("expiresAt").and_then(|_| row.time_or("expiresAt", OffsetDateTime::UNIX_EPOCH))?;
    let created_at = row.time_or("createdAt", expires_at)?;
    // An administrator's power over somebody ends with the move.
    if row.text("impersonatedBy").is_some() {
        return Ok(());
    }
    let life = expires_at - created_at;
    found.push(Record::Session(Session {
        // Upstreams see the id, so the token may not stand for it.
        id: row.text("id").unwrap_or_else(|| derived_id(&token)),
        user_id: row.required("userId")?,
        token_hash: hex(&Sha256::digest(token.as_bytes())),
        auth_method: "imported".to_owned(),
        remember: (life - NOT_REMEMBERED).abs() > Duration::SECOND,
        ip_address: row.text("ipAddress").unwrap_or_default(),
        user_agent: row.text("userAgent").unwrap_or_default(),
        active_organization_id: row.text("activeOrganizationId"),
        created_at,
        updated_at: row.time_or("updatedAt", created_at)?,
        expires_at,
    }));
    Ok(())
}
