//! Signing in with a passkey.

use serde_json::{Value, json};

use super::{Browser, signed_in, with_passkey};
use crate::{
    api::two_factor::App,
    harness::{
        PASSWORD, TestGateway,
        authenticator::{Ceremony, base64url},
        client::{assert_user, expect_problem},
    },
};

#[tokio::test]
async fn it_opens_a_session_that_counts_as_two_factors() {
    let gw = TestGateway::start().await;
    let (_, passkey, email) = with_passkey(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    let answer = browser.sign_in_with(&passkey, &gw).await;
    assert_user(&answer["user"], &email, "ada");
    assert_eq!(answer["session"]["token"].as_str(), browser.cookies.get(gw.cookie_name()).map(String::as_str));
    assert!(!browser.has("authgate_passkey") && browser.is_signed_in().await);
    let seen = gw.upstream.last();
    assert_eq!(seen.field("cookie"), None, "upstreams see none of our cookies");
    let opened = "select count(*) from auth.sessions where auth_method = 'passkey' and second_factor = 'passkey'";
    assert_eq!(gw.db.count(opened).await, 1);
    assert!(gw.metrics().await.contains("authgate_sign_ins_total{outcome=\"success\"} 2"));
    let listed: Value = browser.get("/passkey/list-user-passkeys").await.json().await.unwrap();
    assert!(listed[0]["lastUsedAt"].is_string(), "{listed}");
}

#[tokio::test]
async fn no_code_is_asked_for_beside_it() {
    let gw = TestGateway::start().await;
    let (mut first, passkey, _) = with_passkey(&gw, "ada").await;
    let app = App::from_answer(&first.ok("/two-factor/enable", json!({ "password": PASSWORD })).await);
    first.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    let mut browser = Browser::new(&gw);
    browser.sign_in_with(&passkey, &gw).await;
    assert!(browser.is_signed_in().await);
    // The passkey is the second factor for what asks for one.
    browser.ok("/two-factor/disable", json!({ "password": PASSWORD })).await;
}

/// ENUM-04: nothing that a stranger sends makes the options tell who has passkeys.
#[tokio::test]
async fn options_name_passkeys_to_their_owner_only() {
    let gw = TestGateway::start().await;
    let (mut ada, passkey, email) = with_passkey(&gw, "ada").await;
    let mut stranger = Browser::new(&gw);
    let mut seen = Vec::new();
    for query in ["", &format!("?email={email}"), "?email=nobody@example.com", "?username=ada"] {
        let mut options = stranger.options(&format!("/passkey/generate-authenticate-options{query}")).await;
        assert_eq!((&options["rpId"], &options["userVerification"]), (&json!("localhost"), &json!("required")));
        let challenge = options["challenge"].take();
        assert!(challenge.as_str().is_some_and(|challenge| challenge.len() >= 22), "{challenge}");
        seen.push(options);
    }
    assert!(seen.iter().all(|options| *options == seen[0]), "{seen:?}");
    assert_eq!(seen[0]["allowCredentials"], json!([]));
    let own = ada.sign_in_options().await;
    assert_eq!(own["allowCredentials"][0]["id"], base64url(&passkey.id));
    assert_eq!(own["allowCredentials"][0]["transports"], json!(["internal", "hybrid"]));
}

/// PKEY-01: the relying party is configured, whatever a request says.
#[tokio::test]
async fn a_host_header_changes_nothing() {
    let gw = TestGateway::start().await;
    let (browser, _) = signed_in(&gw, "ada").await;
    for (path, pointer) in [("generate-register-options", "/rp/id"), ("generate-authenticate-options", "/rpId")] {
        let request = browser.client().get(&format!("/api/auth/passkey/{path}"));
        let request = request.header("x-forwarded-host", "evil.test").header("origin", gw.origin());
        let options: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(options.pointer(pointer), Some(&json!("localhost")), "{options}");
    }
}

/// PKEY-02: bound to the browser and to what it was for, and over after five minutes.
#[tokio::test]
async fn a_challenge_is_for_one_browser_and_one_kind() {
    let gw = TestGateway::start().await;
    let (mut ada, passkey, _) = with_passkey(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    let options = browser.sign_in_options().await;
    let response = passkey.assert(&Ceremony::sign_in(&options, gw.origin()));
    let gone = (400, "CHALLENGE_NOT_FOUND".to_owned());
    let mut other = Browser::new(&gw);
    assert_eq!(other.refusal("/passkey/verify-authentication", &response).await, gone, "no cookie");
    other.sign_in_options().await;
    let refused = other.refusal("/passkey/verify-authentication", &response).await;
    assert_eq!(refused, (401, "AUTHENTICATION_FAILED".to_owned()), "another challenge");
    ada.cookies.insert("authgate_passkey".to_owned(), browser.cookies["authgate_passkey"].clone());
    assert_eq!(ada.refusal("/passkey/verify-registration", &response).await, gone, "another kind");

    gw.db.execute("update auth.verifications set expires_at = now() where purpose = 'passkey-sign-in'").await;
    assert_eq!(browser.refusal("/passkey/verify-authentication", &response).await, gone, "too late");
    browser.sign_in_with(&passkey, &gw).await;
}

#[tokio::test]
async fn whoever_is_signed_in_shows_a_passkey_of_their_own() {
    let gw = TestGateway::start().await;
    let (mut ada, own, _) = with_passkey(&gw, "ada").await;
    let (_, others, _) = with_passkey(&gw, "bob").await;
    let options = ada.sign_in_options().await;
    let response = others.assert(&Ceremony::sign_in(&options, gw.origin()));
    let refused = ada.refusal("/passkey/verify-authentication", &response).await;
    assert_eq!(refused, (401, "AUTHENTICATION_FAILED".to_owned()));
    // A security key that keeps no user's handle is named by the options, so it need not say whose it is.
    let options = ada.sign_in_options().await;
    let mut response = own.assert(&Ceremony::sign_in(&options, gw.origin()));
    response["response"].as_object_mut().unwrap().remove("userHandle");
    ada.ok("/passkey/verify-authentication", json!({ "response": response })).await;
    assert_eq!(gw.db.count("select count(*) from auth.sessions where auth_method = 'passkey'").await, 1);
}

#[tokio::test]
async fn banned_and_unverified_users_stay_out() {
    let gw = TestGateway::start().await;
    let (_, passkey, _) = with_passkey(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    for (sql, expected) in [
        ("update auth.users set banned_at = now()", (401, "AUTHENTICATION_FAILED")),
        ("update auth.users set banned_at = null, email_verified = false", (403, "EMAIL_NOT_VERIFIED")),
    ] {
        gw.db.execute(sql).await;
        let options = browser.sign_in_options().await;
        let response = passkey.assert(&Ceremony::sign_in(&options, gw.origin()));
        let answer = browser.auth("/passkey/verify-authentication", json!({ "response": response })).await;
        expect_problem(answer, expected.0, expected.1).await;
        assert!(!browser.has(gw.cookie_name()));
    }
}

/// Several origins share a relying party: the configured ones that it covers, and nobody else.
#[tokio::test]
async fn trusted_origins_below_the_relying_party_may_ask() {
    let trusted = ["http://localhost:3000", "http://*.localhost:3000", "https://www.example.com"];
    let gw = TestGateway::with(json!({ "auth": { "trusted_origins": trusted } })).await;
    let (_, passkey, _) = with_passkey(&gw, "ada").await;
    for (origin, is_allowed) in [
        ("http://localhost:3000", true),
        ("http://app.localhost:3000", true),
        ("http://localhost:3001", false),
        ("https://www.example.com", false),
    ] {
        let mut browser = Browser::new(&gw);
        let options = browser.sign_in_options().await;
        let response = passkey.assert(&Ceremony::sign_in(&options, origin));
        let answer = browser.auth("/passkey/verify-authentication", json!({ "response": response })).await;
        assert_eq!(answer.status(), if is_allowed { 200 } else { 401 }, "{origin}");
    }
}

/// BRUTE-06.
#[tokio::test]
async fn attempts_are_limited() {
    let limits = json!({ "auth": { "rate_limits": { "passkey": { "limit": 2, "window": "1m" } } } });
    let gw = TestGateway::with(limits).await;
    let mut browser = Browser::new(&gw);
    browser.sign_in_options().await;
    let first = browser.auth("/passkey/verify-authentication", json!({ "response": {} })).await;
    assert_eq!(first.status(), 400);
    let beyond = browser.auth("/passkey/verify-authentication", json!({ "response": {} })).await;
    expect_problem(beyond, 429, "TOO_MANY_REQUESTS").await;
    expect_problem(browser.get("/passkey/generate-authenticate-options").await, 429, "TOO_MANY_REQUESTS").await;
}
