//! `database:`.

pub(crate) mod retention;
pub(crate) mod url;

use crate::{
    config::{
        raw,
        source::{path::KeyPath, report::Report, text::SecretText},
    },
    store::{Pooler, Settings},
    types::Secret,
};

const DEFAULT_MAX_CONNECTIONS: u32 = 16;

pub(crate) fn compile(raw: raw::Database, report: &mut Report<'_>) -> Option<Settings> {
    let path = KeyPath::from_keys(&["database"]);
    if raw.url.is_none() {
        report.missing(&path.key("url"), "url: { env: DATABASE_URL }");
    }
    let url = raw.url.and_then(|SecretText(url)| checked(&url, &path.key("url"), report));
    let has_no_direct_url = raw.direct_url.is_none();
    let direct_url = raw.direct_url.and_then(|SecretText(url)| checked(&url, &path.key("direct_url"), report));
    let pooler = raw.pooler.unwrap_or_default();
    if pooler == Pooler::Transaction && has_no_direct_url {
        // LISTEN and the lock of migrations belong to a connection, which such a pooler lends out.
        report.missing(&path.key("direct_url"), "direct_url: { env: DATABASE_DIRECT_URL }, past the pooler");
    }
    let max_connections = raw.max_connections.unwrap_or(DEFAULT_MAX_CONNECTIONS);
    if !(1..=1000).contains(&max_connections) {
        report.invalid(&path.key("max_connections"), "must be 1 to 1000");
    }
    let url = url?;
    Some(Settings { direct_url: direct_url.unwrap_or_else(|| url.clone()), url, max_connections, pooler })
}

/// Checks the URL, which is never shown itself: it holds the password.
fn checked(url: &Secret, path: &KeyPath, report: &mut Report<'_>) -> Option<Secret> {
    let normalized = url::normalize(url.expose());
    normalized.map_err(|error| report.invalid(path, error)).ok().map(Secret::new)
}
