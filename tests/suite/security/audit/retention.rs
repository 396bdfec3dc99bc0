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
        "insert into auth.audit_events (occurred_at, recorded_at, event, outcome)
         select now() - make_interval(days => age), now() - make_interval(days => age), 'x', 'old' from unnest(array[11, 300, 9, 0]) age",
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

/// Makes a table look empty to the planner although it has pages, then fills it with expired rows, and keeps how many of them
/// each statement deletes. The sweep of another table fails.
const OBSTACLES: [&str; 9] = [
    "alter table auth.verifications set (autovacuum_enabled = off)",
    "insert into auth.verifications (id, purpose, token_hash, created_at, expires_at)
     select 'v' || n, 'oauth-state', sha256(n::text::bytea), now(), now() + interval '1 day' from generate_series(0, 200) n",
    "delete from auth.verifications",
    "analyze auth.verifications",
    "insert into auth.verifications (id, purpose, token_hash, created_at, expires_at)
     select 'v' || n, 'oauth-state', sha256(n::text::bytea), now(), now() - interval '1 minute'
     from generate_series(1, 2500) n",
    "create table public.swept (rows bigint not null)",
    "create function public.count_swept() returns trigger language plpgsql as $$
     begin
         insert into public.swept select count(*) from gone having count(*) > 0;
         return null;
     end
     $$",
    "create trigger counted after delete on auth.verifications referencing old table as gone
     for each statement execute function public.count_swept()",
    "create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$",
];

#[tokio::test]
async fn a_table_that_cannot_be_swept_keeps_no_other_from_it() {
    let gw = TestGateway::with(json!({ "retention": { "audit_events": "10d" } })).await;
    let alice = gw.insert_user("alice", &[]).await;
    for statement in OBSTACLES {
        gw.db.execute(statement).await;
    }
    for statement in [
        "update auth.sessions set expires_at = now() - interval '1 second'",
        "create trigger refused before delete on auth.sessions for each row execute function public.refuse()",
        "insert into auth.audit_events (occurred_at, recorded_at, event, outcome)
         values (now() - interval '11 days', now() - interval '11 days', 'x', 'old')",
    ] {
        gw.db.execute(statement).await;
    }
    assert_eq!(gw.db.count("select count(*) from auth.sessions where expires_at <= now()").await, 1, "{}", alice.id);
    eventually_within(FIRST_SWEEP, "the sweep of what comes last", async || {
        let entries = "select count(*) from auth.audit_events where outcome = 'old'";
        (gw.db.count(entries).await == 0).then_some(())
    })
    .await;
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
    assert!(gw.metric("authgate_sweep_failures_total{table=\"sessions\"}").await >= 1.0);
    assert!(gw.metric("authgate_sweep_failures_total{table=\"audit_events\"}").await.abs() < f64::EPSILON);
    let line = gw.logged("the failed sweep", |line| line["table"] == "sessions" && line["level"] == "WARN").await;
    assert!(line["error.cause"].as_str().is_some_and(|cause| cause.contains("not this one")), "{line}");
    let counts = "select count(*) from public.swept where rows = 1000";
    assert_eq!(gw.db.count(counts).await, 2, "as many rows at a time as are meant to go");
    assert_eq!(gw.db.count("select count(*) from public.swept where rows = 500").await, 1);
}
