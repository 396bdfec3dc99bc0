//! Failed sign-ins of one account.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{WRONG, address, assert_hashed, behind_a_proxy, fail, right, sign_in_from, try_sign_in};
use crate::harness::{PASSWORD, TestGateway, client::expect_problem};

#[tokio::test]
async fn of_fifty_at_once_from_everywhere_ten_are_looked_at() {
    let gw = behind_a_proxy(json!({})).await;
    let email = gw.verified_user("alice").await;
    assert_hashed(&gw, 1).await;
    let mut tasks = JoinSet::new();
    for n in 0..50 {
        let (client, email) = (gw.anonymous(), email.clone());
        tasks.spawn(async move { sign_in_from(&client, &address(n), &email, WRONG).await.status().as_u16() });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[401; 10].as_slice(), &[429; 40]].concat());
    assert_hashed(&gw, 11).await;
    assert_eq!(gw.metric("authgate_rate_limited_total{class=\"sign_in\"}").await.to_string(), "40");
    assert_eq!(gw.metric("authgate_sign_ins_total{outcome=\"rate_limited\"}").await.to_string(), "40");
    let mut connection = gw.db.connect().await;
    let audit_log: Vec<(Option<String>, Value)> =
        sqlx::query_as("select user_id, detail from auth.audit_events where event = 'rate_limited'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    assert_eq!(audit_log.len(), 1, "the limit, not every request beyond it: {audit_log:?}");
    assert!(audit_log[0].0.is_some());
    assert_eq!(audit_log[0].1, json!({ "class": "sign_in", "per": "account" }));
}

#[tokio::test]
async fn a_refusal_says_when_to_come_back_and_nothing_about_password_or_account() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    for name in ["alice", "nobody"] {
        fail(&gw.anonymous(), &format!("{name}@example.com"), 10).await;
    }
    let mut answers = Vec::new();
    for (name, password) in [("alice", PASSWORD), ("alice", WRONG), ("nobody", PASSWORD), ("nobody", "x")] {
        let body = json!({ "email": format!("{name}@example.com"), "password": password });
        let response = gw.anonymous().auth("/sign-in/email", &body).await;
        assert_eq!(response.status(), 429);
        let text = |key: &str| response.headers()[key].to_str().unwrap().to_owned();
        assert_eq!(text("retry-after"), text("x-retry-after"));
        let seconds: u32 = text("retry-after").parse().unwrap();
        assert!((800..=900).contains(&seconds), "{seconds}");
        let varying = ["date", "x-request-id", "retry-after", "x-retry-after"];
        let kept = response.headers().iter().filter(|(name, _)| !varying.contains(&name.as_str()));
        let kept: Vec<String> = kept.map(|(name, value)| format!("{name}: {value:?}")).collect();
        let request_id = text("x-request-id");
        answers.push((kept, response.text().await.unwrap().replace(&request_id, "ID")));
    }
    assert!(answers[0].1.contains(r#""message":"Too many requests. Please try again later.""#), "{:?}", answers[0]);
    assert!(answers[0].1.contains(r#""code":"TOO_MANY_REQUESTS""#), "{:?}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[tokio::test]
async fn a_success_ends_the_row_of_failures() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    for _ in 0..2 {
        fail(&gw.anonymous(), &email, 9).await;
        assert_eq!(try_sign_in(&gw.anonymous(), &email, PASSWORD).await, 200);
    }
    assert_eq!(gw.db.count("select coalesce(sum(count), 0) from auth.rate_limits where key like 'sign_in:%'").await, 0);
}

#[tokio::test]
async fn the_right_password_of_an_unverified_account_is_no_failure() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    for _ in 0..12 {
        expect_problem(gw.anonymous().auth("/sign-in/email", &right(&email)).await, 403, "EMAIL_NOT_VERIFIED").await;
    }
}

#[tokio::test]
async fn spellings_of_an_address_share_a_limit() {
    let gw = TestGateway::start().await;
    for email in
        ["alice@example.com", "ALICE@example.com", "alice@EXAMPLE.com", "Alice@Example.Com", "alicE@example.com"]
    {
        fail(&gw.anonymous(), email, 2).await;
    }
    assert_eq!(try_sign_in(&gw.anonymous(), "aLice@example.com", WRONG).await, 429);
    let alias = gw.anonymous().auth("/signin", &json!({ "email": "alice@example.com", "password": WRONG })).await;
    assert_eq!(alias.status(), 429, "the other path");
}

#[tokio::test]
async fn replicas_share_the_counters() {
    let gw = TestGateway::start().await;
    let replica = gw.replica().await;
    for one in [&gw, &replica] {
        fail(&one.anonymous(), "alice@example.com", 5).await;
    }
    for one in [&gw, &replica] {
        assert_eq!(try_sign_in(&one.anonymous(), "alice@example.com", WRONG).await, 429);
    }
}

#[tokio::test]
async fn open_sessions_go_on() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    fail(&gw.anonymous(), &alice.email, 10).await;
    assert_eq!(try_sign_in(&gw.anonymous(), &alice.email, PASSWORD).await, 429);
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(alice.bearer().status("/items").await, 200);
    assert_eq!(alice.session().await["user"]["email"], alice.email.as_str());
    assert_eq!(alice.auth("/sign-out", &json!({})).await.status(), 200);
}

#[tokio::test]
async fn malformed_attempts_do_not_count() {
    let gw = TestGateway::start().await;
    for _ in 0..12 {
        let body = json!({ "email": "alice@example.com", "password": 7 });
        expect_problem(gw.anonymous().auth("/sign-in/email", &body).await, 400, "VALIDATION_ERROR").await;
    }
    assert_eq!(try_sign_in(&gw.anonymous(), "alice@example.com", WRONG).await, 401);
}
