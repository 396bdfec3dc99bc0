//! The security journal: what is written, by whom, and what cannot be taken out again.

mod flows;
mod refusals;
mod retention;

use serde_json::Value;

use crate::harness::TestGateway;

impl TestGateway {
    /// The whole journal, oldest first.
    async fn journal(&self) -> Vec<Value> {
        sqlx::query_scalar("select to_jsonb(a) from auth.audit_events a order by id")
            .fetch_all(&mut self.db.connect().await)
            .await
            .expect("the journal is readable")
    }
}

/// `event outcome` of each entry.
fn told(journal: &[Value]) -> Vec<String> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    journal.iter().map(|entry| format!("{} {}", text(entry, "event"), text(entry, "outcome"))).collect()
}
