//! Signing in: answers, cookies, refusals that tell nothing, origins and redirect targets.

mod cookies;
mod foreign_hashes;
mod origins;
mod rehash;

use http::Method;
use serde_json::{Value, json};

use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, assert_user, expect_problem, set_cookies},
    problem,
};

#[tokio::test]
async fn signing_in_answers_as_the_client_expects() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let response =
        gw.anonymous().auth("/sign-in/email", &json!({ "email": "ALICE@example.com", "password": PASSWORD })).await;
    assert_eq!(response.status(), 200);
    let header = response.headers()["set-auth-token"].to_str().unwrap().to_owned();
    let exposed = response.headers()["access-control-expose-headers"].to_str().unwrap().to_owned();
    assert!(exposed.contains("set-auth-token"), "{exposed}");
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["redirect"], false);
    assert_eq!(answer.get("url"), None);
    assert_user(&answer["user"], &email, "alice");
    let token = answer["token"].as_str().unwrap();
    assert_eq!(header, token);
    assert_eq!(gw.anonymous().with_bearer(token).status("/items").await, 200);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_addresses_are_answered_alike() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    gw.sign_up("unverified").await;
    gw.insert_user("passwordless", &[]).await;
    gw.verified_user("banned").await;
    gw.db.execute("update auth.users set banned_at = now() where name = 'banned'").await;
    let mut answers = Vec::new();
    for name in ["alice", "unverified", "passwordless", "banned", "nobody"] {
        let body = json!({ "email": format!("{name}@example.com"), "password": "not the password" });
        let response = gw.anonymous().auth("/sign-in/email", &body).await;
        let mut headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        let request_id = headers.iter().find(|(name, _)| name == "x-request-id").unwrap().1.clone();
        headers.retain(|(name, _)| name != "x-request-id");
        let status = response.status().as_u16();
        let body = response.text().await.unwrap().replace(&request_id, "ID");
        answers.push((name, (status, headers, body)));
    }
    let (_, expected) = answers[0].clone();
    assert_eq!(expected.0, 401);
    assert!(expected.2.contains("\"INVALID_EMAIL_OR_PASSWORD\"") && expected.2.contains("Invalid email or password"));
    for (name, answer) in answers {
        assert_eq!(answer, expected, "{name}");
    }
    assert_eq!(gw.db.count("select count(*) from auth.sessions s join auth.users using (id)").await, 0);
}

#[tokio::test]
async fn nobody_signs_in_before_the_address_is_verified() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let response = gw.anonymous().auth("/sign-in/email", &json!({ "email": email, "password": PASSWORD })).await;
    assert!(set_cookies(response.headers()).is_empty());
    expect_problem(response, 403, "EMAIL_NOT_VERIFIED").await;
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
}

#[tokio::test]
async fn where_verification_is_not_required_it_is_not_asked_for() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    let email = gw.sign_up("alice").await;
    assert_eq!(gw.sign_in(&email).await.status("/items").await, 200);
}

#[tokio::test]
async fn a_banned_person_gets_no_session() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    gw.db.execute("update auth.users set banned_at = now()").await;
    let response = gw.anonymous().auth("/sign-in/email", &json!({ "email": email, "password": PASSWORD })).await;
    assert!(set_cookies(response.headers()).is_empty());
    let status = problem(response).await.status;
    assert!([401, 403].contains(&status), "{status}");
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
    gw.db.execute("update auth.users set ban_expires_at = now() - interval '1 s'").await;
    assert_eq!(gw.sign_in(&email).await.status("/items").await, 200, "a ban that is over");
}

#[tokio::test]
async fn composed_and_decomposed_spellings_are_one_password() {
    let gw = TestGateway::start().await;
    let body = json!({ "name": "a", "email": "a@example.com", "password": "pa\u{308}sswo\u{308}rd \u{fb01}ve" });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    let token = gw.mail.to("a@example.com").await.token();
    let fields = [("token", token.as_str()), ("password", "pa\u{308}sswo\u{308}rd \u{fb01}ve")];
    assert!(gw.anonymous().confirm(&fields).await.status().as_u16() < 400);
    for (password, expected) in [
        ("p\u{e4}ssw\u{f6}rd five", 200),
        ("pa\u{308}sswo\u{308}rd \u{fb01}ve", 200),
        ("p\u{c4}ssw\u{f6}rd five", 401),
        ("p\u{e4}ssw\u{f6}rd five ", 401),
        (" p\u{e4}ssw\u{f6}rd five", 401),
    ] {
        let body = json!({ "email": "a@example.com", "password": password });
        assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), expected, "{password}");
    }
}

#[tokio::test]
async fn bodies_are_checked_before_anything_is_hashed() {
    let gw = TestGateway::start().await;
    for (body, status, code) in [
        (json!({ "email": "alice@example.com" }), 400, "VALIDATION_ERROR"),
        (json!({ "password": PASSWORD }), 400, "VALIDATION_ERROR"),
        (json!({ "email": { "$ne": "" }, "password": { "$ne": "" } }), 400, "VALIDATION_ERROR"),
        (json!({ "email": ["a@example.com"], "password": PASSWORD }), 400, "VALIDATION_ERROR"),
        (json!({ "email": "a@example.com", "password": PASSWORD, "rememberMe": "no" }), 400, "VALIDATION_ERROR"),
        (json!({ "email": "nonsense", "password": PASSWORD }), 400, "INVALID_EMAIL"),
        (json!({ "email": "a@example.com", "password": "a".repeat(129) }), 400, "PASSWORD_TOO_LONG"),
        (json!([]), 400, "VALIDATION_ERROR"),
    ] {
        let refused = problem(gw.anonymous().auth("/sign-in/email", &body).await).await;
        assert_eq!((refused.status, refused.code.as_str()), (status, code), "{body:.80}");
    }
    assert_eq!(gw.metric("authgate_password_hashing_duration_seconds_count").await.to_string(), "0");
}

#[tokio::test]
async fn a_short_password_is_wrong_and_not_too_short() {
    let gw = TestGateway::start().await;
    let body = json!({ "email": "nobody@example.com", "password": "x" });
    expect_problem(gw.anonymous().auth("/sign-in/email", &body).await, 401, "INVALID_EMAIL_OR_PASSWORD").await;
}

#[tokio::test]
async fn other_content_types_are_415() {
    let gw = TestGateway::start().await;
    let body = json!({ "email": "a@example.com", "password": PASSWORD }).to_string();
    for content_type in ["text/plain", "text/plain;charset=UTF-8", "multipart/form-data; boundary=x"] {
        let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/sign-in/email"));
        let response = request.header("Content-Type", content_type).body(body.clone()).send().await.unwrap();
        expect_problem(response, 415, "UNSUPPORTED_MEDIA_TYPE").await;
    }
}

#[tokio::test]
async fn the_session_remembers_where_it_came_from() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let request = gw.anonymous().post(&format!("{AUTH}/sign-in/email")).header("User-Agent", "odd/1.0\t(x)");
    let request = request.header("X-Forwarded-For", "6.6.6.6");
    let response = request.json(&json!({ "email": email, "password": PASSWORD })).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let mut connection = gw.db.connect().await;
    let (address, agent, method): (String, String, String) =
        sqlx::query_as("select ip_address, user_agent, auth_method from auth.sessions")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!((address.as_str(), method.as_str()), ("127.0.0.1", "password"));
    assert!(agent.starts_with("odd/1.0"), "{agent}");
}

#[tokio::test]
async fn signing_in_and_failing_to_are_in_the_audit_log() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let body = json!({ "email": alice.email, "password": "not the password" });
    gw.anonymous().auth("/sign-in/email", &body).await;
    let mut connection = gw.db.connect().await;
    let sign_ins: Vec<(String, Option<String>)> = sqlx::query_as(
        "select outcome, user_id from auth.audit_events
         where event ~ 'sign.in' and ip_address = '127.0.0.1' and request_id is not null order by id",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(sign_ins.len(), 2, "{sign_ins:?}");
    assert_ne!(sign_ins[0].0, sign_ins[1].0, "their outcomes differ");
    assert_eq!(sign_ins[0].1.as_deref(), Some(alice.id.as_str()));
}
