//! Users who are made by an operator and choose their password with a mailed link.

use serde_json::{Value, json};

use super::users::{assert_by_operator, audited};
use crate::harness::{PASSWORD, TestGateway, client::AUTH};

const CREATE: [&str; 6] = ["users", "create", "bob@example.com", "--name", "Bob", "--invite"];
const SUBJECT: &str = "Your account at";

#[tokio::test]
async fn the_link_proves_the_address_and_sets_the_password_once() {
    let gw = TestGateway::start().await;
    let user = &gw.cli_json(&[&CREATE[..], &["--role", "support", "--page", "/sign-in"]].concat())["user"];
    assert_eq!((&user["emailVerified"], &user["signInMethods"]), (&json!(false), &json!([])), "{user}");
    let row = audited(&gw, "user_created").await;
    assert_by_operator(&row, user["id"].as_str().unwrap());
    assert_eq!(row["detail"]["invited"], true);
    let mail = gw.mail.about(SUBJECT, "bob@example.com").await;
    assert!(mail.text.contains("7 days"), "{}", mail.text);
    let link = mail.link();
    assert_eq!(link.path(), format!("{AUTH}/verify-email/confirm"));
    let page = gw.anonymous().get(&format!("{}?{}", link.path(), link.query().unwrap())).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("type=\"password\""), "it asks for a password");
    let fields = [("token", mail.token()), ("password", PASSWORD.to_owned()), ("callbackURL", "/sign-in".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let set = gw.anonymous().confirm(&fields).await;
    assert_eq!((set.status().as_u16(), &set.headers()["location"]), (303, &"/sign-in".parse().unwrap()));
    let bob = gw.sign_in("bob@example.com").await;
    assert_eq!(bob.status("/items").await, 200);
    assert_eq!(gw.upstream.last().field("X-User-Roles"), Some("support"));
    let again = gw.anonymous().confirm(&[fields[0], ("password", "another long pass phrase")]).await;
    assert_eq!(again.status(), 400, "it works once");
    gw.sign_in("bob@example.com").await;
}

#[tokio::test]
async fn it_works_for_seven_days() {
    let gw = TestGateway::start().await;
    gw.cli_json(&CREATE);
    let token = gw.mail.about(SUBJECT, "bob@example.com").await.token();
    let seconds = "select extract(epoch from expires_at - created_at)::bigint from auth.verifications";
    assert_eq!(gw.db.count(seconds).await, 7 * 24 * 60 * 60);
    gw.db.execute("update auth.verifications set created_at = now() - interval '8 days', expires_at = now() - interval '1 day'").await;
    let late = gw.anonymous().confirm(&[("token", &token), ("password", PASSWORD)]).await;
    assert_eq!(late.status(), 400);
    let body = json!({ "email": "bob@example.com", "password": PASSWORD });
    assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), 401);
}

/// Anybody can sign up with the address, or ask for a link to it.
#[tokio::test]
async fn a_stranger_does_not_end_it() {
    let gw = TestGateway::start().await;
    gw.cli_json(&CREATE);
    let invited = gw.mail.about(SUBJECT, "bob@example.com").await;
    let body = json!({ "name": "Mallory", "email": "bob@example.com", "password": "the stranger's own phrase" });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    gw.anonymous().auth("/send-verification-email", &json!({ "email": "bob@example.com" })).await;
    gw.mail.nth_to("bob@example.com", 2).await;
    let set = gw.anonymous().confirm(&[("token", &invited.token()), ("password", PASSWORD)]).await;
    assert_eq!(set.status(), 200);
    gw.sign_in("bob@example.com").await;
    let body = json!({ "email": "bob@example.com", "password": "the stranger's own phrase" });
    assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), 401);
}

#[tokio::test]
async fn whoever_has_an_account_is_mailed_nothing() {
    let gw = TestGateway::start().await;
    gw.cli_json(&CREATE);
    gw.cli(&CREATE).assert_refused(1, "has an account already");
    for (more, needle) in [
        (&["--verified"][..], "cannot be used with"),
        (&["--password-stdin"], "cannot be used with"),
        (&["--page", "https://evil.example/"], "neither a path like"),
    ] {
        gw.cli(&[&["users", "create", "eve@example.com", "--name", "Eve", "--invite"], more].concat())
            .assert_refused(2, needle);
    }
    gw.cli(&["users", "create", "eve@example.com", "--name", "Eve", "--page", "/x"]).assert_refused(2, "--invite");
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!((gw.mail.all_to("bob@example.com").len(), gw.mail.all_to("eve@example.com").len()), (1, 0));
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 1);
    let shown: Value = gw.cli_json(&["users", "show", "bob@example.com"]);
    assert_eq!(shown["user"]["emailVerified"], false);
}
