//! Links that are mailed to sign in: through the page with the button, and by the client's own call.

mod api;

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{
    Client, TestGateway,
    client::{AUTH, expect_problem, set_cookies},
    gateway::merge,
};

pub(super) async fn gateway(changes: Value) -> TestGateway {
    let mut config = json!({ "auth": { "magic_link": { "enabled": true } } });
    merge(&mut config, &changes);
    TestGateway::with(config).await
}

/// Asks for a link, and returns the token of the n-th mail to the address.
pub(super) async fn token(gw: &TestGateway, body: Value, n: usize) -> String {
    let response = gw.anonymous().auth("/sign-in/magic-link", &body).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true }));
    let link = gw.mail.nth_to(body["email"].as_str().unwrap(), n).await.link();
    assert_eq!(link.path(), format!("{AUTH}/magic-link/confirm"));
    link.query_pairs().find(|(key, _)| key == "token").unwrap().1.into_owned()
}

pub(super) async fn press(client: &Client, token: &str) -> reqwest::Response {
    let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
    let request = client.post(&format!("{AUTH}/magic-link/confirm"));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    request.body(body).send().await.unwrap()
}

pub(super) fn session_client(gw: &TestGateway, response: &reqwest::Response) -> Option<Client> {
    let prefix = format!("{}=", gw.cookie_name());
    let cookie = set_cookies(response.headers()).into_iter().find(|cookie| cookie.starts_with(&prefix))?;
    Some(gw.anonymous().with_cookie(cookie.split(';').next().unwrap().to_owned()))
}

#[tokio::test]
async fn the_button_of_the_page_signs_in_once() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    let token = token(&gw, json!({ "email": email, "callbackURL": "/welcome" }), 2).await;
    let page = format!("{AUTH}/magic-link/confirm?token={token}");
    for _ in 0..2 {
        let shown = gw.anonymous().get(&page).send().await.unwrap();
        assert_eq!(shown.status(), 200, "looking uses nothing up");
        assert!(set_cookies(shown.headers()).is_empty());
        assert_eq!(shown.headers()["referrer-policy"], "strict-origin");
        assert!(shown.text().await.unwrap().contains(&email), "the page says who signs in");
    }
    let response = press(&gw.anonymous(), &token).await;
    assert_eq!((response.status().as_u16(), &response.headers()["location"]), (303, &"/welcome".parse().unwrap()));
    let alice = session_client(&gw, &response).expect("a session");
    assert_eq!(alice.session().await["user"]["email"], email);
    assert_eq!(gw.db.count("select count(*) from auth.sessions where auth_method = 'magic-link'").await, 1);
    assert_eq!(press(&gw.anonymous(), &token).await.status(), 400);
    assert_eq!(gw.anonymous().status(&page).await, 400);
    assert_eq!(gw.metric("authgate_mailed_secrets_total{kind=\"magic-link\"}").await.to_string(), "1");
}

#[tokio::test]
async fn an_address_without_an_account_gets_one_by_the_button() {
    let gw = gateway(json!({})).await;
    let body = json!({
        "email": "new@example.com", "name": "Ada", "callbackURL": "/welcome", "newUserCallbackURL": "/first-steps",
    });
    let first = token(&gw, body.clone(), 1).await;
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
    let response = press(&gw.anonymous(), &first).await;
    assert_eq!(response.headers()["location"], "/first-steps");
    let user = session_client(&gw, &response).unwrap().session().await["user"].clone();
    assert_eq!((&user["name"], &user["emailVerified"]), (&json!("Ada"), &json!(true)));
    let again = token(&gw, body, 2).await;
    assert_eq!(press(&gw.anonymous(), &again).await.headers()["location"], "/welcome");
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 1);
}

#[tokio::test]
async fn nobody_signs_up_where_that_is_closed_and_nobody_can_tell() {
    for sign_up in [
        json!({ "mode": "closed" }),
        json!({ "mode": "invitation" }),
        json!({ "allowed_email_domains": ["acme.example"] }),
    ] {
        let gw = gateway(json!({ "auth": { "sign_up": sign_up } })).await;
        gw.insert_user("alice", &[]).await;
        token(&gw, json!({ "email": "alice@example.com" }), 1).await;
        let response = gw.anonymous().auth("/sign-in/magic-link", &json!({ "email": "nobody@example.com" })).await;
        assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true }));
        gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
        assert_eq!(gw.mail.all_to("nobody@example.com").len(), 0);
    }
}

#[tokio::test]
async fn what_a_stranger_put_into_an_account_opens_nothing_afterwards() {
    let gw = gateway(json!({})).await;
    let body = json!({ "name": "Mallory", "email": "victim@example.com", "password": "the stranger's own words" });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    let token = token(&gw, json!({ "email": "victim@example.com" }), 2).await;
    let victim = session_client(&gw, &press(&gw.anonymous(), &token).await).expect("a session");
    assert_eq!(victim.session().await["user"]["emailVerified"], true);
    let body = json!({ "email": "victim@example.com", "password": "the stranger's own words" });
    expect_problem(gw.anonymous().auth("/sign-in/email", &body).await, 401, "INVALID_EMAIL_OR_PASSWORD").await;
}

#[tokio::test]
async fn one_of_a_hundred_uses_of_a_link_wins() {
    let limits = json!({ "verify_email": { "limit": 10000, "window": "1m" } });
    for email in ["known@example.com", "unknown@example.com"] {
        let gw = Arc::new(gateway(json!({ "auth": { "rate_limits": limits } })).await);
        gw.insert_user("known", &[]).await;
        gw.db.execute("delete from auth.sessions").await;
        let token = token(&gw, json!({ "email": email }), 1).await;
        let mut tasks = JoinSet::new();
        for _ in 0..100 {
            let (gw, token) = (Arc::clone(&gw), token.clone());
            tasks.spawn(async move { press(&gw.anonymous(), &token).await.status().as_u16() });
        }
        let statuses = tasks.join_all().await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 400].contains(status)), "{statuses:?}");
        assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
    }
}

#[tokio::test]
async fn old_replaced_and_foreign_tokens_sign_nobody_in() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    let first = token(&gw, json!({ "email": email }), 2).await;
    let second = token(&gw, json!({ "email": email, "errorCallbackURL": "/failed" }), 3).await;
    assert_eq!(press(&gw.anonymous(), &first).await.status(), 400, "the newest counts");
    gw.anonymous().auth("/request-password-reset", &json!({ "email": email })).await;
    let reset = gw.mail.nth_to(&email, 4).await.token();
    for wrong in [reset.as_str(), "", "x", &"a".repeat(43)] {
        assert_eq!(press(&gw.anonymous(), wrong).await.status(), 400, "{wrong}");
    }
    gw.db.execute("update auth.users set banned_at = now()").await;
    let banned = press(&gw.anonymous(), &second).await;
    assert_eq!(
        (banned.status().as_u16(), &banned.headers()["location"]),
        (303, &"/failed?error=INVALID_TOKEN".parse().unwrap())
    );
    gw.db.execute("update auth.users set banned_at = null").await;
    gw.db
        .execute("update auth.verifications set expires_at = now() - interval '1 second' where purpose = 'magic-link'")
        .await;
    assert_eq!(press(&gw.anonymous(), &second).await.status(), 400);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
}

#[tokio::test]
async fn targets_that_are_not_trusted_are_refused_and_an_address_is_not_bombed() {
    let gw = gateway(json!({})).await;
    for (key, code) in [
        ("callbackURL", "INVALID_CALLBACK_URL"),
        ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
        ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
    ] {
        let body = json!({ "email": "a@example.com", key: "https://evil.example/" });
        expect_problem(gw.anonymous().auth("/sign-in/magic-link", &body).await, 403, code).await;
    }
    for n in 0..5 {
        token(&gw, json!({ "email": "a@example.com" }), n.min(2) + 1).await;
    }
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!(gw.mail.all_to("a@example.com").len(), 3);
}

#[tokio::test]
async fn it_replaces_the_session_of_another_account() {
    let gw = gateway(json!({})).await;
    let alice = gw.insert_user("alice", &[]).await;
    let token = token(&gw, json!({ "email": "bob@example.com" }), 1).await;
    assert_eq!(press(&alice, &token).await.status(), 200);
    assert_eq!(alice.status("/items").await, 401, "as with any sign-in");
}
