//! How many messages a worker takes at once, whatever PostgreSQL's statistics say.

use serde_json::json;

use crate::harness::{
    TestGateway, eventually, free_port,
    smtp::{Answer, SmtpSink},
};

/// The worker's places.
const PLACES: i64 = 4;

/// Keeps how many rows each claim changed, and makes the table look empty to the planner although it has pages: then a
/// subquery with a limit is joined by a nested loop, and run once for each row.
async fn watch_claims_of_a_table_that_looks_empty(gw: &TestGateway) {
    for statement in [
        "create table public.claims (rows bigint not null)",
        "create function public.count_claim() returns trigger language plpgsql as $$
         begin
             insert into public.claims
             select count(*) from changed join before using (id)
             where changed.attempts > before.attempts having count(*) > 0;
             return null;
         end
         $$",
        "create trigger counted after update on auth.mail_outbox
         referencing new table as changed old table as before
         for each statement execute function public.count_claim()",
        "alter table auth.mail_outbox set (autovacuum_enabled = off)",
        "insert into auth.mail_outbox (kind, recipient, payload, created_at, next_attempt_at)
         select 'x', 'x', '', now(), now() + interval '1 day' from generate_series(1, 200)",
        "delete from auth.mail_outbox",
        "analyze auth.mail_outbox",
    ] {
        gw.db.execute(statement).await;
    }
    let looks_empty = "select count(*) from pg_class
        where oid = 'auth.mail_outbox'::regclass and reltuples = 0 and relpages > 0";
    assert_eq!(gw.db.count(looks_empty).await, 1);
}

#[tokio::test]
async fn no_more_messages_are_claimed_than_can_start_whatever_the_statistics_say() {
    let sink = SmtpSink::start(free_port()).await;
    let smtp = format!("smtp://127.0.0.1:{}", sink.address.port());
    let gw = TestGateway::with(json!({ "mail": { "transport": { "directory": null, "smtp": smtp } } })).await;
    sink.answer(Answer::Later);
    watch_claims_of_a_table_that_looks_empty(&gw).await;
    // Messages that no version of the gateway can read, all due at once.
    gw.db
        .execute(
            "insert into auth.mail_outbox (kind, recipient, payload, created_at, next_attempt_at)
             select 'x', 'x', '', now(), now() from generate_series(1, 40)",
        )
        .await;
    gw.eventually_counts(40, "select count(*) from auth.mail_outbox where attempts > 0").await;
    let largest = gw.db.count("select coalesce(max(rows), 0) from public.claims").await;
    assert!((1..=PLACES).contains(&largest), "a claim took {largest} rows");

    sink.answer(Answer::Accept);
    let email = gw.sign_up("alice").await;
    sink.to(&email).await;
    assert!(gw.metric("authgate_panics_total").await.abs() < f64::EPSILON);
}

#[tokio::test]
async fn odd_numbers_of_attempts_keep_no_other_message_waiting() {
    let gw = TestGateway::start().await;
    gw.db
        .execute(
            "insert into auth.mail_outbox (kind, recipient, payload, created_at, next_attempt_at, attempts)
             select 'x', 'x', '', now(), now() - interval '1 hour', attempts
             from unnest(array[2147483647, 2147483646, -1, -2147483648]) attempts",
        )
        .await;
    gw.eventually_counts(4, "select count(*) from auth.mail_outbox where last_error is not null").await;
    let email = gw.sign_up("alice").await;
    gw.mail.to(&email).await;
    eventually("the message to leave the outbox", async || {
        (gw.db.count("select count(*) from auth.mail_outbox where kind <> 'x'").await == 0).then_some(())
    })
    .await;
    assert!(gw.metric("authgate_panics_total").await.abs() < f64::EPSILON);
}
