//! How often a code may be tried, by whom, and how many are mailed.

use serde_json::{Value, json};

use super::{code, gateway, send, sign_in, wrong};
use crate::harness::{TestGateway, client::expect_problem, gateway::merge};

const ADDRESS: &str = "X-Forwarded-For";

/// Behind a trusted proxy, so that requests can come from several addresses.
async fn behind_proxy(changes: Value) -> TestGateway {
    let mut config = json!({ "server": { "trusted_proxies": ["127.0.0.0/8"] } });
    merge(&mut config, &changes);
    gateway(config).await
}

async fn post_from(gw: &TestGateway, address: &str, path: &str, body: &Value) -> reqwest::Response {
    let request = gw.anonymous().post(&format!("/api/auth{path}")).header(ADDRESS, address);
    request.json(body).send().await.unwrap()
}

#[tokio::test]
async fn three_wrong_tries_end_a_code_and_a_new_one_works() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    send(&gw.anonymous(), &email, "sign-in").await;
    let first = code(&gw, &email, 2).await;
    for _ in 0..3 {
        expect_problem(sign_in(&gw.anonymous(), &email, &wrong(&first)).await, 400, "INVALID_OTP").await;
    }
    expect_problem(sign_in(&gw.anonymous(), &email, &first).await, 403, "TOO_MANY_ATTEMPTS").await;
    send(&gw.anonymous(), &email, "sign-in").await;
    let second = code(&gw, &email, 3).await;
    expect_problem(sign_in(&gw.anonymous(), &email, &wrong(&second)).await, 400, "INVALID_OTP").await;
    assert_eq!(sign_in(&gw.anonymous(), &email, &second).await.status(), 200);
}

#[tokio::test]
async fn a_stranger_uses_up_nobody_elses_tries() {
    let limits = json!({ "email_code": { "limit": 3, "window": "15m" } });
    let gw = behind_proxy(json!({ "auth": { "rate_limits": limits } })).await;
    let email = gw.verified_user("alice").await;
    let asked = json!({ "email": email, "type": "sign-in" });
    assert_eq!(post_from(&gw, "192.0.2.1", "/email-otp/send-verification-otp", &asked).await.status(), 200);
    let otp = code(&gw, &email, 2).await;
    let mut statuses = Vec::new();
    for n in 0..5 {
        let guess = json!({ "email": email, "otp": wrong(&otp) });
        let response = post_from(&gw, &format!("198.51.100.{n}"), "/sign-in/email-otp", &guess).await;
        statuses.push(response.status().as_u16());
    }
    assert_eq!(statuses, [400, 400, 400, 429, 429], "strangers are counted together");
    let right = json!({ "email": email, "otp": otp });
    assert_eq!(post_from(&gw, "198.51.100.9", "/sign-in/email-otp", &right).await.status(), 429);
    assert_eq!(post_from(&gw, "192.0.2.1", "/sign-in/email-otp", &right).await.status(), 200);
}

#[tokio::test]
async fn from_another_address_a_code_works_as_well() {
    let gw = behind_proxy(json!({})).await;
    let email = gw.verified_user("alice").await;
    let asked = json!({ "email": email, "type": "sign-in" });
    post_from(&gw, "192.0.2.1", "/email-otp/send-verification-otp", &asked).await;
    let right = json!({ "email": email, "otp": code(&gw, &email, 2).await });
    assert_eq!(post_from(&gw, "198.51.100.1", "/sign-in/email-otp", &right).await.status(), 200);
}

#[tokio::test]
async fn of_many_guesses_at_once_three_are_looked_at() {
    let plenty = json!({ "limit": 10000, "window": "1m" });
    let limits = json!({ "sign_in_address": plenty, "email_code": plenty });
    let gw = std::sync::Arc::new(gateway(json!({ "auth": { "rate_limits": limits } })).await);
    let email = gw.verified_user("alice").await;
    send(&gw.anonymous(), &email, "sign-in").await;
    let guess = wrong(&code(&gw, &email, 2).await);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (gw, email, guess) = (std::sync::Arc::clone(&gw), email.clone(), guess.clone());
        tasks.spawn(async move { sign_in(&gw.anonymous(), &email, &guess).await.status().as_u16() });
    }
    let statuses = tasks.join_all().await;
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(400), count(403)), (3, 37), "{statuses:?}");
}

#[tokio::test]
async fn the_newest_code_counts_and_an_old_one_is_told_so_once() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    send(&gw.anonymous(), &email, "sign-in").await;
    let first = code(&gw, &email, 2).await;
    send(&gw.anonymous(), &email, "sign-in").await;
    let second = code(&gw, &email, 3).await;
    if first != second {
        expect_problem(sign_in(&gw.anonymous(), &email, &first).await, 400, "INVALID_OTP").await;
    }
    gw.db.execute("update auth.verifications set created_at = now() - interval '6 minutes', expires_at = now() - interval '1 minute' where purpose = 'sign-in-code' and expires_at > now()").await;
    expect_problem(sign_in(&gw.anonymous(), &email, &second).await, 400, "OTP_EXPIRED").await;
    expect_problem(sign_in(&gw.anonymous(), &email, &second).await, 400, "INVALID_OTP").await;
}

#[tokio::test]
async fn codes_of_other_purposes_do_nothing() {
    let gw = gateway(json!({})).await;
    let email = gw.sign_up("alice").await;
    gw.mail.to(&email).await;
    let kinds = ["sign-in", "email-verification", "forget-password"];
    for (n, kind) in kinds.into_iter().enumerate() {
        send(&gw.anonymous(), &email, kind).await;
        let otp = code(&gw, &email, n + 2).await;
        for (other, path, body) in [
            ("sign-in", "/sign-in/email-otp", json!({ "email": email, "otp": otp })),
            ("email-verification", "/email-otp/verify-email", json!({ "email": email, "otp": otp })),
            (
                "forget-password",
                "/email-otp/reset-password",
                json!({ "email": email, "otp": otp, "password": "violet tractor ninety seven" }),
            ),
        ] {
            if other != kind {
                let response = gw.anonymous().auth(path, &body).await;
                assert_eq!(response.status(), 400, "{kind} at {path}");
            }
        }
        gw.db.execute("update auth.verifications set expires_at = created_at where purpose like '%-code'").await;
    }
    assert_eq!(gw.db.count("select count(*) from auth.users where email_verified").await, 0);
}

#[tokio::test]
async fn an_address_is_not_bombed() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    for _ in 0..6 {
        send(&gw.anonymous(), &email, "sign-in").await;
        send(&gw.anonymous(), "stranger@example.com", "sign-in").await;
    }
    code(&gw, &email, 4).await;
    code(&gw, "stranger@example.com", 3).await;
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 0);
    assert_eq!((gw.mail.all_to(&email).len(), gw.mail.all_to("stranger@example.com").len()), (4, 3));
}

#[tokio::test]
async fn codes_are_stored_under_a_keyed_hash() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    send(&gw.anonymous(), &email, "sign-in").await;
    let otp = code(&gw, &email, 2).await;
    let mut connection = gw.db.connect().await;
    let (id, hash): (String, Vec<u8>) =
        sqlx::query_as("select id, token_hash from auth.verifications where purpose = 'sign-in-code'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    for text in [otp.clone(), format!("{id}:{otp}")] {
        assert_ne!(crate::harness::hex(&hash), crate::harness::sha256_hex(text.as_bytes()));
    }
}

#[tokio::test]
async fn checking_a_code_spends_nothing_and_counts_what_is_wrong() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    send(&gw.anonymous(), &email, "sign-in").await;
    let otp = code(&gw, &email, 2).await;
    let check = async |otp: &str| {
        let body = json!({ "email": email, "type": "sign-in", "otp": otp });
        gw.anonymous().auth("/email-otp/check-verification-otp", &body).await
    };
    for _ in 0..5 {
        assert_eq!(check(&otp).await.json::<Value>().await.unwrap(), json!({ "success": true }));
    }
    for _ in 0..3 {
        expect_problem(check(&wrong(&otp)).await, 400, "INVALID_OTP").await;
    }
    expect_problem(check(&otp).await, 403, "TOO_MANY_ATTEMPTS").await;
    expect_problem(sign_in(&gw.anonymous(), &email, &otp).await, 403, "TOO_MANY_ATTEMPTS").await;
}
