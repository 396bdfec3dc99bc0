//! What an account got before its address was proved, where people are signed in without a proof (SESS-14).

use serde_json::{Value, json};

use super::browsers::{EMAIL, FOREIGN, OWN, assert_opens, sign_in};
use crate::harness::{Client, TestGateway, client::AUTH, mail::Mail};

const IDENTITIES: &str = "select count(*) from auth.accounts where provider_id = 'acme'";

/// A gateway that asks for no proof, and a stranger who has signed the address up and linked an identity.
async fn lax_gateway() -> (TestGateway, Client) {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    let body = json!({ "name": "Mallory", "email": EMAIL, "password": FOREIGN });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    let answer: Value = response.json().await.unwrap();
    let stranger = gw.anonymous().with_bearer(answer["token"].as_str().unwrap());
    let linked = "insert into auth.accounts (id, user_id, provider_id, account_id, created_at, updated_at)
                  select 'linked', id, 'acme', 'mallory-1', now(), now() from auth.users";
    assert_eq!(gw.db.execute(linked).await, 1);
    (gw, stranger)
}

async fn mailed_link(gw: &TestGateway) -> String {
    gw.anonymous().auth("/send-verification-email", &json!({ "email": EMAIL })).await;
    gw.mail.to(EMAIL).await.token()
}

#[tokio::test]
async fn everything_that_others_put_there_ends_at_the_proof() {
    let (lax, stranger) = lax_gateway().await;
    let token = mailed_link(&lax).await;
    // The operator has come to ask for a proof; on another replica, since the mailbox belongs to this one.
    let gw = lax.replica().await;
    let done = gw.anonymous().confirm(&[("token", &token), ("password", OWN)]).await;
    assert!(done.status().as_u16() < 400);
    assert_opens(&gw, OWN, FOREIGN).await;
    for gw in [&gw, &lax] {
        assert_eq!(gw.db.count(IDENTITIES).await, 0);
    }
    assert_eq!(stranger.session().await, Value::Null);
}

#[tokio::test]
async fn who_proves_while_signed_in_keeps_the_account_and_this_session_alone() {
    let (gw, owner) = lax_gateway().await;
    let other: Value = sign_in(&gw, FOREIGN).await.json().await.unwrap();
    let other = gw.anonymous().with_bearer(other["token"].as_str().unwrap());
    assert_ne!(other.session().await, Value::Null);
    let token = mailed_link(&gw).await;
    let page = owner.get(&format!("{AUTH}/verify-email/confirm?token={token}")).send().await.unwrap();
    assert!(!page.text().await.unwrap().contains("type=\"password\""));
    assert!(owner.confirm(&[("token", &token)]).await.status().as_u16() < 400);
    assert_eq!(owner.session().await["user"]["emailVerified"], true);
    assert_eq!(other.session().await, Value::Null);
    assert_eq!(gw.db.count(IDENTITIES).await, 1);
    assert_eq!(sign_in(&gw, FOREIGN).await.status(), 200, "the owner's password, whoever that is");
}

#[tokio::test]
async fn a_session_of_somebody_else_keeps_nothing() {
    let (gw, stranger) = lax_gateway().await;
    let bob = gw.insert_user("bob", &[]).await;
    let token = mailed_link(&gw).await;
    assert_eq!(bob.confirm(&[("token", &token)]).await.status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 0);
    assert_eq!(stranger.session().await, Value::Null);
    assert_ne!(bob.session().await, Value::Null);
}

#[tokio::test]
async fn links_from_before_end_too() {
    let (gw, stranger) = lax_gateway().await;
    let change = json!({ "newEmail": "mallory@example.com" });
    assert_eq!(stranger.auth("/change-email", &change).await.status(), 200);
    let change = gw.mail.to("mallory@example.com").await.token();
    gw.anonymous().auth("/send-verification-email", &json!({ "email": EMAIL })).await;
    let token = gw.mail.nth_to(EMAIL, 2).await.token();
    assert!(gw.anonymous().confirm(&[("token", &token), ("password", OWN)]).await.status().as_u16() < 400);
    assert_eq!(gw.anonymous().confirm(&[("token", &change)]).await.status(), 400);
    assert_opens(&gw, OWN, FOREIGN).await;
}

#[tokio::test]
async fn a_reset_by_mail_ends_identities_and_its_password_survives_the_proof() {
    let (gw, stranger) = lax_gateway().await;
    gw.anonymous().auth("/request-password-reset", &json!({ "email": EMAIL })).await;
    let token = gw.mail.to(EMAIL).await.token();
    let reset = gw.anonymous().auth("/reset-password", &json!({ "token": token, "newPassword": OWN })).await;
    assert_eq!(reset.status(), 200);
    assert_eq!(gw.db.count(IDENTITIES).await, 0);
    assert_eq!(stranger.session().await, Value::Null);
    gw.anonymous().auth("/send-verification-email", &json!({ "email": EMAIL })).await;
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    let mails = gw.mail.all_to(EMAIL);
    let link = mails.iter().map(Mail::link).find(|link| link.path().contains("verify-email")).unwrap();
    let token = link.query_pairs().find(|(key, _)| key == "token").unwrap().1.into_owned();
    assert!(gw.anonymous().confirm(&[("token", &token)]).await.status().as_u16() < 400);
    assert_opens(&gw, OWN, FOREIGN).await;
}
