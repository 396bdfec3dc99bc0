//! get-session, me, verify-token, sign-out, ok.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{
    TestGateway,
    client::{AUTH, assert_date, assert_user, expect_problem, set_cookies},
};

#[tokio::test]
async fn get_session_tells_session_and_user_or_null() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    for client in [(*alice).clone(), alice.bearer()] {
        let response = client.get(&format!("{AUTH}/get-session")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
        assert_eq!(response.headers()["cache-control"], "no-store");
        let answer: Value = response.json().await.unwrap();
        assert_user(&answer["user"], "alice@example.com", "alice");
        assert_eq!(answer["user"]["emailVerified"], true);
        let session = &answer["session"];
        assert_eq!(session["userId"], alice.id.as_str());
        assert!(session["id"].is_string() && session["ipAddress"] == "127.0.0.1", "{session}");
        assert!(session["userAgent"].is_string(), "{session}");
        for date in ["expiresAt", "createdAt", "updatedAt"] {
            assert_date(&session[date]);
        }
    }
    let response = gw.anonymous().get(&format!("{AUTH}/get-session")).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (200, "null"));
}

#[tokio::test]
async fn get_session_clears_a_cookie_that_opens_nothing() {
    let gw = TestGateway::start().await;
    let name = gw.cookie_name();
    let stale = gw.anonymous().with_cookie(format!("{name}={}", "A".repeat(43)));
    let response = stale.get(&format!("{AUTH}/get-session")).send().await.unwrap();
    let cookies = set_cookies(response.headers());
    let cleared = cookies.iter().find(|cookie| cookie.starts_with(&format!("{name}=;"))).expect("it is cleared");
    for attribute in ["Max-Age=0", "Path=/", "HttpOnly", "SameSite=Lax"] {
        assert!(cleared.contains(attribute), "{cleared}");
    }
}

#[tokio::test]
async fn me_is_for_whoever_is_signed_in() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let answer: Value = alice.get(&format!("{AUTH}/me")).send().await.unwrap().json().await.unwrap();
    assert_user(&answer["user"], "alice@example.com", "alice");
    assert_eq!(answer["session"]["userId"], alice.id.as_str());
    expect_problem(gw.anonymous().get(&format!("{AUTH}/me")).send().await.unwrap(), 401, "UNAUTHORIZED").await;
}

#[tokio::test]
async fn verify_token_judges_a_token_for_a_backend() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let ask = async |token: Value| {
        let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/verify-token"));
        let response = request.json(&json!({ "token": token })).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (status, answer) = ask(json!(alice.token)).await;
    assert_eq!((status, &answer["valid"]), (200, &json!(true)));
    assert_eq!(answer["user"]["id"], alice.id.as_str());
    assert_eq!(answer["session"]["userId"], alice.id.as_str());
    for token in [json!("A".repeat(43)), json!("nonsense"), json!("")] {
        let (status, answer) = ask(token.clone()).await;
        assert_eq!((status, &answer["valid"]), (200, &json!(false)), "{token}");
        assert!(answer["user"].is_null() && answer["session"].is_null(), "{answer}");
    }
    for token in [json!(7), Value::Null, json!([alice.token])] {
        assert_eq!(ask(token.clone()).await.0, 400, "{token}");
    }
}

#[tokio::test]
async fn signing_out_deletes_the_row_and_clears_the_cookie() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let response = alice.auth("/sign-out", &json!({})).await;
    assert_eq!(response.status(), 200);
    let name = gw.cookie_name();
    let cookies = set_cookies(response.headers());
    let cleared = cookies.iter().find(|cookie| cookie.starts_with(&format!("{name}=;"))).expect("it is cleared");
    for attribute in ["Max-Age=0", "Path=/", "HttpOnly", "SameSite=Lax"] {
        assert!(cleared.contains(attribute), "{cleared}");
    }
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "success": true }));
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
    assert_eq!((alice.status("/items").await, alice.bearer().status("/items").await), (401, 401));
}

#[tokio::test]
async fn signing_out_needs_no_body_and_no_session() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let response = alice.post(&format!("{AUTH}/sign-out")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let response = gw.anonymous().post(&format!("{AUTH}/sign-out")).send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "success": true }));
}

#[tokio::test]
async fn no_foreign_page_signs_anybody_out() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let sign_out = || alice.request(Method::POST, &format!("{AUTH}/sign-out"));
    for (origin, code) in [
        (Some("https://evil.example"), "INVALID_ORIGIN"),
        (Some("null"), "MISSING_OR_NULL_ORIGIN"),
        (None, "MISSING_OR_NULL_ORIGIN"),
    ] {
        let request = origin.iter().fold(sign_out(), |request, origin| request.header("Origin", *origin));
        expect_problem(request.send().await.unwrap(), 403, code).await;
    }
    assert_eq!(alice.status("/items").await, 200);
}

#[tokio::test]
async fn ok_is_ok() {
    let gw = TestGateway::start().await;
    let response = gw.anonymous().get(&format!("{AUTH}/ok")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "ok": true }));
}

#[tokio::test]
async fn the_first_plans_names_work_too() {
    let gw = TestGateway::start().await;
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": crate::harness::PASSWORD });
    assert_eq!(gw.anonymous().auth("/signup", &body).await.status(), 200);
    let mail = gw.mail.to("alice@example.com").await;
    assert!(gw.confirm(&mail).await.status().as_u16() < 400);
    let response = gw.anonymous().auth("/signin", &body).await;
    assert_eq!(response.status(), 200);
    let token = response.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned();
    let client = gw.anonymous().with_bearer(&token);
    assert_eq!(client.auth("/signout", &json!({})).await.status(), 200);
    assert_eq!(client.status("/items").await, 401);
}

#[tokio::test]
async fn head_on_an_auth_endpoint_has_no_body() {
    let gw = TestGateway::start().await;
    let mut raw = gw.raw().await;
    raw.send(format!("HEAD {AUTH}/ok HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", gw.host())).await;
    let response = raw.head_response().await.unwrap();
    assert!([200, 404].contains(&response.status), "{}", response.status);
    assert!(raw.closed().await.is_empty());
}
