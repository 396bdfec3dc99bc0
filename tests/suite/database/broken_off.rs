//! A transaction that PostgreSQL breaks off for another one's sake is run again once, with no effect doubled.

use serde_json::json;

use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, expect_problem},
};

/// Breaks transactions off where they write their audit event, with a code of the test's choice.
struct Breaks<'a>(&'a TestGateway);

impl<'a> Breaks<'a> {
    /// `which`: those of the attempts, counted from 1, that are broken off.
    async fn install(gw: &'a TestGateway, code: &str, which: &str) -> Self {
        let sql = format!(
            "create sequence public.attempts;
             create function public.break_off() returns trigger language plpgsql as $$
             begin
                 if nextval('public.attempts') {which} then
                     raise exception 'broken off by the test' using errcode = '{code}';
                 end if;
                 return new;
             end $$;
             create trigger break_off before insert on auth.audit_events
                 for each row execute function public.break_off();"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut gw.db.connect().await).await.unwrap();
        Self(gw)
    }

    /// The next attempt is the first one again.
    async fn anew(&self) {
        self.0.db.execute("select setval('public.attempts', 1, false)").await;
    }

    /// Counts how often an entry of the audit log was attempted since.
    async fn attempts(&self) -> i64 {
        self.0.db.count("select case when is_called then last_value else 0 end from public.attempts").await
    }
}

#[tokio::test]
async fn every_flow_is_run_again_once_and_has_its_effects_once() {
    let gw = TestGateway::start().await;
    let breaks = Breaks::install(&gw, "40P01", "= 1").await;
    let email = gw.sign_up("alice").await;
    assert_eq!(breaks.attempts().await, 2, "sign-up");
    breaks.anew().await;
    assert!(gw.confirm(&gw.mail.to(&email).await).await.status().as_u16() < 400);
    assert_eq!(breaks.attempts().await, 2, "verification");
    breaks.anew().await;
    let alice = gw.sign_in(&email).await;
    assert_eq!(breaks.attempts().await, 2, "sign-in");
    let other = gw.sign_in(&email).await;

    for (path, body) in [
        ("/update-user", json!({ "name": "Alice" })),
        ("/request-password-reset", json!({ "email": email })),
        ("/change-email", json!({ "newEmail": "alice2@example.com" })),
        ("/revoke-session", json!({ "token": other.token })),
        ("/revoke-other-sessions", json!({})),
        ("/sign-out", json!({})),
    ] {
        if path == "/revoke-other-sessions" {
            gw.insert_session(&alice.id).await;
        }
        breaks.anew().await;
        let response = alice.auth(path, &body).await;
        let status = response.status();
        assert_eq!(status, 200, "{path}: {}", response.text().await.unwrap_or_default());
        assert_eq!(breaks.attempts().await, 2, "{path}");
    }
    let alice = gw.sign_in(&email).await;
    breaks.anew().await;
    let change = json!({ "currentPassword": PASSWORD, "newPassword": format!("{PASSWORD} 2") });
    assert_eq!(alice.auth("/change-password", &change).await.status(), 200);
    assert_eq!(breaks.attempts().await, 2, "change of the password");
    let mails = "select count(*) from auth.mail_outbox";
    gw.eventually_counts(0, mails).await;
    for subject in ["Set a new password for", "was changed"] {
        let found = gw.mail.all_to(&email).iter().filter(|mail| mail.subject.contains(subject)).count();
        assert_eq!(found, 1, "mails about {subject}");
    }
    for (event, count) in [("sign_up", 1), ("user_updated", 1), ("password_changed", 1), ("sign_out", 1)] {
        let sql = format!("select count(*) from auth.audit_events where event = '{event}'");
        assert_eq!(gw.db.count(Box::leak(sql.into_boxed_str())).await, count, "{event}");
    }
}

#[tokio::test]
async fn what_is_run_again_hashes_no_password_again() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let breaks = Breaks::install(&gw, "40P01", "= 1").await;
    let hashed = async || gw.metric("authgate_password_hashing_duration_seconds_count").await.to_string();
    let mut before: u64 = hashed().await.parse().unwrap();
    let change = json!({ "currentPassword": PASSWORD, "newPassword": format!("{PASSWORD} 2") });
    for (path, body, hashes) in
        [("/sign-in/email", json!({ "email": alice.email, "password": PASSWORD }), 1), ("/change-password", change, 2)]
    {
        breaks.anew().await;
        // A sign-in would replace the session that it comes with.
        let client = if path == "/sign-in/email" { gw.anonymous() } else { (*alice).clone() };
        assert_eq!(client.auth(path, &body).await.status(), 200, "{path}");
        assert_eq!(breaks.attempts().await, 2, "{path}");
        let after: u64 = hashed().await.parse().unwrap();
        assert_eq!(after - before, hashes, "{path}");
        before = after;
    }
}

#[tokio::test]
async fn a_proof_counts_wholly_or_not_at_all() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let fail = "create function public.fail() returns trigger language plpgsql as $$
        begin raise exception 'refused by the test'; end $$;
        create trigger fail before delete on auth.rate_limits for each row execute function public.fail();";
    sqlx::raw_sql(fail).execute(&mut gw.db.connect().await).await.unwrap();
    let proved = "select count(*) from auth.sessions where proved_at is not null";
    let prove = async || alice.auth("/verify-password", &json!({ "password": PASSWORD })).await.status();
    assert_eq!((prove().await.as_u16(), gw.db.count(proved).await), (500, 0));
    gw.db.execute("drop trigger fail on auth.rate_limits").await;
    assert_eq!((prove().await.as_u16(), gw.db.count(proved).await), (200, 1));
}

#[tokio::test]
async fn every_command_is_run_again_once() {
    let gw = TestGateway::start().await;
    let breaks = Breaks::install(&gw, "40001", "= 1").await;
    gw.insert_user("alice", &[]).await;
    for arguments in [
        &["users", "create", "ada@example.com", "--name", "Ada"][..],
        &["users", "set-role", "ada@example.com", "admin"],
        &["users", "ban", "ada@example.com"],
        &["users", "unban", "ada@example.com"],
        &["sessions", "revoke", "--user", "alice@example.com"],
        &["users", "delete", "ada@example.com", "--yes"],
    ] {
        breaks.anew().await;
        let ended = gw.cli(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {ended:?}");
        assert_eq!(breaks.attempts().await, 2, "{arguments:?}");
    }
    let users = "select count(*) from auth.audit_events where event in ('user_created', 'user_banned', 'user_deleted')";
    assert_eq!(gw.db.count(users).await, 3);
}

#[tokio::test]
async fn what_passes_by_itself_is_answered_as_an_outage() {
    for (code, status, attempts) in [
        ("40P01", 503, 2),
        ("40001", 503, 2),
        ("0A000", 503, 2),
        ("55P03", 503, 1),
        ("57014", 503, 1),
        ("57P01", 503, 1),
        ("53200", 503, 1),
        ("25P03", 503, 1),
        ("P0001", 500, 1),
    ] {
        let gw = TestGateway::start().await;
        let alice = gw.insert_user("alice", &[]).await;
        let breaks = Breaks::install(&gw, code, "> 0").await;
        let answer = alice.post(&format!("{AUTH}/sign-out")).send().await.unwrap();
        let name = if status == 503 { "SERVICE_UNAVAILABLE" } else { "INTERNAL_SERVER_ERROR" };
        let problem = expect_problem(answer, status, name).await;
        assert_eq!(problem.headers.contains_key("retry-after"), status == 503, "{code}");
        assert_eq!(breaks.attempts().await, attempts, "{code}");
        assert_eq!(alice.status("/items").await, 200, "{code}: nothing has happened");
    }
}
