//! Keeps API keys working.

use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::{
    import::{
        destination::{Destination, no_user, outcome::Outcome, stored_length},
        error::ImportError,
        finding::Reason,
        ids::{distinct_id, local_id, unhex},
        place::Located,
        record::{ApiKey, Kind},
    },
    store::imports::accounts::{self, NewApiKey},
};

const KIND: Kind = Kind::ApiKey;
/// Limits windows and intervals to 366 days.
const MAX_MS: i64 = 31_622_400_000;
/// Is what a key without a limit of its own has to say, since the table knows none: nobody counts by it.
const NO_LIMIT: (i64, i64) = (1_000_000_000, 86_400_000);
/// Limits the JSON of metadata and permissions, in bytes.
const MAX_JSON: usize = 4096;

impl Destination {
    pub(super) async fn write_api_keys(
        &self,
        connection: &mut PgConnection,
        records: &[Located<ApiKey>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        if records.is_empty() {
            return Ok(());
        }
        out.count(KIND).read += records.len() as u64;
        let locals = self.local_users(connection, records.iter().map(|located| &located.record.user_id), out).await?;
        let mut rows: Vec<NewApiKey> = Vec::new();
        for Located { place, record } in records {
            let Some(local) = locals.get(&record.user_id) else {
                out.left_out(KIND, place, no_user(&record.user_id));
                continue;
            };
            if self.was_seen(KIND, local, record.created_at) {
                out.count(KIND).unchanged += 1;
                continue;
            }
            match api_key(record, &local.id, &self.origin) {
                Ok(row) => rows.push(row),
                Err(reason) => out.left_out(KIND, place, reason),
            }
        }
        let all = rows.len() as u64;
        let written = if self.dry_run { all } else { accounts::insert_api_keys(connection, &rows).await?.len() as u64 };
        out.count(KIND).imported += written;
        out.count(KIND).unchanged += all - written;
        Ok(())
    }
}

fn api_key(record: &ApiKey, user_id: &str, origin: &str) -> Result<NewApiKey, Reason> {
    if unhex(&record.key_hash).is_none_or(|hash| hash.len() != 32) {
        return Err(invalid("the hash of the key is not SHA-256 in hexadecimal digits"));
    }
    let metadata = record.metadata.clone().filter(Value::is_object);
    let permissions = record.permissions.clone().filter(Value::is_object).unwrap_or_else(|| json!({}));
    if [metadata.as_ref(), Some(&permissions)].into_iter().flatten().any(|value| stored_length(value) > MAX_JSON) {
        return Err(invalid("its metadata or permissions have more than 4096 bytes"));
    }
    let refill = record.refill.as_ref();
    let limit = record.rate_limit.as_ref();
    let (max, window) = limit.map_or(NO_LIMIT, |limit| (limit.max, limit.window_ms));
    let is_in_range = |amount: i64, ms: i64| amount >= 1 && (1..=MAX_MS).contains(&ms);
    let is_sound = record.remaining.is_none_or(|remaining| remaining >= 0)
        && is_in_range(max, window)
        && refill.is_none_or(|refill| is_in_range(refill.amount, refill.interval_ms));
    if !is_sound {
        return Err(invalid("its limits are negative, zero, or longer than 366 days"));
    }
    let prefix: String =
        record.prefix.as_deref().unwrap_or_default().chars().filter(|c| is_word(*c)).take(32).collect();
    let prefix = if prefix.is_empty() { "key".to_owned() } else { prefix };
    let name: Option<String> =
        record.name.as_deref().map(|name| name.chars().filter(|c| !c.is_control()).take(64).collect());
    let start = record.start.as_deref().filter(|start| !start.is_empty()).unwrap_or(&prefix);
    let id = local_id(&record.id);
    Ok(NewApiKey {
        id: if id.starts_with("key_") { id } else { format!("key_{}", id.chars().take(60).collect::<String>()) },
        other_id: format!("key_{}", distinct_id(origin, &record.id)),
        user_id: user_id.to_owned(),
        key_hash: record.key_hash.clone(),
        name: name.filter(|name| !name.is_empty()),
        start: start.chars().take(64).collect(),
        prefix,
        enabled: record.enabled,
        expires_at: record.expires_at,
        metadata,
        permissions,
        remaining: record.remaining,
        refill_amount: refill.map(|refill| refill.amount),
        refill_interval_ms: refill.map(|refill| refill.interval_ms),
        last_refill_at: refill.and_then(|refill| refill.last_at),
        rate_limit_enabled: limit.is_some(),
        rate_limit_max: max,
        rate_limit_window_ms: window,
        last_used_at: record.last_used_at,
        created_at: record.created_at,
        updated_at: record.updated_at,
    })
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn invalid(message: &str) -> Reason {
    Reason::new("API_KEY_INVALID", message, "the owner makes a new key")
}
