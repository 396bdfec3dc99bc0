//! `POST /change-password` and `POST /verify-password`.

use serde_json::{Value, json};

use super::{NEW, hashes, sign_in};
use crate::harness::{
    PASSWORD, TestGateway,
    client::{assert_user, expect_problem, set_cookies},
};

#[tokio::test]
async fn all_sessions_end_unless_asked_otherwise() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let phone = gw.sign_in(&alice.email).await;
    for (n, choice) in [json!({}), json!({ "revokeOtherSessions": true })].into_iter().enumerate() {
        let (current, new) = if n == 0 { (PASSWORD, NEW) } else { (NEW, "yet another phrase") };
        let caller = if n == 0 { (*alice).clone() } else { signed_in(&gw, &alice.email, NEW).await };
        let mut body = choice.clone();
        body["newPassword"] = new.into();
        body["currentPassword"] = current.into();
        let response = caller.auth("/change-password", &body).await;
        assert_eq!(response.status(), 200, "{choice}");
        let cookies = set_cookies(response.headers());
        let header = response.headers()["set-auth-token"].to_str().unwrap().to_owned();
        let answer: Value = response.json().await.unwrap();
        assert_user(&answer["user"], &alice.email, "alice");
        let token = answer["token"].as_str().unwrap();
        assert_eq!(header, token);
        assert!(cookies[0].starts_with(&format!("{}={token}; Max-Age=604800;", gw.cookie_name())), "{cookies:?}");
        assert_eq!(gw.anonymous().with_bearer(token).status("/items").await, 200);
        assert_eq!(caller.status("/items").await, 401, "the caller's own old session");
        assert_eq!(phone.status("/items").await, 401);
        assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
        assert_eq!(sign_in(&gw.anonymous(), &alice.email, current).await, 401);
    }
}

async fn signed_in(gw: &TestGateway, email: &str, password: &str) -> crate::harness::Client {
    let body = json!({ "email": email, "password": password });
    let answer: Value = gw.anonymous().auth("/sign-in/email", &body).await.json().await.unwrap();
    gw.anonymous().with_cookie(format!("{}={}", gw.cookie_name(), answer["token"].as_str().unwrap()))
}

#[tokio::test]
async fn the_other_sessions_go_on_where_asked() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let phone = gw.sign_in(&alice.email).await;
    let body = json!({ "newPassword": NEW, "currentPassword": PASSWORD, "revokeOtherSessions": false });
    let response = alice.auth("/change-password", &body).await;
    assert_eq!(response.status(), 200);
    let cookie = set_cookies(response.headers())[0].split(';').next().unwrap().to_owned();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer.get("token"), Some(&Value::Null));
    // This browser's session goes on under another token (SESS-02).
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 2);
    let renewed = gw.anonymous().with_cookie(cookie);
    assert_eq!((renewed.status("/items").await, phone.status("/items").await), (200, 200));
    assert_eq!((alice.status("/items").await, alice.bearer().status("/items").await), (401, 401));
    assert_eq!(sign_in(&gw.anonymous(), &alice.email, NEW).await, 200);
    let mail = gw.mail.nth_to(&alice.email, 2).await;
    assert!(mail.subject.contains("password") && !mail.raw.contains(NEW), "{}", mail.subject);
    let audit_log = "select count(*) from auth.audit_events where event = 'password_changed' and outcome = 'success'";
    assert_eq!(gw.db.count(audit_log).await, 1);
}

#[tokio::test]
async fn a_bearer_token_stays_as_its_holder_sends_it() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let body = json!({ "newPassword": NEW, "currentPassword": PASSWORD, "revokeOtherSessions": false });
    let response = alice.bearer().auth("/change-password", &body).await;
    assert_eq!(response.status(), 200);
    assert!(set_cookies(response.headers()).is_empty());
    assert_eq!(alice.bearer().status("/items").await, 200);
}

#[tokio::test]
async fn a_session_that_the_browser_forgets_stays_one() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute("update auth.sessions set remember = false").await;
    let body = json!({ "newPassword": NEW, "currentPassword": PASSWORD });
    let response = alice.auth("/change-password", &body).await;
    assert!(!set_cookies(response.headers())[0].contains("Max-Age"), "{:?}", response.headers());
    assert_eq!(gw.db.count("select count(*) from auth.sessions where remember").await, 0);
}

#[tokio::test]
async fn only_who_knows_the_password_changes_it() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let social = gw.insert_user("social", &[]).await;
    let body = |new: &str, current: &str| json!({ "newPassword": new, "currentPassword": current });
    let long = "x".repeat(2000);
    for (client, body, status, code) in [
        (&*alice, body(NEW, "wrong password"), 400, "INVALID_PASSWORD"),
        (&*alice, body(NEW, &long), 400, "INVALID_PASSWORD"),
        (&*alice, body("1234567", PASSWORD), 400, "PASSWORD_TOO_SHORT"),
        (&*alice, body(&long, PASSWORD), 400, "PASSWORD_TOO_LONG"),
        (&*alice, body("alice1234", PASSWORD), 400, "PASSWORD_TOO_COMMON"),
        (&*alice, json!({ "newPassword": NEW }), 400, "VALIDATION_ERROR"),
        (&*social, body(NEW, PASSWORD), 400, "CREDENTIAL_ACCOUNT_NOT_FOUND"),
        (&gw.anonymous(), body(NEW, PASSWORD), 401, "UNAUTHORIZED"),
    ] {
        expect_problem(client.auth("/change-password", &body).await, status, code).await;
    }
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(sign_in(&gw.anonymous(), &alice.email, PASSWORD).await, 200);
    let refused =
        "select count(*) from auth.audit_events where event = 'password_changed' and outcome = 'wrong_password'";
    assert_eq!(gw.db.count(refused).await, 1);
}

#[tokio::test]
async fn guesses_are_counted_per_account() {
    let limits =
        json!({ "change_password": { "limit": 2, "window": "1h" }, "verify_password": { "limit": 2, "window": "1h" } });
    let gw = TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await;
    let alice = gw.signed_up_user("alice").await;
    let bob = gw.signed_up_user("bob").await;
    for path in ["/change-password", "/verify-password"] {
        let body = |guess: &str| json!({ "newPassword": NEW, "currentPassword": guess, "password": guess });
        for _ in 0..2 {
            expect_problem(alice.auth(path, &body("wrong password")).await, 400, "INVALID_PASSWORD").await;
        }
        expect_problem(alice.auth(path, &body(PASSWORD)).await, 429, "TOO_MANY_REQUESTS").await;
        expect_problem(bob.auth(path, &body("wrong password")).await, 400, "INVALID_PASSWORD").await;
    }
    let token = super::reset_token(&gw, &alice.email, 2).await;
    assert_eq!(super::reset(&gw, &token, NEW).await.status(), 200, "mail is always a way back");
    let client = signed_in(&gw, &alice.email, NEW).await;
    assert_eq!(client.auth("/verify-password", &json!({ "password": NEW })).await.status(), 200, "and starts anew");
}

#[tokio::test]
async fn another_site_cannot_change_it() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    for path in ["/change-password", "/set-password", "/verify-password"] {
        let request =
            alice.request(http::Method::POST, &format!("/api/auth{path}")).header("Origin", "https://evil.example");
        let body = json!({ "newPassword": NEW, "currentPassword": PASSWORD, "password": PASSWORD });
        expect_problem(request.json(&body).send().await.unwrap(), 403, "INVALID_ORIGIN").await;
    }
}

#[tokio::test]
async fn a_password_can_be_held_against_ones_own() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let social = gw.insert_user("social", &[]).await;
    let response = alice.auth("/verify-password", &json!({ "password": PASSWORD })).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true }));
    let before = hashes(&gw).await;
    for (client, password, status, code) in [
        (&*alice, "wrong password", 400, "INVALID_PASSWORD"),
        (&*social, PASSWORD, 400, "INVALID_PASSWORD"),
        (&gw.anonymous(), PASSWORD, 401, "UNAUTHORIZED"),
    ] {
        expect_problem(client.auth("/verify-password", &json!({ "password": password })).await, status, code).await;
    }
    assert_eq!((hashes(&gw).await - before).to_string(), "2", "who is not signed in costs no hash");
}
