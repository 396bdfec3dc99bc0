//! Compiles `database:`.

pub(crate) mod retention;
pub(crate) mod url;

use crate::{
    config::{
        compile::values::{number, value},
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
    let pooler = value(raw.pooler, Pooler::default(), &path.key("pooler"), report);
    if pooler == Pooler::Transaction && has_no_direct_url {
        // LISTEN and the lock of migrations belong to a connection, which such a pooler lends out.
        report.missing(&path.key("direct_url"), "direct_url: { env: DATABASE_DIRECT_URL }, past the pooler");
    }
    let max_connections_path = path.key("max_connections");
    let max_connections = number(raw.max_connections, DEFAULT_MAX_CONNECTIONS, 1..=1000, &max_connections_path, report);
    let url = url?;
    Some(Settings { direct_url: direct_url.unwrap_or_else(|| url.clone()), url, max_connections, pooler })
}

/// Checks the URL, which is never shown itself: it holds the password.
fn checked(url: &Secret, path: &KeyPath, report: &mut Report<'_>) -> Option<Secret> {
    report.record_secret(path);
    let normalized = url::normalize(url.expose());
    normalized.map_err(|error| report.invalid(path, error)).ok().map(Secret::new)
}
