//! What has had its time goes by itself (DATA-02).

use std::time::Duration;

use serde_json::json;

use crate::harness::{TestGateway, eventually_within};

/// The first sweep comes 24 to 36 seconds after the start.
const FIRST_SWEEP: Duration = Duration::from_secs(90);

#[tokio::test]
async fn old_entries_expired_sessions_and_failed_mail_are_removed() {
    let gw = TestGateway::with(json!({ "retention": { "audit_events": "10d", "failed_mail": "2d" } })).await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.insert_session(&alice.id).await;
    for statement in [
        "insert into auth.audit_events (occurred_at, event, outcome)
         select now() - make_interval(days => age), 'x', 'old' from unnest(array[11, 300, 9, 0]) age",
        "insert into auth.mail_outbox (kind, recipient, payload, created_at, next_attempt_at, failed_at)
         select 'x', 'x', '', now(), now(), now() - make_interval(days => age) from unnest(array[1, 3]) age",
        // Flows at a provider that nobody came back from, and a mailed link of the same age.
        "insert into auth.verifications (id, purpose, token_hash, created_at, expires_at)
         select 'v' || n, case n when 0 then 'verify-email' else 'oauth-state' end, sha256(n::text::bytea),
             now() - interval '11 minutes', now() - interval '1 minute'
         from generate_series(0, 1000) n",
        "update auth.sessions set expires_at = now() - interval '1 second'
         where id = (select id from auth.sessions order by id limit 1)",
    ] {
        gw.db.execute(statement).await;
    }
    eventually_within(FIRST_SWEEP, "the first sweep", async || {
        let entries = "select count(*) from auth.audit_events where outcome = 'old'";
        (gw.db.count(entries).await == 2).then_some(())
    })
    .await;
    let young = "select count(*) from auth.audit_events where occurred_at > now() - interval '10 days'";
    assert_eq!(gw.db.count(young).await, 2);
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
    let links = "select count(*) from auth.verifications where purpose = 'verify-email'";
    assert_eq!(gw.db.count(links).await, 1);
    gw.eventually_counts(0, "select count(*) from auth.verifications where purpose = 'oauth-state'").await;
}
