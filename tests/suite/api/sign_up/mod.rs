//! Signing up: what is accepted, what is stored, and that nobody learns who has an account.

mod bodies;
mod invitations;
mod rules;

use serde_json::{Value, json};

use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, assert_user, expect_problem, set_cookies},
};

pub(crate) const USERS: &str = "select count(*) from auth.users";

#[tokio::test]
async fn signing_up_makes_an_unverified_user_and_no_session() {
    let gw = TestGateway::start().await;
    let body = json!({ "name": "Zo\u{eb} M.", "email": "Zoe@Example.COM", "password": PASSWORD });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    assert_eq!(response.status(), 200);
    let cookies = set_cookies(response.headers());
    assert!(cookies.iter().all(|cookie| !cookie.contains("session")), "{cookies:?}");
    assert!(!response.headers().contains_key("set-auth-token"));
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["token"], Value::Null);
    assert_user(&answer["user"], "zoe@example.com", "Zo\u{eb} M.");
    assert_eq!((&answer["user"]["emailVerified"], &answer["user"]["image"]), (&json!(false), &Value::Null));
    assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
    assert_eq!(gw.db.count(USERS).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
}

#[tokio::test]
async fn passwords_are_stored_as_argon2id() {
    let gw = TestGateway::start().await;
    gw.sign_up("alice").await;
    let mut connection = gw.db.connect().await;
    let (provider, account, user, hash): (String, String, String, String) =
        sqlx::query_as("select provider_id, account_id, user_id, password_hash from auth.accounts")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!((provider.as_str(), account.as_str()), ("credential", user.as_str()));
    let mut parts = hash.split('$').skip(1);
    assert_eq!(parts.next(), Some("argon2id"), "{hash}");
    assert_eq!(parts.next(), Some("v=19"));
    let parameters: std::collections::HashMap<&str, u32> = parts
        .next()
        .unwrap()
        .split(',')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(key, value)| (key, value.parse().unwrap()))
        .collect();
    assert!(parameters["m"] >= 19 * 1024 && parameters["t"] >= 2 && parameters["p"] == 1, "{hash}");
}

#[tokio::test]
async fn fields_that_are_not_the_clients_to_set_have_no_effect() {
    let gw = TestGateway::start().await;
    let body = json!({
        "name": "mallory", "email": "mallory@example.com", "password": PASSWORD,
        "role": "admin", "roles": ["admin"], "emailVerified": true, "id": "root", "banned": false,
        "createdAt": "2000-01-01T00:00:00.000Z", "token": "x",
    });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    let status = response.status().as_u16();
    if status == 200 {
        let mut connection = gw.db.connect().await;
        let (id, verified, roles, year): (String, bool, Vec<String>, i32) =
            sqlx::query_as("select id, email_verified, roles, extract(year from created_at)::int from auth.users")
                .fetch_one(&mut connection)
                .await
                .unwrap();
        assert!(id != "root" && !verified && year > 2000 && !roles.contains(&"admin".to_owned()), "{id} {roles:?}");
    } else {
        assert_eq!(status, 400);
        assert_eq!(gw.db.count(USERS).await, 0);
    }
}

#[tokio::test]
async fn a_hundred_sign_ups_at_once_make_one_account() {
    let gw = TestGateway::start().await;
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD });
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (client, body) = (gw.anonymous(), body.clone());
        tasks.spawn(async move { client.auth("/sign-up/email", &body).await.status().as_u16() });
    }
    assert_eq!(tasks.join_all().await, [200; 100]);
    assert_eq!(gw.db.count(USERS).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 1);
}

#[tokio::test]
async fn foreign_pages_cannot_sign_anybody_up() {
    let gw = TestGateway::start().await;
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD });
    for origin in ["https://evil.example", "http://localhost", "https://localhost"] {
        let request = gw.anonymous().request(http::Method::POST, &format!("{AUTH}/sign-up/email"));
        let response = request.header("Origin", origin).json(&body).send().await.unwrap();
        expect_problem(response, 403, "INVALID_ORIGIN").await;
    }
    assert_eq!(gw.db.count(USERS).await, 0);
}

#[tokio::test]
async fn whoever_opens_the_mailed_link_decides_the_password() {
    let gw = TestGateway::start().await;
    // Somebody takes an address that is not theirs; then its owner signs up and opens the mail of that sign-up.
    let email = gw.sign_up("victim").await;
    gw.mail.to(&email).await;
    let body = json!({ "name": "Victim", "email": email, "password": "the owner's own words" });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    let token = gw.mail.nth_to(&email, 2).await.token();
    // Not in the browser that signed up, so the page asks for the password.
    let fields = [("token", token.as_str()), ("password", "the owner's own words")];
    assert!(gw.anonymous().confirm(&fields).await.status().as_u16() < 400);
    for (password, status) in [(PASSWORD, 401), ("the owner's own words", 200)] {
        let body = json!({ "email": email, "password": password });
        assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), status, "{password}");
    }
}
