//! The other endpoints, a client address at a time.

use http::Method;
use serde_json::{Value, json};

use super::{address, behind_a_proxy};
use crate::harness::{
    TestGateway,
    client::{AUTH, expect_problem},
};

/// A gateway that lets two requests of each class through.
async fn strict() -> TestGateway {
    let classes = ["sign_up", "verify_email", "send_verification", "verify_token"];
    let limits: serde_json::Map<String, Value> =
        classes.into_iter().map(|class| (class.to_owned(), json!({ "limit": 2, "window": "1h" }))).collect();
    behind_a_proxy(json!({ "auth": { "rate_limits": limits } })).await
}

async fn send(gw: &TestGateway, method: &Method, path: &str, body: &str, from: &str) -> reqwest::Response {
    let content_type = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
    let request = gw.anonymous().request(method.clone(), &format!("{AUTH}{path}")).header("Origin", gw.origin());
    let request = request.header("X-Forwarded-For", from).header("Content-Type", content_type);
    request.body(body.to_owned()).send().await.unwrap()
}

#[tokio::test]
async fn each_has_a_limit_that_its_spellings_share() {
    let gw = strict().await;
    let sign_up = r#"{"name":"a","email":"a@example.com","password":"correct horse battery"}"#;
    let mail = r#"{"email":"a@example.com"}"#;
    let token = r#"{"token":"x"}"#;
    let (get, post) = (&Method::GET, &Method::POST);
    for (n, class, first, second) in [
        (1, "sign_up", (post, "/sign-up/email", sign_up), (post, "/signup", sign_up)),
        (2, "sign_up", (post, "/sign-up/email", "{}"), (post, "/sign-up/email", "{}")),
        (3, "verify_email", (get, "/verify-email?token=x", ""), (post, "/verify-email/confirm", "token=x")),
        (
            4,
            "send_verification",
            (post, "/send-verification-email", mail),
            (post, "/verify-email/resend", "email=a@example.com"),
        ),
        (5, "verify_token", (post, "/verify-token", token), (post, "/verify-token", token)),
    ] {
        for (method, path, body) in [first, second] {
            assert_ne!(send(&gw, method, path, body, &address(n)).await.status(), 429, "{path}");
        }
        for (method, path, body) in [first, second] {
            let refused = send(&gw, method, path, body, &address(n)).await;
            let refused = expect_problem(refused, 429, "TOO_MANY_REQUESTS").await;
            let seconds: u32 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((3500..=3600).contains(&seconds), "{path}: {seconds}");
            assert_ne!(send(&gw, method, path, body, &address(100 + n)).await.status(), 429, "{path}: another address");
        }
        let counted = gw.metric(&format!("authgate_rate_limited_total{{class=\"{class}\"}}")).await;
        assert!(counted >= 2.0, "{class}: {counted}");
        gw.db.execute("delete from auth.rate_limits").await;
    }
}

#[tokio::test]
async fn a_limit_holds_for_a_window() {
    let gw = strict().await;
    let ask =
        async || send(&gw, &Method::POST, "/verify-token", r#"{"token":"x"}"#, "192.0.2.1").await.status().as_u16();
    for expected in [200, 200, 429] {
        assert_eq!(ask().await, expected);
    }
    let age = "update auth.rate_limits set window_started_at = window_started_at - interval '59 minutes',
               blocked_until = blocked_until - interval '59 minutes'";
    gw.db.execute(age).await;
    assert_eq!(ask().await, 429);
    gw.db
        .execute("update auth.rate_limits set window_started_at = now() - interval '1 hour', blocked_until = now()")
        .await;
    for expected in [200, 200, 429] {
        assert_eq!(ask().await, expected);
    }
}

#[tokio::test]
async fn who_is_signed_in_is_asked_without_limit() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for _ in 0..120 {
        assert!(alice.session().await.is_object());
    }
    assert_eq!(gw.db.count("select count(*) from auth.rate_limits").await, 0);
}

#[tokio::test]
async fn one_recipient_gets_ten_mails_a_day() {
    let gw = TestGateway::start().await;
    gw.sign_up("alice").await;
    gw.mail.to("alice@example.com").await;
    let earlier = "insert into auth.verifications (id, purpose, token_hash, user_id, created_at, expires_at)
                   select 'v' || n, purpose, sha256(n::text::bytea), user_id, now() - interval '23 hours', now()
                   from auth.verifications, generate_series(1, 8) n";
    assert_eq!(gw.db.execute(earlier).await, 8);
    let mail = json!({ "email": "alice@example.com" });
    for _ in 0..2 {
        assert_eq!(gw.anonymous().auth("/send-verification-email", &mail).await.status(), 200);
    }
    let written = "select count(*) from auth.verifications";
    assert_eq!(gw.db.count(written).await, 10, "nine before and one more");
    gw.db.execute("update auth.verifications set created_at = now() - interval '25 hours' where id = 'v1'").await;
    assert_eq!(gw.anonymous().auth("/send-verification-email", &mail).await.status(), 200);
    assert_eq!(gw.db.count(written).await, 11);
}
