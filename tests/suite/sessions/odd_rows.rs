//! Rows that a hand wrote and no gateway can read (DOS-09). The checks of the schema are taken away first, as if the rows had been
//! there before them.

use sqlx::AssertSqlSafe;

use crate::harness::{TestGateway, User, eventually};

async fn without_checks() -> TestGateway {
    let gw = TestGateway::start().await;
    for statement in [
        "alter table auth.sessions drop constraint sessions_times_in_range",
        "alter table auth.users drop constraint users_times_in_range",
        "alter table auth.users drop constraint users_roles_flat",
        "alter table auth.mail_outbox drop constraint mail_outbox_times_in_range",
    ] {
        gw.db.execute(statement).await;
    }
    gw
}

/// A signed-in person of whose row, or session, this is set afterwards.
async fn odd_user(gw: &TestGateway, name: &str, table: &str, changes: &str) -> User {
    let user = gw.insert_user(name, &[]).await;
    let key = if table == "users" { "id" } else { "user_id" };
    let statement = format!("update auth.{table} set {changes} where {key} = $1");
    let updated = sqlx::query(AssertSqlSafe(statement)).bind(&user.id).execute(&mut gw.db.connect().await).await;
    assert_eq!(updated.unwrap().rows_affected(), 1, "{changes}");
    user
}

async fn assert_unharmed(gw: &TestGateway) {
    let text = gw.metrics().await;
    assert!(text.contains("\nauthgate_panics_total 0\n"), "{text}");
    let restarts: Vec<&str> = text.lines().filter(|line| line.starts_with("authgate_task_restarts_total")).collect();
    assert!(restarts.len() > 5 && restarts.iter().all(|line| line.ends_with(" 0")), "{restarts:?}");
    assert_eq!(gw.operator().status("/readyz").await, 200);
}

#[tokio::test]
async fn an_odd_row_fails_its_own_requests_and_no_others() {
    let gw = without_checks().await;
    let alice = gw.insert_user("alice", &[]).await;
    for (number, (table, changes, expected)) in [
        // They end beyond the calendar, so they do not live.
        ("sessions", "expires_at = 'infinity', absolute_expires_at = 'infinity'", 401),
        ("sessions", "expires_at = '20000-01-01', absolute_expires_at = '20000-01-01'", 401),
        ("sessions", "absolute_expires_at = 'infinity'", 401),
        ("sessions", "absolute_expires_at = 'infinity', updated_at = now() - interval '2 days'", 401),
        ("sessions", "expires_at = '-infinity'", 401),
        // Nobody can say whom they are of, or when that was proved.
        ("users", "roles = '{{a},{b}}'", 503),
        ("sessions", "created_at = 'infinity'", 503),
        // Nobody asks for these times at each request.
        ("sessions", "last_seen_at = '-infinity'", 200),
        ("sessions", "updated_at = '-infinity'", 200),
        ("users", "created_at = '-infinity', updated_at = '20000-01-01'", 200),
    ]
    .into_iter()
    .enumerate()
    {
        let odd = odd_user(&gw, &format!("odd{number}"), table, changes).await;
        for _ in 0..5 {
            let (one, other, another, more) = tokio::join!(
                alice.status("/items"),
                odd.status("/items"),
                alice.status("/items"),
                alice.status("/items")
            );
            assert_eq!((one, other, another, more), (200, expected, 200, 200), "{table}: {changes}");
        }
        // What shows such times to their owner may fail, and does not end anything.
        let shown = odd.get("/api/auth/get-session").send().await.unwrap().status().as_u16();
        assert!([200, 500, 503].contains(&shown), "{table}: {changes}: {shown}");
        assert_eq!(alice.get("/api/auth/list-sessions").send().await.unwrap().status(), 200);
    }
    assert_unharmed(&gw).await;
}

#[tokio::test]
async fn odd_times_in_the_outbox_keep_no_other_message_waiting() {
    let gw = without_checks().await;
    gw.db
        .execute(
            "insert into auth.mail_outbox (kind, recipient, payload, created_at, next_attempt_at)
             select 'x', 'x', '', created_at::timestamptz, '-infinity'
             from unnest(array['infinity', '-infinity', '20000-01-01', '0001-01-01 BC']) created_at",
        )
        .await;
    let email = gw.sign_up("alice").await;
    gw.mail.to(&email).await;
    eventually("the gauges", async || (gw.metric("authgate_mail_outbox_depth").await > 0.0).then_some(())).await;
    assert_unharmed(&gw).await;
}
