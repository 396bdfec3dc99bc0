//! Accounts that operators made or gave roles to: no sign-up touches them, and what the operator set survives the proof.

use super::{
    VERIFIED,
    browsers::{EMAIL, FOREIGN, OWN, assert_opens, newest, sign_in, sign_up},
};
use crate::harness::TestGateway;

const ROLES: &str = "select count(*) from auth.users where roles = '{admin}' and name = 'Ada'";

async fn hashes(gw: &TestGateway) -> Vec<String> {
    sqlx::query_scalar("select password_hash from auth.accounts").fetch_all(&mut gw.db.connect().await).await.unwrap()
}

#[tokio::test]
async fn a_sign_up_changes_nothing_and_the_operators_password_survives_the_proof() {
    let gw = TestGateway::start().await;
    let create = ["users", "create", EMAIL, "--name", "Ada", "--role", "admin", "--password-stdin"];
    assert_eq!(gw.cli_with_input(&create, OWN).code, 0);
    let before = hashes(&gw).await;
    let stranger = sign_up(&gw, "Mallory", FOREIGN).await;
    let mail = gw.mail.to(EMAIL).await;
    assert!(mail.text.contains("already have an account"), "{}", mail.text);
    assert_eq!((hashes(&gw).await, gw.db.count(ROLES).await), (before.clone(), 1));
    // A sign-in before the proof mails the link. Not even the stranger's own browser changes what it does.
    assert_eq!(sign_in(&gw, OWN).await.status(), 403);
    let token = gw.mail.nth_to(EMAIL, 2).await.token();
    let done = stranger.confirm(&[("token", &token), ("password", FOREIGN)]).await;
    assert!(done.status().as_u16() < 400);
    assert_eq!((hashes(&gw).await, gw.db.count(ROLES).await, gw.db.count(VERIFIED).await), (before, 1, 1));
    assert_opens(&gw, OWN, FOREIGN).await;
}

#[tokio::test]
async fn a_sign_up_does_not_reach_accounts_with_roles() {
    let gw = TestGateway::start().await;
    sign_up(&gw, "Ada", OWN).await;
    gw.mail.to(EMAIL).await;
    assert_eq!(gw.cli(&["users", "set-role", EMAIL, "admin"]).code, 0);
    let before = hashes(&gw).await;
    sign_up(&gw, "Mallory", FOREIGN).await;
    assert!(gw.mail.nth_to(EMAIL, 2).await.text.contains("already have an account"));
    assert_eq!((hashes(&gw).await, gw.db.count(ROLES).await), (before, 1));
}

#[tokio::test]
async fn who_was_made_without_a_password_brings_one_to_the_proof() {
    let gw = TestGateway::start().await;
    assert_eq!(gw.cli(&["users", "create", EMAIL, "--name", "Ada", "--role", "admin"]).code, 0);
    sign_up(&gw, "Mallory", FOREIGN).await;
    newest(&gw, 1).await;
    assert!(hashes(&gw).await.is_empty(), "the sign-up changes nothing");
    let owner = sign_up(&gw, "Ada Lovelace", OWN).await;
    assert!(owner.confirm(&[("token", &newest(&gw, 2).await)]).await.status().as_u16() < 400);
    assert_eq!((gw.db.count(ROLES).await, gw.db.count(VERIFIED).await), (1, 1), "the name stays too");
    assert_opens(&gw, OWN, FOREIGN).await;
}
