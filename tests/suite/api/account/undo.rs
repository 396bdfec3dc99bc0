//! The way back from a change of address, from the address that was left (MAIL-15).

use std::sync::Arc;

use http::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::{change_mail, insert_account, press, undo_link};
use crate::harness::{
    PASSWORD, TestGateway, User,
    client::{AUTH, expect_problem},
    idp::Idp,
    raw::RawConnection,
};

const NEW: &str = "thief@example.org";
const THEIRS: &str = "the thief's very own phrase";
const MOVED_BACK: &str = "select count(*) from auth.users where email = 'alice@example.com' and email_verified";

/// Moves the account to an address that the thief reads.
async fn stolen(gw: &TestGateway, user: &User, new: &str) {
    assert_eq!(gw.confirm(&change_mail(gw, user, new).await).await.status(), 200);
}

/// Sets another password through the new address, as the `n`-th mail there.
async fn reset_through(gw: &TestGateway, email: &str, n: usize) {
    assert_eq!(gw.anonymous().auth("/request-password-reset", &json!({ "email": email })).await.status(), 200);
    let token = gw.mail.nth_to(email, n).await.token();
    let body = json!({ "newPassword": THEIRS, "token": token });
    assert_eq!(gw.anonymous().auth("/reset-password", &body).await.status(), 200);
}

async fn sign_in(gw: &TestGateway, email: &str, password: &str) -> u16 {
    let body = json!({ "email": email, "password": password });
    gw.anonymous().auth("/sign-in/email", &body).await.status().as_u16()
}

#[tokio::test]
async fn the_link_brings_address_and_password_back_and_ends_what_followed() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    stolen(&gw, &alice, NEW).await;
    reset_through(&gw, NEW, 2).await;
    assert_eq!(sign_in(&gw, NEW, THEIRS).await, 200);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
    let link = undo_link(&gw, &alice.email, 1).await;
    let target = format!("{}?{}", link.path(), link.query().unwrap());
    gw.anonymous().request(Method::HEAD, &target).send().await.unwrap();
    let page = gw.anonymous().get(&target).send().await.unwrap();
    assert_eq!((page.status().as_u16(), &page.headers()["referrer-policy"]), (200, &"strict-origin".parse().unwrap()));
    assert!(!page.text().await.unwrap().contains("<script"));
    assert_eq!(gw.db.count(MOVED_BACK).await, 0, "looking changes nothing");

    let page = press(&gw, &link).await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("address is back") && page.contains("name=\"newPassword\""), "{page}");
    assert_eq!(gw.db.count(MOVED_BACK).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
    assert_eq!((sign_in(&gw, NEW, THEIRS).await, sign_in(&gw, &alice.email, THEIRS).await), (401, 401));
    assert_eq!(sign_in(&gw, &alice.email, PASSWORD).await, 200);
    let told = gw.mail.about("was undone", NEW).await;
    assert!(told.link().query().is_none(), "{}", told.link());
    let audit_log = "select count(*) from auth.audit_events where event = 'email_change_undone' and outcome = 'success'
        and user_id is not null";
    assert_eq!(gw.db.count(audit_log).await, 1);

    let again = press(&gw, &link).await;
    assert_eq!(again.status(), 400, "it works once");
    // The page's form sets a password at once.
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("token={token}&newPassword=a+new+and+longer+phrase");
    let request = gw.anonymous().post(&format!("{AUTH}/reset-password/choose"));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(form);
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(sign_in(&gw, &alice.email, PASSWORD).await, 401);
    assert_eq!(sign_in(&gw, &alice.email, "a new and longer phrase").await, 200);
}

#[tokio::test]
async fn an_account_without_a_password_has_none_again() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    insert_account(&gw, &alice.id, "google").await;
    gw.db.execute("update auth.accounts set created_at = now() - interval '1 hour'").await;
    stolen(&gw, &alice, NEW).await;
    reset_through(&gw, NEW, 2).await;
    insert_account(&gw, &alice.id, "github").await;
    assert_eq!(press(&gw, &undo_link(&gw, &alice.email, 1).await).await.status(), 200);
    let left = "select count(*) from auth.accounts where provider_id = 'google'";
    assert_eq!((gw.db.count(left).await, gw.db.count("select count(*) from auth.accounts").await), (1, 1));
}

#[tokio::test]
async fn pending_links_of_the_thief_die() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    stolen(&gw, &alice, NEW).await;
    gw.anonymous().auth("/request-password-reset", &json!({ "email": NEW })).await;
    let reset = gw.mail.nth_to(NEW, 2).await.token();
    let further = change_mail(&gw, &alice, "further@example.org").await;
    assert_eq!(press(&gw, &undo_link(&gw, &alice.email, 1).await).await.status(), 200);
    let body = json!({ "newPassword": THEIRS, "token": reset });
    expect_problem(gw.anonymous().auth("/reset-password", &body).await, 400, "INVALID_TOKEN").await;
    assert_eq!(gw.confirm(&further).await.status(), 400);
    assert_eq!(gw.db.count(MOVED_BACK).await, 1);
}

#[tokio::test]
async fn the_first_address_has_the_last_word() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    stolen(&gw, &alice, "b@example.org").await;
    stolen(&gw, &alice, "c@example.org").await;
    let (of_alice, of_b) = (undo_link(&gw, &alice.email, 1).await, undo_link(&gw, "b@example.org", 1).await);
    assert_eq!(press(&gw, &of_b).await.status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.users where email = 'b@example.org'").await, 1);
    assert_eq!(press(&gw, &of_alice).await.status(), 200, "the second's undoing does not undo the first's right");
    assert_eq!(gw.db.count(MOVED_BACK).await, 1);

    let alice = gw.sign_in(&alice.email).await;
    stolen(&gw, &alice, "d@example.org").await;
    stolen(&gw, &alice, "e@example.org").await;
    let (of_alice, of_d) = (undo_link(&gw, &alice.email, 2).await, undo_link(&gw, "d@example.org", 1).await);
    assert_eq!(press(&gw, &of_alice).await.status(), 200);
    assert_eq!(press(&gw, &of_d).await.status(), 400);
    assert_eq!(gw.db.count(MOVED_BACK).await, 1);
    for told in ["d@example.org", "e@example.org"] {
        gw.mail.about("was undone", told).await;
    }
}

#[tokio::test]
async fn an_owner_who_comes_back_leaves_the_address_in_between_no_way() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    stolen(&gw, &alice, NEW).await;
    let old = undo_link(&gw, &alice.email, 1).await;
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    stolen(&gw, &alice, &alice.email).await;
    assert_eq!(gw.db.count(MOVED_BACK).await, 1);
    let notice = gw.mail.about("was changed", NEW).await;
    assert!(notice.link().query().is_none(), "{}", notice.link());
    assert_eq!(press(&gw, &old).await.status(), 400);
    assert_eq!(gw.db.count("select count(*) from auth.email_changes").await, 0);
    assert_eq!(alice.status("/items").await, 200, "the session that asked goes on");
}

#[tokio::test]
async fn one_of_many_uses_wins() {
    let gw = Arc::new(TestGateway::start().await);
    let alice = gw.signed_up_user("alice").await;
    stolen(&gw, &alice, NEW).await;
    let link = undo_link(&gw, &alice.email, 1).await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (gw, link) = (Arc::clone(&gw), link.clone());
        tasks.spawn(async move { press(&gw, &link).await.status().as_u16() });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(statuses.iter().filter(|&&status| status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400].contains(status)), "{statuses:?}");
    assert_eq!(gw.db.count(MOVED_BACK).await, 1);
}

#[tokio::test]
async fn it_works_for_seven_days_also_for_who_was_banned_meanwhile() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    stolen(&gw, &alice, NEW).await;
    let link = undo_link(&gw, &alice.email, 1).await;
    let lifetime = "select extract(epoch from expires_at - changed_at)::bigint from auth.email_changes";
    assert_eq!(gw.db.count(lifetime).await, 7 * 24 * 60 * 60);
    gw.db.execute("update auth.email_changes set expires_at = now() - interval '1 ms'").await;
    assert_eq!(press(&gw, &link).await.status(), 400);
    for token in ["", "nonsense", &"A".repeat(43)] {
        let request = gw.anonymous().post(link.path()).header("Content-Type", "application/x-www-form-urlencoded");
        assert_eq!(request.body(format!("token={token}")).send().await.unwrap().status(), 400, "{token}");
    }
    let foreign = gw.anonymous().request(Method::POST, link.path()).header("Origin", "https://evil.example");
    let foreign = foreign.header("Content-Type", "application/x-www-form-urlencoded");
    let token = link.query().unwrap().to_owned();
    assert_eq!(foreign.body(token.clone()).send().await.unwrap().status(), 403);
    assert_eq!(gw.db.count(MOVED_BACK).await, 0);
    gw.db.execute("update auth.email_changes set expires_at = now() + interval '1 hour'").await;
    gw.db.execute("update auth.users set banned_at = now()").await;
    assert_eq!(press(&gw, &link).await.status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.users where banned_at is not null").await, 1);
    let stored = "select count(*) from auth.audit_events where detail::text like '%thief%'";
    assert_eq!(gw.db.count(stored).await, 0);
    assert!(!gw.process.output().contains(token.trim_start_matches("token=")), "no log holds it");
}

/// Sends the head of a request whose body follows later; the gateway has it when this returns.
async fn withhold(gw: &TestGateway, path: &str, kind: &str, length: usize) -> RawConnection {
    let mut held = gw.raw().await;
    let request = format!(
        "POST {AUTH}{path} HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Expect: 100-continue\r\nConnection: close\r\n\r\n",
        gw.host(),
        gw.origin()
    );
    held.send(request).await;
    assert!(held.piece().await.starts_with(b"HTTP/1.1 100"), "the body is waited for");
    held
}

/// Moves the account to `b` and from there to `c`, by a request that began before the first of the two.
async fn stolen_in_disorder(gw: &TestGateway, user: &User, b: &str, c: &str) {
    let length = "token=".len() + 43;
    let mut held = withhold(gw, "/verify-email/confirm", "application/x-www-form-urlencoded", length).await;
    stolen(gw, user, b).await;
    let second = change_mail(gw, user, c).await.token();
    assert_eq!(held.send(format!("token={second}")).await.response().await.unwrap().status, 200);
    undo_link(gw, b, 1).await;
}

#[tokio::test]
async fn a_change_that_was_begun_early_and_ended_late_does_not_take_the_owners_way_back() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    stolen_in_disorder(&gw, &alice, "b@example.org", "c@example.org").await;
    let of_alice = undo_link(&gw, &alice.email, 1).await;
    stolen(&gw, &alice, "b@example.org").await;
    assert_eq!(press(&gw, &of_alice).await.status(), 200);
    assert_eq!(gw.db.count(MOVED_BACK).await, 1);
}

#[tokio::test]
async fn a_change_that_was_begun_early_and_ended_late_ends_with_the_first() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    stolen_in_disorder(&gw, &alice, "b@example.org", "c@example.org").await;
    let (of_alice, of_b) = (undo_link(&gw, &alice.email, 1).await, undo_link(&gw, "b@example.org", 1).await);
    assert_eq!(press(&gw, &of_alice).await.status(), 200);
    assert_eq!(press(&gw, &of_b).await.status(), 400, "the thief's own way back is gone");
    assert_eq!(gw.db.count(MOVED_BACK).await, 1);
}

#[tokio::test]
async fn an_identity_that_was_linked_after_the_change_ends_however_early_its_request_began() {
    let idp = Idp::start().await;
    let gw = TestGateway::with(json!({ "auth": { "social": { "acme": idp.config() } } })).await;
    idp.claim(&json!({ "email": NEW }));
    let alice = gw.signed_up_user("alice").await;
    let body = json!({ "provider": "acme", "idToken": { "token": idp.id_token(None) } }).to_string();
    let mut held = withhold(&gw, "/sign-in/social", "application/json", body.len()).await;
    stolen(&gw, &alice, NEW).await;
    assert_eq!(held.send(body).await.response().await.unwrap().status, 200);
    let linked = "select count(*) from auth.accounts where provider_id = 'acme'";
    assert_eq!(gw.db.count(linked).await, 1);
    assert_eq!(press(&gw, &undo_link(&gw, &alice.email, 1).await).await.status(), 200);
    assert_eq!(gw.db.count(linked).await, 0);
}
