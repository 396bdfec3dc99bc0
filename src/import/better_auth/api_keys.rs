//! Reads `apikey`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use time::OffsetDateTime;

use crate::import::{
    better_auth::context::Context,
    fields::Fields,
    finding::Reason,
    ids::hex,
    record::{ApiKey, RateLimit, Record, Refill},
    tables::Found,
};

pub(super) fn read(row: &Fields, _: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let hash = URL_SAFE_NO_PAD.decode(row.required("key")?.trim_end_matches('=')).map_err(|_| no_hash())?;
    let created_at = row.time_or("createdAt", OffsetDateTime::UNIX_EPOCH)?;
    let refill = match (row.number("refillAmount"), row.number("refillInterval")) {
        (Some(amount), Some(interval_ms)) => Some(Refill { amount, interval_ms, last_at: row.time("lastRefillAt")? }),
        _ => None,
    };
    let rate_limit = match (row.number("rateLimitMax"), row.number("rateLimitTimeWindow")) {
        (Some(max), Some(window_ms)) if row.flag("rateLimitEnabled") => Some(RateLimit { max, window_ms }),
        _ => None,
    };
    found.push(Record::ApiKey(ApiKey {
        id: row.required("id")?,
        // Is called so up to release 1.4.
        user_id: row.text("userId").map_or_else(|| row.required("referenceId"), Ok)?,
        key_hash: hex(&hash),
        name: row.text("name"),
        prefix: row.text("prefix"),
        start: row.text("start"),
        enabled: row.value("enabled").is_none() || row.flag("enabled"),
        expires_at: row.time("expiresAt")?,
        metadata: row.json("metadata"),
        permissions: row.json("permissions"),
        remaining: row.number("remaining"),
        refill,
        rate_limit,
        created_at,
        updated_at: row.time_or("updatedAt", created_at)?,
        last_used_at: row.time("lastRequest")?,
    }));
    Ok(())
}

fn no_hash() -> Reason {
    Reason::new(
        "API_KEY_INVALID",
        "the key is not stored as SHA-256 in base64url, so that nobody could present it",
        "the owner makes a new key",
    )
}
