//! The audit log: what is written, by whom, and what cannot be taken out again.

mod flows;
mod refusals;
mod retention;

use serde_json::Value;

use crate::harness::TestGateway;

impl TestGateway {
    /// The whole audit log, oldest first.
    async fn audit_log(&self) -> Vec<Value> {
        sqlx::query_scalar("select to_jsonb(a) from auth.audit_events a order by id")
            .fetch_all(&mut self.db.connect().await)
            .await
            .expect("the audit log is readable")
    }
}

/// `event outcome` of each entry.
fn told(audit_log: &[Value]) -> Vec<String> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    audit_log.iter().map(|entry| format!("{} {}", text(entry, "event"), text(entry, "outcome"))).collect()
}
