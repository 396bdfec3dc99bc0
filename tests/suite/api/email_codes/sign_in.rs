//! Signing in, and up, with a code.

use serde_json::{Value, json};

use super::{assert_one_won, code, gateway, hundred, send, session_client, sign_in, wrong};
use crate::harness::{
    PASSWORD, TestGateway,
    client::{assert_user, expect_problem, set_cookies},
    user::sign_up_cookie,
};

const USERS: &str = "select count(*) from auth.users";
const SESSIONS: &str = "select count(*) from auth.sessions";

#[tokio::test]
async fn a_code_signs_its_address_in_once() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    assert_eq!(send(&gw.anonymous(), "ALICE@example.com", "sign-in").await, json!({ "success": true }));
    let code = code(&gw, &email, 2).await;
    assert_eq!(code.len(), 6);
    let response = sign_in(&gw.anonymous(), &email, &code).await;
    assert_eq!(response.status(), 200);
    let cookie = set_cookies(response.headers()).into_iter().find(|cookie| cookie.contains("_session=")).unwrap();
    assert!(cookie.contains("Max-Age=604800"), "{cookie}");
    let alice = session_client(&gw, &response).unwrap();
    let answer: Value = response.json().await.unwrap();
    assert_user(&answer["user"], &email, "alice");
    assert!(answer["token"].is_string() && answer.as_object().unwrap().len() == 2, "{answer}");
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(gw.db.count("select count(*) from auth.sessions where auth_method = 'email-otp'").await, 1);
    expect_problem(sign_in(&gw.anonymous(), &email, &code).await, 400, "INVALID_OTP").await;
}

#[tokio::test]
async fn it_is_not_there_unless_it_is_configured() {
    let gw = TestGateway::start().await;
    for path in ["/email-otp/send-verification-otp", "/sign-in/email-otp", "/email-otp/reset-password"] {
        assert_eq!(gw.anonymous().auth(path, &json!({ "email": "a@example.com" })).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn an_address_without_an_account_gets_one() {
    let fields =
        json!({ "company": { "type": "string", "required": true }, "plan": { "default": "free", "input": false } });
    let gw = gateway(json!({ "auth": {
        "user": { "additional_fields": fields }, "username": { "enabled": true },
    } }))
    .await;
    send(&gw.anonymous(), "new@example.com", "sign-in").await;
    let otp = code(&gw, "new@example.com", 1).await;
    let sign_in = async |body: Value| {
        let mut all = json!({ "email": "new@example.com", "otp": otp });
        crate::harness::gateway::merge(&mut all, &body);
        gw.anonymous().auth("/sign-in/email-otp", &all).await
    };
    expect_problem(sign_in(json!({ "name": "Ada" })).await, 400, "MISSING_FIELD").await;
    let body =
        json!({ "name": "Ada", "company": "Acme", "username": "Ada_L", "role": "admin", "emailVerified": false });
    let response = sign_in(body).await;
    assert_eq!(response.status(), 200, "what is missing uses no code up");
    let user = response.json::<Value>().await.unwrap()["user"].clone();
    assert_user(&user, "new@example.com", "Ada");
    assert_eq!(
        (&user["emailVerified"], &user["company"], &user["plan"]),
        (&json!(true), &json!("Acme"), &json!("free"))
    );
    assert_eq!((&user["username"], &user["role"]), (&json!("ada_l"), &json!("")));
    assert_eq!(gw.db.count("select count(*) from auth.usernames where is_claimed").await, 1);
    assert_eq!(
        gw.db.count("select count(*) from auth.audit_events where event = 'sign_up' and outcome = 'success'").await,
        1
    );
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
        let mut answers = Vec::new();
        for email in ["alice@example.com", "nobody@example.com"] {
            let sent = send(&gw.anonymous(), email, "sign-in").await;
            let mut tried = Vec::new();
            for _ in 0..4 {
                let problem = crate::harness::problem(sign_in(&gw.anonymous(), email, "000000").await).await;
                tried.push((problem.status, problem.code));
            }
            answers.push((sent, tried));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].1.last(), Some(&(403, "TOO_MANY_ATTEMPTS".to_owned())));
        code(&gw, "alice@example.com", 1).await;
        assert_eq!(gw.mail.all_to("nobody@example.com").len(), 0);
        assert_eq!(gw.db.count(USERS).await, 1);
    }
}

#[tokio::test]
async fn an_invitation_of_the_address_is_spent() {
    let gw = gateway(json!({ "auth": { "sign_up": { "mode": "invitation" } } })).await;
    gw.db
        .execute(
            "insert into auth.verifications (id, purpose, token_hash, payload, created_at, expires_at, recipient_hash)
             values ('inv', 'invitation', sha256('x'), '{}', now(), now() + interval '1 day', sha256('new@example.com'))",
        )
        .await;
    send(&gw.anonymous(), "new@example.com", "sign-in").await;
    let otp = code(&gw, "new@example.com", 1).await;
    assert_eq!(sign_in(&gw.anonymous(), "new@example.com", &otp).await.status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.verifications where purpose = 'invitation'").await, 0);
}

#[tokio::test]
async fn what_a_stranger_put_into_an_account_opens_nothing_afterwards() {
    let gw = gateway(json!({})).await;
    let body = json!({ "name": "Mallory", "email": "victim@example.com", "password": "the stranger's own words" });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    send(&gw.anonymous(), "victim@example.com", "sign-in").await;
    let otp = code(&gw, "victim@example.com", 2).await;
    let response = sign_in(&gw.anonymous(), "victim@example.com", &otp).await;
    let user = response.json::<Value>().await.unwrap()["user"].clone();
    assert_eq!(user["emailVerified"], true);
    let body = json!({ "email": "victim@example.com", "password": "the stranger's own words" });
    expect_problem(gw.anonymous().auth("/sign-in/email", &body).await, 401, "INVALID_EMAIL_OR_PASSWORD").await;
}

#[tokio::test]
async fn the_browser_that_signed_up_keeps_its_password() {
    let gw = gateway(json!({})).await;
    let body = json!({ "name": "Ada", "email": "ada@example.com", "password": PASSWORD });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    let browser = gw.anonymous().with_cookie(sign_up_cookie(&response).unwrap());
    send(&browser, "ada@example.com", "sign-in").await;
    let otp = code(&gw, "ada@example.com", 2).await;
    assert_eq!(sign_in(&browser, "ada@example.com", &otp).await.status(), 200);
    gw.sign_in("ada@example.com").await;
}

#[tokio::test]
async fn one_of_a_hundred_uses_of_a_code_wins() {
    let plenty = json!({ "limit": 10000, "window": "1m" });
    let limits = json!({ "sign_in_address": plenty, "email_code": plenty });
    for email in ["known@example.com", "unknown@example.com"] {
        let gw = gateway(json!({ "auth": { "rate_limits": limits } })).await;
        gw.insert_user("known", &[]).await;
        gw.db.execute("delete from auth.sessions").await;
        send(&gw.anonymous(), email, "sign-in").await;
        let otp = code(&gw, email, 1).await;
        let statuses = hundred(|| {
            let (client, otp) = (gw.anonymous(), otp.clone());
            async move { sign_in(&client, email, &otp).await }
        });
        assert_one_won(&statuses.await);
        assert_eq!(gw.db.count(SESSIONS).await, 1);
    }
}

#[tokio::test]
async fn the_banned_get_no_code_and_nothing_for_an_old_one() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    send(&gw.anonymous(), &email, "sign-in").await;
    let otp = code(&gw, &email, 2).await;
    gw.db.execute("update auth.users set banned_at = now()").await;
    expect_problem(sign_in(&gw.anonymous(), &email, &otp).await, 400, "INVALID_OTP").await;
    send(&gw.anonymous(), &email, "sign-in").await;
    assert_eq!(
        gw.db
            .count("select count(*) from auth.audit_events where event = 'sign_in_mailed' and outcome = 'banned'")
            .await,
        1
    );
    assert_eq!((gw.mail.all_to(&email).len(), gw.db.count(SESSIONS).await), (2, 0));
}

#[tokio::test]
async fn a_page_of_another_site_neither_mails_nor_signs_in() {
    let gw = gateway(json!({})).await;
    for path in ["/email-otp/send-verification-otp", "/sign-in/email-otp", "/email-otp/verify-email"] {
        let request = gw.anonymous().request(http::Method::POST, &format!("/api/auth{path}"));
        let request = request
            .header("Origin", "https://evil.example")
            .json(&json!({ "email": "a@example.com", "type": "sign-in", "otp": "1" }));
        expect_problem(request.send().await.unwrap(), 403, "INVALID_ORIGIN").await;
    }
}

#[tokio::test]
async fn what_is_no_code_has_a_code_of_its_own() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    send(&gw.anonymous(), &email, "sign-in").await;
    let otp = code(&gw, &email, 2).await;
    let post = async |path: &str, body: Value| gw.anonymous().auth(path, &body).await;
    for (path, body, code) in [
        ("/sign-in/email-otp", json!({ "email": email, "otp": 123_456 }), "VALIDATION_ERROR"),
        ("/sign-in/email-otp", json!({ "email": email, "otp": ["1"] }), "VALIDATION_ERROR"),
        ("/sign-in/email-otp", json!({ "email": [email], "otp": otp }), "VALIDATION_ERROR"),
        ("/sign-in/email-otp", json!({ "email": "no address", "otp": otp }), "INVALID_EMAIL"),
        ("/sign-in/email-otp", json!({ "email": email, "otp": "" }), "INVALID_OTP"),
        ("/sign-in/email-otp", json!({ "email": email, "otp": "１２３４５６" }), "INVALID_OTP"),
        ("/email-otp/send-verification-otp", json!({ "email": email, "type": "change-email" }), "INVALID_OTP_TYPE"),
        ("/email-otp/send-verification-otp", json!({ "email": email, "type": "nothing" }), "VALIDATION_ERROR"),
        ("/email-otp/send-verification-otp", json!({ "email": "a@x\r\nBcc: b@y", "type": "sign-in" }), "INVALID_EMAIL"),
    ] {
        expect_problem(post(path, body).await, 400, code).await;
    }
    assert_eq!(sign_in(&gw.anonymous(), &email, &otp).await.status(), 200);
    // A code of another address, and one that was made up.
    expect_problem(sign_in(&gw.anonymous(), "bob@example.com", &otp).await, 400, "INVALID_OTP").await;
    expect_problem(sign_in(&gw.anonymous(), &email, &wrong(&otp)).await, 400, "INVALID_OTP").await;
}
