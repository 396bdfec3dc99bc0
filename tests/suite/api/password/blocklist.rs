//! Passwords that attackers try first are refused where one is chosen, and nowhere else (PASS-04).

use serde_json::json;

use super::{NEW, reset, reset_token, sign_in};
use crate::harness::{PASSWORD, TestGateway, client::expect_problem, user::sign_up_cookie};

#[tokio::test]
async fn common_passwords_are_refused_at_sign_up() {
    let gw = TestGateway::with(json!({ "mail": { "from": "Quetzalvonk <no-reply@example.com>" } })).await;
    for password in ["passwordpassword", "Password1!", "qwertyuiop", "alice2024", "Quetzalvonk1", "localhost"] {
        let body = json!({ "name": "alice", "email": "alice@example.com", "password": password });
        let refused = gw.anonymous().auth("/sign-up/email", &body).await;
        let problem = expect_problem(refused, 400, "PASSWORD_TOO_COMMON").await;
        assert!(!problem.message.contains(password), "{}", problem.message);
    }
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
    for (name, password) in [("alice", PASSWORD), ("bob", NEW), ("carol", "kX9#vQ2m")] {
        let body = json!({ "name": name, "email": format!("{name}@example.com"), "password": password });
        assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200, "{password}");
    }
}

#[tokio::test]
async fn the_list_can_be_left_out_and_never_keeps_anybody_from_signing_in() {
    let settings = json!({ "password": { "blocklist": "none" }, "email_verification": { "required": false } });
    let mut gw = TestGateway::with(json!({ "auth": settings })).await;
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": "password" });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    gw.restart(|command| {
        command.env("AUTHGATE_AUTH__PASSWORD__BLOCKLIST", "builtin");
    })
    .await;
    assert_eq!(sign_in(&gw.anonymous(), "alice@example.com", "password").await, 200);
    let body = json!({ "name": "bob", "email": "bob@example.com", "password": "password" });
    expect_problem(gw.anonymous().auth("/sign-up/email", &body).await, 400, "PASSWORD_TOO_COMMON").await;
}

#[tokio::test]
async fn the_own_address_and_name_are_no_password_wherever_one_is_chosen() {
    let gw = TestGateway::start().await;
    let (name, email) = ("Vonkelbrand Zumbusch", "quetzalm.vonk+shop@mail.elsewhere-company.example");
    let own = [
        email.to_owned(),
        email.to_uppercase(),
        email.replace("+shop", ""),
        format!("{email}1"),
        "quetzalm.vonk+shop".to_owned(),
        "Vonkelbrand Zumbusch".to_owned(),
        "zumbusch2026".to_owned(),
    ];
    let refused = async |response: reqwest::Response, password: &str| {
        let problem = expect_problem(response, 400, "PASSWORD_TOO_COMMON").await;
        assert!(!problem.message.contains(password), "{}", problem.message);
    };
    for password in &own {
        let body = json!({ "name": name, "email": email, "password": password });
        refused(gw.anonymous().auth("/sign-up/email", &body).await, password).await;
    }
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);

    let body = json!({ "name": name, "email": email, "password": PASSWORD });
    let signed_up = gw.anonymous().auth("/sign-up/email", &body).await;
    assert_eq!(signed_up.status(), 200);
    let browser = gw.anonymous().with_cookie(sign_up_cookie(&signed_up).unwrap());
    let token = gw.mail.to(email).await.token();
    assert_eq!(browser.confirm(&[("token", &token)]).await.status(), 200);
    let owner = gw.sign_in(email).await;
    let token = reset_token(&gw, email, 2).await;
    for password in &own {
        let body = json!({ "newPassword": password, "currentPassword": PASSWORD });
        refused(owner.auth("/change-password", &body).await, password).await;
        refused(reset(&gw, &token, password).await, password).await;
    }
    gw.db.execute("delete from auth.accounts").await;
    for password in &own {
        refused(owner.auth("/set-password", &json!({ "newPassword": password })).await, password).await;
    }
    assert_eq!(reset(&gw, &token, NEW).await.status(), 200, "the link goes on working");
}
