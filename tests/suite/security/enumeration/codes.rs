//! Typing a wrong code, or a user name with a wrong password.

use serde_json::json;

use super::{ACCOUNTS, Answer, ROUNDS, assert_alike, assert_hashed, post, timed};
use crate::{
    api::two_factor::{Browser, enable, forget_codes},
    harness::{PASSWORD, TestGateway},
};

/// Returns a gateway behind a proxy, with limits that end no test.
async fn gateway(auth: serde_json::Value) -> TestGateway {
    let plenty = json!({ "limit": 10_000, "window": "1m" });
    let mut config = json!({
        "server": { "trusted_proxies": ["127.0.0.1/32"] },
        "auth": { "rate_limits": { "email_code": plenty, "sign_in_address": plenty, "two_factor": plenty } },
    });
    crate::harness::gateway::merge(&mut config, &json!({ "auth": auth }));
    TestGateway::with(config).await
}

fn assert_same(answers: &[(String, Answer)], status: u16, code: &str) {
    let (_, expected) = &answers[0];
    assert_eq!(expected.status, status, "{}", expected.body);
    assert!(expected.body.contains(&format!("\"{code}\"")), "{}", expected.body);
    for (of, answer) in answers {
        assert_eq!(answer, expected, "{of}");
    }
}

#[tokio::test]
async fn measured_wrong_mailed_codes_tell_nothing_about_the_account() {
    const KINDS: [&str; 4] = ["verified", "pending", "banned", "unknown"];
    let gw = gateway(json!({ "email_otp": { "enabled": true, "attempts": 10 } })).await;
    for n in 0..ACCOUNTS {
        for kind in ["verified", "pending", "banned"] {
            gw.insert_user(&format!("{kind}-{n}"), &[]).await;
        }
    }
    gw.db.execute("update auth.users set email_verified = false where email like 'pending-%'").await;
    gw.db.execute("update auth.users set banned_at = now() where email like 'banned-%'").await;
    let client = gw.anonymous();
    let address = |kind: &str, n: usize| format!("{kind}-{n}@example.com");
    // With a code on its way, whoever gets one, and without.
    for is_asked in [false, true] {
        if is_asked {
            let asked = KINDS.iter().flat_map(|kind| (0..ACCOUNTS).map(move |n| (kind, n)));
            for (at, (kind, n)) in asked.enumerate() {
                let body = json!({ "email": address(kind, n), "type": "sign-in" });
                let asked = post(&client, "/email-otp/send-verification-otp", at, &body).send().await.unwrap();
                assert_eq!(asked.status(), 200);
            }
        }
        let mut times = KINDS.map(|kind| (kind, Vec::new()));
        let mut answers = Vec::new();
        for round in 0..ROUNDS {
            for (kind, times) in &mut times {
                let email = address(kind, round % ACCOUNTS);
                // Never a code: those are of digits.
                let body = json!({ "email": email, "otp": "wrong!" });
                let (answer, time) = timed(post(&client, "/sign-in/email-otp", 100 + round, &body)).await;
                times.push(time);
                answers.push((email, answer));
            }
        }
        assert_same(&answers, 400, "INVALID_OTP");
        assert_alike(&times);
    }
}

#[tokio::test]
async fn measured_user_names_tell_nothing_about_the_account() {
    const KINDS: [&str; 3] = ["named", "banned", "unknown"];
    let gw = gateway(json!({ "username": { "enabled": true }, "email_verification": { "required": false } })).await;
    for n in 0..ACCOUNTS {
        for kind in ["named", "banned"] {
            let name = format!("{kind}_{n}");
            let body = json!({
                "name": name, "email": format!("{kind}-{n}@example.com"), "password": PASSWORD, "username": name,
            });
            assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
        }
    }
    gw.db.execute("update auth.users set banned_at = now() where email like 'banned-%'").await;
    let hashed = gw.metric("authgate_password_hashing_duration_seconds_count").await;
    let client = gw.anonymous();
    let mut times = KINDS.map(|kind| (kind, Vec::new()));
    let mut answers = Vec::new();
    for round in 0..ROUNDS {
        for (kind, times) in &mut times {
            let username = format!("{kind}_{}", round % ACCOUNTS);
            let body = json!({ "username": username, "password": "violet tractor ninety seven" });
            let (answer, time) = timed(post(&client, "/sign-in/username", round, &body)).await;
            times.push(time);
            answers.push((username, answer));
        }
    }
    assert_same(&answers, 401, "INVALID_USERNAME_OR_PASSWORD");
    assert_hashed(&gw, hashed, ROUNDS * KINDS.len()).await;
    assert_alike(&times);
}

/// A code that was right a while ago, or once already, is as wrong as any other.
#[tokio::test]
async fn measured_wrong_codes_of_an_app_tell_nothing_about_the_secret() {
    const KINDS: [&str; 3] = ["never right", "right before", "used"];
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("ada").await;
    let (mut browser, app) = enable(&gw, &email).await;
    let mut times = KINDS.map(|kind| (kind, Vec::new()));
    let mut answers = Vec::new();
    for round in 0..ROUNDS {
        browser.begin_sign_in(&email).await;
        // The newest step counts as used, so that no code of this round goes through.
        gw.db.execute("update auth.two_factors set last_step = 4000000000").await;
        for (kind, times) in &mut times {
            let code = match *kind {
                "never right" => app.wrong_code(),
                "right before" => app.code_of(-5),
                _ => app.code_of(0),
            };
            let request = post(&browser.client(), "/two-factor/verify-totp", round, &json!({ "code": code }));
            let (answer, time) = timed(request).await;
            times.push(time);
            answers.push(((*kind).to_owned(), answer));
        }
    }
    assert_same(&answers, 401, "INVALID_CODE");
    assert_alike(&times);
    forget_codes(&gw).await;
    let mut last = Browser::new(&gw);
    last.begin_sign_in(&email).await;
    last.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
}
