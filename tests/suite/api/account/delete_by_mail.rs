//! Deleting one's account with a mailed link, where the configuration asks for it.

use serde_json::{Value, json};

use super::AGE_SESSIONS;
use crate::harness::{
    Client, PASSWORD, TestGateway, User,
    client::{AUTH, expect_problem, set_cookies},
};

const USERS: &str = "select count(*) from auth.users";

async fn gateway() -> TestGateway {
    TestGateway::with(json!({ "auth": { "delete_user": { "mailed_confirmation": true } } })).await
}

/// Asks for a link, as the `n`-th mail to them.
async fn ask(gw: &TestGateway, user: &User, n: usize) -> url::Url {
    let response = user.auth("/delete-user", &json!({})).await;
    assert_eq!(response.status(), 200);
    assert!(set_cookies(response.headers()).is_empty(), "nobody is signed out yet");
    let expected = json!({ "success": true, "message": "Verification email sent" });
    assert_eq!(response.json::<Value>().await.unwrap(), expected);
    gw.mail.nth_to(&user.email, n).await.link()
}

fn token_of(link: &url::Url) -> String {
    link.query_pairs().find(|(key, _)| key == "token").expect("the link carries a token").1.into_owned()
}

async fn press(gw: &TestGateway, token: &str) -> reqwest::Response {
    let request = gw.anonymous().post(&format!("{AUTH}/delete-user/confirm"));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    request.body(format!("token={token}")).send().await.unwrap()
}

async fn callback(client: &Client, token: &str) -> reqwest::Response {
    client.get(&format!("{AUTH}/delete-user/callback?token={token}")).send().await.unwrap()
}

#[tokio::test]
async fn the_button_of_the_mailed_page_deletes() {
    let gw = gateway().await;
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute(AGE_SESSIONS).await;
    let link = ask(&gw, &alice, 2).await;
    let lifetime = "select extract(epoch from expires_at - created_at)::bigint from auth.verifications";
    assert_eq!(gw.db.count(lifetime).await, 24 * 60 * 60);
    let path = format!("{}?{}", link.path(), link.query().unwrap());
    let page = gw.anonymous().get(&path).send().await.unwrap();
    assert_eq!((page.status().as_u16(), &page.headers()["referrer-policy"]), (200, &"strict-origin".parse().unwrap()));
    let page = page.text().await.unwrap();
    assert!(page.contains("<button") && page.contains(&token_of(&link)) && !page.contains("<script"), "{page}");
    assert_eq!((alice.status("/items").await, gw.db.count(USERS).await), (200, 1), "looking deletes nothing");
    let done = press(&gw, &token_of(&link)).await;
    assert_eq!(done.status(), 200);
    assert!(done.text().await.unwrap().contains("deleted"));
    assert_eq!((alice.status("/items").await, gw.db.count(USERS).await), (401, 0));
    assert_eq!(press(&gw, &token_of(&link)).await.status(), 400);
    assert!(gw.mail.nth_to(&alice.email, 3).await.subject.contains("was deleted"));
}

#[tokio::test]
async fn the_page_escapes_and_keeps_to_trusted_targets() {
    let gw = gateway().await;
    let ask = async |query: &str| {
        let response = gw.anonymous().get(&format!("{AUTH}/delete-user/confirm{query}")).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    for query in ["", "?token=", "?token=a&token=b", "?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"] {
        let (status, page) = ask(query).await;
        assert!(status == 200 && !page.contains("<script>"), "{query}: {page}");
    }
    let (status, page) = ask("?token=a&callbackURL=//evil.example").await;
    assert!(status == 403 && !page.contains("evil.example"), "{page}");
}

#[tokio::test]
async fn neither_password_nor_fresh_session_replaces_the_link() {
    let gw = gateway().await;
    let alice = gw.signed_up_user("alice").await;
    let wrong = alice.auth("/delete-user", &json!({ "password": "not the password" })).await;
    expect_problem(wrong, 400, "INVALID_PASSWORD").await;
    let right = alice.auth("/delete-user", &json!({ "password": PASSWORD })).await;
    assert_eq!(right.json::<Value>().await.unwrap()["message"], "Verification email sent");
    assert_eq!(gw.db.count(USERS).await, 1);
    let token = token_of(&gw.mail.nth_to(&alice.email, 2).await.link());
    let deleted = alice.auth("/delete-user", &json!({ "token": token })).await;
    assert_eq!(deleted.json::<Value>().await.unwrap()["message"], "User deleted");
    assert_eq!(gw.db.count(USERS).await, 0);
}

#[tokio::test]
async fn the_contracts_callback_needs_the_same_user_signed_in() {
    let gw = gateway().await;
    let alice = gw.signed_up_user("alice").await;
    let bob = gw.insert_user("bob", &[]).await;
    let token = token_of(&ask(&gw, &alice, 2).await);
    expect_problem(callback(&gw.anonymous(), &token).await, 404, "FAILED_TO_GET_USER_INFO").await;
    expect_problem(callback(&bob, &token).await, 404, "INVALID_TOKEN").await;
    expect_problem(bob.auth("/delete-user", &json!({ "token": token })).await, 404, "INVALID_TOKEN").await;
    expect_problem(callback(&alice, "nonsense").await, 404, "INVALID_TOKEN").await;
    let path = format!("{AUTH}/delete-user/callback?token={token}&callbackURL=");
    expect_problem(alice.get(&format!("{path}//evil.example")).send().await.unwrap(), 403, "INVALID_CALLBACK_URL")
        .await;
    assert_eq!(gw.db.count(USERS).await, 2);
    let response = alice.get(&format!("{path}%2Fbye")).send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["location"]), (302, &"/bye".parse().unwrap()));
    assert!(set_cookies(response.headers()).iter().any(|cookie| cookie.contains("Max-Age=0")));
    assert_eq!((gw.db.count(USERS).await, bob.status("/items").await), (1, 200));
}

#[tokio::test]
async fn old_foreign_and_spent_tokens_delete_nothing() {
    let gw = gateway().await;
    let alice = gw.signed_up_user("alice").await;
    let token = token_of(&ask(&gw, &alice, 2).await);
    for purpose in ["verify-email", "reset-password", "change-email"] {
        sqlx::query("update auth.verifications set purpose = $1")
            .bind(purpose)
            .execute(&mut gw.db.connect().await)
            .await
            .unwrap();
        assert_eq!(press(&gw, &token).await.status(), 400, "{purpose}");
        expect_problem(callback(&alice, &token).await, 404, "INVALID_TOKEN").await;
    }
    gw.db.execute("update auth.verifications set purpose = 'delete-user', expires_at = now() - interval '1 ms'").await;
    assert_eq!(press(&gw, &token).await.status(), 400);
    expect_problem(callback(&alice, &token).await, 404, "INVALID_TOKEN").await;
    for token in ["", "nonsense", &"A".repeat(43)] {
        assert_eq!(press(&gw, token).await.status(), 400, "{token}");
    }
    assert_eq!((gw.db.count(USERS).await, alice.status("/items").await), (1, 200));
}

#[tokio::test]
async fn the_button_needs_its_own_page() {
    let gw = gateway().await;
    let alice = gw.signed_up_user("alice").await;
    let token = token_of(&ask(&gw, &alice, 2).await);
    let request = gw.anonymous().request(http::Method::POST, &format!("{AUTH}/delete-user/confirm"));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let request = request.header("Origin", "https://evil.example").body(format!("token={token}"));
    assert_eq!(request.send().await.unwrap().status(), 403);
    assert_eq!(gw.db.count(USERS).await, 1);
}
