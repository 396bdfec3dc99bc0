//! What takes a proof of the last ten minutes, what takes the password, and what takes neither (SESS-09).

use http::Method;
use serde_json::{Value, json};

use super::{AGE_ELEVEN_MINUTES, AGE_SESSIONS};
use crate::harness::{
    Client, PASSWORD, TestGateway,
    client::{AUTH, expect_problem},
};

const AGE_NINE_MINUTES: &str = "update auth.sessions set created_at = now() - interval '9 minutes'";
const NEW_PASSWORD: &str = "a new and longer phrase";

/// Lists what would lock the owner out: path, body, and the answer to a session that was not proved lately.
fn sensitive() -> [(&'static str, Value, u16, &'static str); 5] {
    [
        ("/set-password", json!({ "newPassword": NEW_PASSWORD }), 403, "SESSION_NOT_FRESH"),
        ("/unlink-account", json!({ "accountId": "any" }), 403, "SESSION_NOT_FRESH"),
        ("/link-social", json!({ "provider": "acme" }), 403, "SESSION_NOT_FRESH"),
        ("/link-social", json!({ "provider": "acme", "idToken": { "token": "x" } }), 403, "SESSION_NOT_FRESH"),
        ("/delete-user", json!({}), 400, "SESSION_EXPIRED"),
    ]
}

async fn expect_refused(client: &Client) {
    for (path, body, status, code) in sensitive() {
        expect_problem(client.auth(path, &body).await, status, code).await;
    }
}

/// Each goes as far as it can go for this account, which is left as it is.
async fn expect_let_through(client: &Client) {
    for (path, body, ..) in sensitive().into_iter().filter(|(path, ..)| *path != "/delete-user") {
        let response = client.auth(path, &body).await;
        let answer: Value = response.json().await.unwrap();
        let reached = ["PASSWORD_ALREADY_SET", "FAILED_TO_UNLINK_LAST_ACCOUNT", "PROVIDER_NOT_FOUND"];
        assert!(reached.iter().any(|code| answer["code"] == *code), "{path}: {answer}");
    }
}

#[tokio::test]
async fn what_would_lock_the_owner_out_takes_a_proof_of_the_last_ten_minutes() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute(AGE_NINE_MINUTES).await;
    expect_let_through(&alice).await;
    expect_let_through(&alice.bearer()).await;
    gw.db.execute(AGE_ELEVEN_MINUTES).await;
    expect_refused(&alice).await;
    expect_refused(&alice.bearer()).await;
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 1);
    gw.db.execute(AGE_NINE_MINUTES).await;
    assert_eq!(alice.auth("/delete-user", &json!({})).await.status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
}

#[tokio::test]
async fn everything_else_takes_a_session_and_no_more() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.insert_session(&alice.id).await;
    gw.db.execute(AGE_ELEVEN_MINUTES).await;
    let handle = {
        let list = alice.get(&format!("{AUTH}/list-sessions")).send().await.unwrap();
        assert_eq!(list.status(), 200, "until auth.session.fresh_age");
        let list: Vec<Value> = list.json().await.unwrap();
        list.iter().find(|session| session["current"] != true).map(|session| session["token"].clone())
    };
    for path in ["/get-session", "/me", "/list-accounts", "/pending-email-change"] {
        assert_eq!(alice.get(&format!("{AUTH}{path}")).send().await.unwrap().status(), 200, "{path}");
    }
    // There is no such account, so that is the answer.
    for path in ["/get-access-token", "/refresh-token"] {
        let response = alice.auth(path, &json!({ "accountId": "any" })).await;
        expect_problem(response, 400, "ACCOUNT_NOT_FOUND").await;
    }
    for (path, body) in [
        ("/update-user", json!({ "name": "Alice" })),
        ("/revoke-session", json!({ "token": handle })),
        ("/revoke-other-sessions", json!({})),
        ("/sign-out", json!({})),
    ] {
        assert_eq!(alice.auth(path, &body).await.status(), 200, "{path}");
    }
    let alice = gw.sign_in(&alice.email).await;
    gw.db.execute(AGE_ELEVEN_MINUTES).await;
    assert_eq!(alice.auth("/revoke-sessions", &json!({})).await.status(), 200);
}

#[tokio::test]
async fn the_password_proves_a_session_anew_and_no_other_one() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let phone = gw.sign_in(&alice.email).await;
    gw.db.execute(AGE_SESSIONS).await;
    let wrong = alice.auth("/verify-password", &json!({ "password": "not the password" })).await;
    expect_problem(wrong, 400, "INVALID_PASSWORD").await;
    expect_refused(&alice).await;
    assert_eq!(alice.auth("/verify-password", &json!({ "password": PASSWORD })).await.status(), 200);
    expect_let_through(&alice).await;
    assert_eq!(alice.get(&format!("{AUTH}/list-sessions")).send().await.unwrap().status(), 200);
    expect_refused(&phone).await;
    let proof_is_over =
        "update auth.sessions set proved_at = now() - interval '11 minutes' where proved_at is not null";
    gw.db.execute(proof_is_over).await;
    expect_refused(&alice).await;
    assert_eq!(alice.auth("/delete-user", &json!({ "password": PASSWORD })).await.status(), 200);
}

#[tokio::test]
async fn a_changed_password_proves_the_session_that_goes_on() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute(AGE_SESSIONS).await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD, "revokeOtherSessions": false });
    assert_eq!(alice.bearer().auth("/change-password", &body).await.status(), 200);
    expect_let_through(&alice.bearer()).await;
}

#[tokio::test]
async fn a_shorter_fresh_age_counts_here_too() {
    let gw = TestGateway::with(json!({ "auth": { "session": { "fresh_age": "5m" } } })).await;
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute(AGE_NINE_MINUTES).await;
    expect_refused(&alice).await;
    expect_problem(
        alice.request(Method::GET, &format!("{AUTH}/list-sessions")).send().await.unwrap(),
        403,
        "SESSION_NOT_FRESH",
    )
    .await;
}

#[tokio::test]
async fn the_page_on_security_lists_every_operation() {
    let on = json!({ "enabled": true });
    let gw = TestGateway::with(json!({ "auth": { "admin": on, "api_keys": on, "organizations": on } })).await;
    let document: Value =
        gw.anonymous().get(&format!("{AUTH}/openapi.json")).send().await.unwrap().json().await.unwrap();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/security.md")).unwrap();
    let (_, section) = page.split_once("## What each operation asks for").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let paths = document["paths"].as_object().unwrap().keys();
    let paths = paths.map(|path| path.strip_prefix(AUTH).unwrap_or(path));
    let missing: Vec<&str> = paths.filter(|path| !section.contains(&format!("`{path}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
