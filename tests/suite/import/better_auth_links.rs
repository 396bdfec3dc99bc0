//! Links and codes that better-auth mailed before its users came.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Response;
use ring::hmac;
use serde_json::{Value, json};

use super::{ADA, Moving};
use crate::harness::{
    client::{AUTH, expect_problem},
    gateway::SECRET,
};

const RESET: &str = "rEsEtrEsEtrEsEtrEsEt1234";
const USED: &str = "uSeDuSeDuSeDuSeDuSeD1234";
const MAGIC: &str = "mAgIcLiNkmAgIcLiNkmAgIcLiNkabcde";
const DELETE: &str = "deletedeletedeletedeletedelete12";
const ULF: &str = "ulfulfulfulfulfulfulfulfulfulful";
/// Opens Ada's session.
const SESSION: &str = "gFQ5u3KubakKeuW4DkCSgCULxCgeUevv";

async fn moving() -> Moving {
    let moving = Moving::new(json!({ "auth": {
        "better_auth": { "secret": { "env": "AUTHGATE_SECRET" } },
        "magic_link": { "enabled": true },
        "email_otp": { "enabled": true },
    } }))
    .await;
    let rows = format!(
        r#"
        create table "verification" (
            "id" text primary key, "identifier" text not null, "value" text not null, "expiresAt" timestamptz not null,
            "createdAt" timestamptz not null default now(), "updatedAt" timestamptz not null default now()
        );
        insert into "user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt")
        values ('{ULF}', 'Ulf', 'ulf@example.com', false, '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z');
        insert into "verification" ("id", "identifier", "value", "expiresAt")
        values
            ('v1', 'reset-password:{RESET}', '{ADA}', now() + interval '1 hour'),
            ('v2', 'reset-password:{USED}', '{ADA}', now() - interval '1 second'),
            ('v3', 'magic-link:{MAGIC}', '{{"type":"magic-link","email":"ada@example.com"}}', now() + interval '1 hour'),
            ('v4', 'sign-in-otp-ada@example.com', '123456:1', now() + interval '1 hour'),
            ('v5', 'delete-account-{DELETE}', '{ADA}', now() + interval '1 hour'),
            ('v6', 'auth-state:xyz', '{{"codeVerifier":"x"}}', now() + interval '1 hour'),
            ('v7', 'sign-in-otp-nobody@example.com', '123456:0', now() + interval '1 hour'),
            ('v8', 'auth-state:abc', '{{"codeVerifier":"x"}}', now() - interval '1 hour');"#
    );
    moving.at_origin(&rows).await;
    moving
}

/// A link that proves an address, as better-auth signs it.
fn signed(secret: &str, changes: &Value) -> String {
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let mut claims = json!({ "email": "ulf@example.com", "userId": ULF, "iat": now - 60, "exp": now + 3600 });
    for (key, value) in changes.as_object().unwrap() {
        claims[key] = value.clone();
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({ "alg": "HS256" })), part(&claims));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn links_and_codes_that_were_mailed_before_work_once() {
    let moving = moving().await;
    let counts = moving.import(&[]);
    let of = &counts["verification"];
    let found = ["read", "imported", "expired", "left_out"].map(|count| of[count].clone());
    assert_eq!(found, [json!(8), json!(4), json!(2), json!(2)], "{counts:#}");
    let told: Vec<(Value, Value)> =
        moving.report().iter().map(|line| (line["code"].clone(), line["at"].clone())).collect();
    for (code, id) in [("VERIFICATION_LEFT_OUT", "v6"), ("USER_NOT_HERE", "v7")] {
        assert!(told.contains(&(json!(code), json!(format!("verification {id:?}")))), "{told:?}");
    }
    assert!(
        !told.iter().any(|(_, at)| at.as_str().is_some_and(|at| at.contains("v2") || at.contains("v8"))),
        "{told:?}"
    );

    let client = moving.gw.anonymous();
    let reset = async |token: &str| {
        let body = json!({ "token": token, "newPassword": "a password of the time after" });
        client.auth("/reset-password", &body).await
    };
    let by_link = async || client.get(&format!("{AUTH}/magic-link/verify?token={MAGIC}")).send().await.unwrap();
    let by_code =
        async |otp: &str| client.auth("/sign-in/email-otp", &json!({ "email": "ada@example.com", "otp": otp })).await;
    assert_eq!(by_link().await.status(), 200);
    expect_problem(by_code("654321").await, 400, "INVALID_OTP").await;
    assert_eq!(by_code("123456").await.status(), 200);
    // The link of the page, too, leads to where it led.
    let led = client.get(&format!("{AUTH}/reset-password/{RESET}?callbackURL=/reset")).send().await.unwrap();
    assert!(led.headers()["location"].to_str().unwrap().ends_with(&format!("/reset?token={RESET}")), "{led:?}");
    let ada = client.with_bearer(SESSION);
    let would_delete = async || {
        let path = format!("{AUTH}/delete-user/callback?token={DELETE}");
        ada.request(reqwest::Method::HEAD, &path).send().await.unwrap().status().as_u16()
    };
    assert_eq!(would_delete().await, 200);
    expect_problem(reset(USED).await, 400, "INVALID_TOKEN").await;
    assert_eq!(reset(RESET).await.status(), 200);
    let left = moving.value("select count(*) from auth.verifications where purpose = 'delete-user'").await;
    assert_eq!(left["count"], 0, "a new password ends what was mailed before");
    let body = json!({ "email": "ada@example.com", "password": "a password of the time after" });
    assert_eq!(client.auth("/sign-in/email", &body).await.status(), 200);

    // Another run brings back nothing of what was used.
    let again = moving.import(&[]);
    let found = ["imported", "unchanged", "expired"].map(|count| again["verification"][count].clone());
    assert_eq!(found, [json!(0), json!(4), json!(2)], "{again:#}");
    expect_problem(reset(RESET).await, 400, "INVALID_TOKEN").await;
    assert_eq!(by_link().await.status(), 302);
    expect_problem(by_code("123456").await, 400, "INVALID_OTP").await;
}

#[tokio::test]
async fn a_signed_link_proves_the_address_of_who_was_there_and_nothing_else() {
    let moving = moving().await;
    moving.import(&["--without", "verification"]);
    let rows = moving.value("select count(*) from auth.verifications").await;
    assert_eq!(rows["count"], 0, "--without verification");
    let client = moving.gw.anonymous();
    let verify = async |token: &str| -> Response {
        client.get(&format!("{AUTH}/verify-email?token={token}")).send().await.unwrap()
    };
    for changes in [
        json!({ "updateTo": "new@example.com" }),
        json!({ "updateTo": "new@example.com", "requestType": "change-email-verification" }),
        json!({ "userId": ADA }),
        json!({ "email": "nobody@example.com" }),
        // Was signed before the account was opened.
        json!({ "iat": 946_684_800 }),
        json!({ "email": "ada@example.com", "userId": ADA }),
    ] {
        expect_problem(verify(&signed(SECRET, &changes)).await, 401, "INVALID_TOKEN").await;
    }
    expect_problem(verify(&signed("another secret", &json!({}))).await, 401, "INVALID_TOKEN").await;
    let expired = json!({ "exp": time::OffsetDateTime::now_utc().unix_timestamp() - 1 });
    expect_problem(verify(&signed(SECRET, &expired)).await, 401, "TOKEN_EXPIRED").await;
    let is_verified = async || {
        let ulf = moving.value(&format!("select email_verified from auth.users where id = '{ULF}'")).await;
        ulf["email_verified"] == true
    };
    assert!(!is_verified().await);
    let token = signed(SECRET, &json!({}));
    assert_eq!(verify(&token).await.status(), 200);
    assert!(is_verified().await);
    expect_problem(verify(&token).await, 401, "INVALID_TOKEN").await;
    let rows = moving.value("select count(*) from auth.verifications where purpose = 'verify-email'").await;
    assert_eq!(rows["count"], 0);
}
