//! `auth.sign_up`: who may open an account with a password, and what nobody learns or gets around by it.

use serde_json::{Value, json};

use super::USERS;
use crate::harness::{
    PASSWORD, TestGateway,
    client::{Client, expect_problem},
};

async fn gateway(sign_up: Value) -> TestGateway {
    TestGateway::with(json!({ "auth": { "sign_up": sign_up } })).await
}

async fn sign_up(client: &Client, email: &str) -> reqwest::Response {
    client.auth("/sign-up/email", &json!({ "name": "New", "email": email, "password": PASSWORD })).await
}

#[tokio::test]
async fn where_sign_up_is_closed_nobody_new_comes_in() {
    let open = TestGateway::start().await;
    let alice = open.verified_user("alice").await;
    let gw = open.replica_with(json!({ "auth": { "sign_up": { "mode": "closed" } } })).await;
    let mut answers = Vec::new();
    // A taken address, a free one, and what is no sign-up at all in an open gateway either.
    for email in [alice.as_str(), "new@example.com"] {
        let response = sign_up(&gw.anonymous(), email).await;
        answers.push(expect_problem(response, 403, "EMAIL_PASSWORD_SIGN_UP_DISABLED").await.message);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(gw.db.count(USERS).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 0, "and the owner hears nothing of it");
    assert_eq!(gw.mail.all().len(), 0);
    let line = gw.logged("the refusal", |line| line["message"] == "a sign-up was refused").await;
    assert_eq!(line["reason"], "sign-up is closed", "{line}");
    assert!(line["request.id"].is_string() && !gw.process.output().contains("new@example.com"), "{line}");
    let recorded = "select count(*) from auth.audit_events where event = 'sign_up' and outcome = 'refused'";
    assert_eq!(gw.db.count(recorded).await, 2);

    assert_eq!(gw.sign_in(&alice).await.status("/items").await, 200, "whoever has an account signs in");
    gw.cli(&["users", "create", "bob@example.com", "--name", "Bob", "--verified"]);
    assert_eq!(gw.db.count(USERS).await, 2, "and operators create users");
}

#[tokio::test]
async fn only_addresses_of_the_allowed_domains_sign_up() {
    let gw = gateway(json!({ "allowed_email_domains": ["example.com", "*.Example.ORG", "münchen.example"] })).await;
    for (email, status) in [
        ("a@example.com", 200),
        ("b@EXAMPLE.com", 200),
        ("c@sub.example.org", 200),
        ("d@xn--mnchen-3ya.example", 200),
        ("e@sub.example.com", 403),
        ("f@example.org", 403),
        ("g@example.com.evil.example", 403),
        ("h@evilexample.com", 403),
        ("i%40example.com@evil.example", 403),
    ] {
        let response = sign_up(&gw.anonymous(), email).await;
        assert_eq!(response.status(), status, "{email}");
        if status == 403 {
            expect_problem(response, 403, "EMAIL_DOMAIN_NOT_ALLOWED").await;
        }
    }
    assert_eq!(gw.db.count(USERS).await, 4);
}

#[tokio::test]
async fn an_account_moves_to_no_other_domain() {
    let open = TestGateway::start().await;
    let alice = open.signed_up_user("alice").await;
    let asked = json!({ "newEmail": "alice@elsewhere.example" });
    assert_eq!(alice.auth("/change-email", &asked).await.status(), 200);
    let mail = open.mail.to("alice@elsewhere.example").await;

    let changes = json!({ "auth": { "sign_up": { "allowed_email_domains": ["example.com"] } } });
    let gw = open.replica_with(changes).await;
    let alice = alice.at(&gw);
    expect_problem(alice.auth("/change-email", &asked).await, 403, "EMAIL_DOMAIN_NOT_ALLOWED").await;
    // Nor by a link that was mailed before.
    gw.confirm(&mail).await;
    assert_eq!(gw.db.count("select count(*) from auth.users where email = 'alice@example.com'").await, 1);
    let within = json!({ "newEmail": "alice.two@example.com" });
    assert_eq!(alice.auth("/change-email", &within).await.status(), 200);
}
