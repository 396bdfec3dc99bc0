//! A change of address from a session that was not proved lately: the old address allows it first (MAIL-15).

use std::sync::Arc;

use http::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::{AGE_ELEVEN_MINUTES, ask_to_change, email_of, pending, press, verify};
use crate::harness::{
    PASSWORD, TestGateway, User,
    client::{AUTH, expect_problem},
    mail::Mail,
};

const NEW: &str = "new@example.org";
const AGE_A_DAY: &str = "update auth.sessions set created_at = now() - interval '23 hours'";
const PENDING: &str = "select count(*) from auth.verifications where expires_at > now()";

/// The mail that asks the old address.
async fn consent_mail(gw: &TestGateway, user: &User, new: &str) -> Mail {
    ask_to_change(user, new).await;
    gw.mail.about("Allow another e-mail address", &user.email).await
}

async fn signed_in_a_day_ago(gw: &TestGateway) -> User {
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute(AGE_A_DAY).await;
    alice
}

#[tokio::test]
async fn an_older_session_moves_nothing_without_the_old_address() {
    let gw = TestGateway::start().await;
    let alice = signed_in_a_day_ago(&gw).await;
    let mail = consent_mail(&gw, &alice, NEW).await;
    assert!(mail.text.contains(NEW), "{}", mail.text);
    assert_eq!(pending(&alice).await["step"], "consent");
    let link = mail.link();
    let target = format!("{}?{}", link.path(), link.query().unwrap());
    gw.anonymous().request(Method::HEAD, &target).send().await.unwrap();
    let page = gw.anonymous().get(&target).send().await.unwrap();
    assert_eq!((page.status().as_u16(), &page.headers()["referrer-policy"]), (200, &"strict-origin".parse().unwrap()));
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert!(gw.mail.all_to(NEW).is_empty(), "looking allows nothing");
    let page = press(&gw, &link).await;
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("allowed"));
    let proof = gw.mail.to(NEW).await;
    assert_eq!(pending(&alice).await["step"], "proof");
    assert_eq!(email_of(&alice).await, alice.email.as_str(), "until the new one is proved the old one stays");
    assert_eq!(gw.confirm(&proof).await.status(), 200);
    assert_eq!(email_of(&alice).await, NEW);
    assert_eq!(press(&gw, &link).await.status(), 400, "it works once");
    let audit_log = "select count(*) from auth.audit_events where
        (event, outcome) in (('email_change_requested', 'consent_needed'), ('email_change_consented', 'success'))";
    assert_eq!(gw.db.count(audit_log).await, 2);
}

#[tokio::test]
async fn ten_minutes_are_the_bound_and_the_password_spares_the_mail() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.db.execute("update auth.sessions set created_at = now() - interval '9 minutes'").await;
    ask_to_change(&alice, NEW).await;
    gw.mail.to(NEW).await;
    gw.db.execute(AGE_ELEVEN_MINUTES).await;
    consent_mail(&gw, &alice, "other@example.org").await;
    assert_eq!(alice.auth("/verify-password", &json!({ "password": PASSWORD })).await.status(), 200);
    ask_to_change(&alice, "third@example.org").await;
    gw.mail.to("third@example.org").await;
    assert!(gw.mail.all_to("other@example.org").is_empty());
}

#[tokio::test]
async fn clients_give_the_consent_by_the_api_as_well() {
    let gw = TestGateway::start().await;
    let alice = signed_in_a_day_ago(&gw).await;
    let token = consent_mail(&gw, &alice, NEW).await.token();
    assert_eq!(verify(&gw.anonymous(), &token).await.status(), 200);
    let proof = gw.mail.to(NEW).await.token();
    assert_eq!(email_of(&alice).await, alice.email.as_str());
    expect_problem(verify(&gw.anonymous(), &token).await, 401, "INVALID_TOKEN").await;
    assert_eq!(verify(&gw.anonymous(), &proof).await.status(), 200);
    assert_eq!(email_of(&alice).await, NEW);
}

#[tokio::test]
async fn a_taken_address_looks_like_a_free_one_here_too() {
    let gw = TestGateway::start().await;
    let bob = gw.insert_user("bob", &[]).await;
    let mut seen = Vec::new();
    for (name, new) in [("alice", bob.email.as_str()), ("carol", NEW)] {
        let user = gw.signed_up_user(name).await;
        gw.db.execute(AGE_A_DAY).await;
        let response = user.auth("/change-email", &json!({ "newEmail": new })).await;
        let answer = (response.status().as_u16(), response.text().await.unwrap());
        let mail = gw.mail.about("Allow another", &user.email).await;
        let page = press(&gw, &mail.link()).await;
        let page = (page.status().as_u16(), page.text().await.unwrap());
        let notice =
            gw.mail.about("is to be changed", &user.email).await.text.replace(new, "NEW").replace(name, "NAME");
        seen.push((answer, page, notice));
    }
    assert_eq!(seen[0], seen[1]);
    gw.mail.to(NEW).await;
    assert!(gw.mail.all_to(&bob.email).is_empty());
}

#[tokio::test]
async fn a_consent_is_good_for_nothing_else_and_not_for_ever() {
    let gw = TestGateway::start().await;
    let alice = signed_in_a_day_ago(&gw).await;
    let mail = consent_mail(&gw, &alice, NEW).await;
    let token = mail.token();
    let body = json!({ "newPassword": "another phrase altogether", "token": token });
    expect_problem(gw.anonymous().auth("/reset-password", &body).await, 400, "INVALID_TOKEN").await;
    expect_problem(alice.auth("/delete-user", &json!({ "token": token })).await, 404, "INVALID_TOKEN").await;
    let undo: url::Url = mail.link().join("undo").unwrap();
    assert_eq!(press_token(&gw, undo.path(), &token).await, 400);
    gw.db.execute("update auth.users set banned_at = now()").await;
    assert_eq!(press(&gw, &mail.link()).await.status(), 400, "not for the banned");
    gw.db.execute("update auth.users set banned_at = null").await;
    gw.db.execute("update auth.verifications set expires_at = now() - interval '1 ms'").await;
    assert_eq!(press(&gw, &mail.link()).await.status(), 400);
    for token in ["", "nonsense", &"A".repeat(43)] {
        assert_eq!(press_token(&gw, mail.link().path(), token).await, 400, "{token}");
    }
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert!(gw.mail.all_to(NEW).is_empty());
}

async fn press_token(gw: &TestGateway, path: &str, token: &str) -> u16 {
    let request = gw.anonymous().post(path).header("Content-Type", "application/x-www-form-urlencoded");
    request.body(format!("token={token}")).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn what_throws_strangers_out_withdraws_what_they_asked_for() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let thief = gw.sign_in(&alice.email).await;
    for (n, revoke) in [
        ("/revoke-other-sessions", json!({})),
        ("/change-password", json!({ "currentPassword": PASSWORD, "newPassword": "a new and longer phrase" })),
    ]
    .into_iter()
    .enumerate()
    {
        let thief = if n == 0 { thief.clone() } else { gw.sign_in(&alice.email).await };
        // One that waits for the old address, one that waits for the new one.
        ask_to_change(&thief, &format!("thief{n}@example.org")).await;
        gw.db.execute(AGE_A_DAY).await;
        ask_to_change(&thief, NEW).await;
        assert_eq!(gw.db.count(PENDING).await, 2);
        let (path, body) = revoke;
        assert_eq!(alice.auth(path, &body).await.status(), 200);
        assert_eq!(gw.db.count(PENDING).await, 0, "{path}");
    }
    ask_to_change(&gw.anonymous().with_bearer(&gw.insert_session(&alice.id).await), NEW).await;
    gw.cli_json(&["sessions", "revoke", "--user", &alice.id]);
    assert_eq!(gw.db.count(PENDING).await, 0, "by an operator");
}

#[tokio::test]
async fn one_of_many_uses_of_a_consent_wins() {
    let gw = Arc::new(TestGateway::start().await);
    let alice = signed_in_a_day_ago(&gw).await;
    let link = consent_mail(&gw, &alice, NEW).await.link();
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (gw, link) = (Arc::clone(&gw), link.clone());
        tasks.spawn(async move { press(&gw, &link).await.status().as_u16() });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(statuses.iter().filter(|&&status| status == 200).count(), 1, "{statuses:?}");
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!(gw.mail.all_to(NEW).len(), 1);
}

#[tokio::test]
async fn an_old_address_that_nobody_proved_allows_and_undoes_nothing_more() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    gw.sign_up("alice").await;
    let alice = gw.sign_in("alice@example.com").await;
    gw.db.execute(AGE_A_DAY).await;
    let mail = consent_mail(&gw, &alice, NEW).await;
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert!(gw.mail.all_to(NEW).is_empty(), "the cookie alone is not enough here either");
    assert_eq!(press(&gw, &mail.link()).await.status(), 200);
    assert_eq!(gw.confirm(&gw.mail.to(NEW).await).await.status(), 200);
    let notice = gw.mail.about("was changed", &alice.email).await;
    assert!(notice.link().query().is_none(), "a stranger may read that address: {}", notice.link());
    assert_eq!(gw.db.count("select count(*) from auth.email_changes").await, 0);
    let page = gw.anonymous().get(&format!("{AUTH}/change-email/consent")).send().await.unwrap();
    assert_eq!(page.status(), 200);
}
