//! `auth.sign_up.mode: invitation`: an address that an operator has invited signs up, once (ENUM-07).

use serde_json::{Value, json};

use super::USERS;
use crate::{
    api::social::walk,
    harness::{
        PASSWORD, TestGateway,
        client::{Client, expect_problem},
        idp::Idp,
    },
};

async fn gateway() -> TestGateway {
    TestGateway::with(json!({ "auth": { "sign_up": { "mode": "invitation" } } })).await
}

/// Invites the address and returns the token of the link.
fn invite(gw: &TestGateway, email: &str) -> String {
    let answer = gw.cli_json(&["users", "invite", email, "--page", "/sign-up?lang=en"]);
    let link: url::Url = answer["link"].as_str().unwrap().parse().unwrap();
    assert!(link.as_str().starts_with(&format!("{}/sign-up?lang=en&invitation=", gw.origin())), "{link}");
    link.query_pairs().find(|(key, _)| key == "invitation").unwrap().1.into_owned()
}

async fn sign_up(client: &Client, email: &str, invitation: &Value) -> reqwest::Response {
    let mut body = json!({ "name": "New", "email": email, "password": PASSWORD });
    if !invitation.is_null() {
        body["invitation"] = invitation.clone();
    }
    client.auth("/sign-up/email", &body).await
}

#[tokio::test]
async fn the_invited_address_signs_up_and_proves_itself() {
    let gw = gateway().await;
    let token = invite(&gw, "Ada@Example.com");
    assert_eq!(sign_up(&gw.anonymous(), "ada@example.com", &json!(token)).await.status(), 200);
    // A link that was passed on proves no address.
    let verified = "select count(*) from auth.users where email_verified";
    assert_eq!((gw.db.count(USERS).await, gw.db.count(verified).await), (1, 0));
    assert_eq!(gw.confirm(&gw.mail.to("ada@example.com").await).await.status(), 200);
    assert_eq!(gw.db.count(verified).await, 1);

    let token = invite(&gw, "bob@example.com");
    let body = json!({ "name": "Bob", "email": "bob@example.com", "password": PASSWORD });
    let path = format!("/sign-up/email?invitation={token}");
    assert_eq!(gw.anonymous().auth(&path, &body).await.status(), 200, "in the query too");
    let recorded = "select count(*) from auth.audit_events where event in ('user_invited', 'sign_up')";
    assert_eq!(gw.db.count(recorded).await, 4);
    assert!(!gw.process.output().contains(&token), "no log holds it");
}

#[tokio::test]
async fn an_invitation_is_for_one_address_once_and_not_for_ever() {
    let gw = gateway().await;
    let client = gw.anonymous();
    let token = json!(invite(&gw, "ada@example.com"));
    expect_problem(sign_up(&client, "eve@example.com", &token).await, 403, "INVALID_INVITATION").await;
    expect_problem(sign_up(&client, "ada@example.com", &Value::Null).await, 403, "INVITATION_REQUIRED").await;
    expect_problem(sign_up(&client, "ada@example.com", &json!("x")).await, 403, "INVITATION_REQUIRED").await;
    let other = json!(invite(&gw, "bob@example.com"));
    expect_problem(sign_up(&client, "ada@example.com", &other).await, 403, "INVALID_INVITATION").await;

    let newer = json!(invite(&gw, "ada@example.com"));
    expect_problem(sign_up(&client, "ada@example.com", &token).await, 403, "INVALID_INVITATION").await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (client, newer) = (gw.anonymous(), newer.clone());
        tasks.spawn(async move { sign_up(&client, "ada@example.com", &newer).await.status().as_u16() });
    }
    tasks.join_all().await;
    assert_eq!(gw.db.count(USERS).await, 1);
    expect_problem(sign_up(&client, "ada@example.com", &newer).await, 403, "INVALID_INVITATION").await;

    gw.db.execute("update auth.verifications set expires_at = now() where purpose = 'invitation'").await;
    expect_problem(sign_up(&client, "bob@example.com", &other).await, 403, "INVALID_INVITATION").await;
    let withdrawn = json!(invite(&gw, "bob@example.com"));
    assert_eq!(gw.cli_json(&["users", "invite", "bob@example.com", "--withdraw"]), json!({ "withdrawn": true }));
    expect_problem(sign_up(&client, "bob@example.com", &withdrawn).await, 403, "INVALID_INVITATION").await;
    assert_eq!(gw.db.count(USERS).await, 1);
}

#[tokio::test]
async fn nobody_learns_who_has_an_account_or_an_invitation() {
    let gw = gateway().await;
    gw.cli(&["users", "create", "alice@example.com", "--name", "Alice", "--verified"]);
    invite(&gw, "bob@example.com");
    let token = json!("A".repeat(43));
    for (invitation, code) in [(Value::Null, "INVITATION_REQUIRED"), (token, "INVALID_INVITATION")] {
        let mut messages = Vec::new();
        for email in ["alice@example.com", "bob@example.com", "new@example.com"] {
            let response = sign_up(&gw.anonymous(), email, &invitation).await;
            messages.push(expect_problem(response, 403, code).await.message);
        }
        assert!(messages.iter().all(|message| *message == messages[0]), "{messages:?}");
    }
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 0);
    assert_eq!((gw.db.count(USERS).await, gw.mail.all().len()), (1, 0));
}

#[tokio::test]
async fn a_provider_that_vouches_for_the_address_needs_no_link() {
    let idp = Idp::start().await;
    let social = json!({ "social": { "acme": idp.config() }, "sign_up": { "mode": "invitation" } });
    let gw = TestGateway::with(json!({ "auth": social })).await;
    let target = async || walk(&gw).await.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(target().await, "/out?error=signup_disabled");
    invite(&gw, "ada@example.com");
    idp.claim(&json!({ "email_verified": false }));
    assert_eq!(target().await, "/out?error=signup_disabled", "anybody can name an address");
    idp.claim(&json!({ "email_verified": true }));
    assert_eq!(target().await, "/new");
    assert_eq!(gw.db.count("select count(*) from auth.verifications where purpose = 'invitation'").await, 0);
    assert_eq!(target().await, "/in");
}

#[tokio::test]
async fn operators_invite_only_who_could_sign_up() {
    let invite = ["users", "invite", "ada@example.com", "--page"];
    let open = TestGateway::start().await;
    open.cli(&[&invite[..], &["/sign-up"]].concat()).assert_refused(2, "auth.sign_up.mode: invitation");
    let rules = json!({ "mode": "invitation", "allowed_email_domains": ["example.org"] });
    let gw = TestGateway::with(json!({ "auth": { "sign_up": rules } })).await;
    gw.cli(&[&invite[..], &["/sign-up"]].concat()).assert_refused(2, "allowed_email_domains");
    gw.cli(&[&invite[..], &["https://evil.example/"]].concat()).assert_refused(2, "--page");
    gw.cli(&["users", "create", "bob@example.org", "--name", "Bob"]);
    gw.cli(&["users", "invite", "bob@example.org", "--page", "/"]).assert_refused(1, "has an account already");
    assert_eq!(gw.db.count("select count(*) from auth.verifications").await, 0);
}
