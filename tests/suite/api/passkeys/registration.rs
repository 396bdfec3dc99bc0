//! Adding passkeys.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Browser, signed_in, with_passkey};
use crate::{
    api::two_factor::App,
    harness::{
        PASSWORD, TestGateway,
        authenticator::{AAGUID, Ceremony, SoftPasskey, base64url},
        client::{AUTH, assert_date, expect_problem, set_cookies},
    },
};

#[tokio::test]
async fn a_passkey_is_added_and_its_owner_is_told() {
    let gw = TestGateway::start().await;
    let (mut browser, email) = signed_in(&gw, "ada").await;
    let response = browser.get("/passkey/generate-register-options?name=Laptop&authenticatorAttachment=platform").await;
    let cookies = set_cookies(response.headers());
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("authgate_passkey=")).unwrap();
    for attribute in ["Max-Age=300", "Path=/", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    browser.keep(&response);
    let options: Value = response.json().await.unwrap();
    assert_eq!(options["rp"], json!({ "id": "localhost", "name": "localhost" }));
    assert_eq!((&options["user"]["name"], &options["user"]["displayName"]), (&json!(email), &json!(email)));
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["excludeCredentials"], json!([]));
    let selection = &options["authenticatorSelection"];
    assert_eq!(selection["userVerification"], "required");
    assert_eq!((&selection["residentKey"], &selection["requireResidentKey"]), (&json!("required"), &json!(true)));
    assert_eq!(selection["authenticatorAttachment"], "platform");
    let algorithms: Vec<i64> =
        options["pubKeyCredParams"].as_array().unwrap().iter().map(|param| param["alg"].as_i64().unwrap()).collect();
    assert_eq!(algorithms, [-7, -257]);
    assert!(URL_SAFE_NO_PAD.decode(options["challenge"].as_str().unwrap()).unwrap().len() >= 16);

    let passkey = SoftPasskey::new(&options);
    let body = json!({ "response": passkey.attest(&Ceremony::registration(&options, gw.origin())) });
    let added = browser.ok("/passkey/verify-registration", body).await;
    assert_eq!(added["name"], "Laptop");
    assert_eq!(added["credentialID"], base64url(&passkey.id));
    assert_eq!((&added["counter"], &added["backedUp"]), (&json!(0), &json!(false)));
    assert_eq!((&added["deviceType"], &added["transports"]), (&json!("singleDevice"), &json!("internal,hybrid")));
    assert_eq!(added["aaguid"], uuid::Uuid::from_bytes(AAGUID).to_string());
    assert!(added["publicKey"].as_str().unwrap().starts_with("pQ"), "a COSE map of five: {added}");
    assert_eq!((&added["lastUsedAt"], added.get("session")), (&Value::Null, None));
    assert_date(&added["createdAt"]);
    assert!(!browser.has("authgate_passkey"), "the challenge is used up");
    let listed: Value = browser.get("/passkey/list-user-passkeys").await.json().await.unwrap();
    assert_eq!(listed, json!([added]));
    let mail = gw.mail.about("A passkey was added to your account at App", &email).await;
    assert!(mail.text.contains("remove the passkey"), "{}", mail.text);
    let added = "select count(*) from auth.audit_events where event = 'passkey_added' and outcome = 'success'";
    assert_eq!(gw.db.count(added).await, 1);

    let options = browser.registration_options().await;
    assert_eq!(options["excludeCredentials"][0]["id"], base64url(&passkey.id), "an authenticator makes one");
    assert_eq!(URL_SAFE_NO_PAD.decode(options["user"]["id"].as_str().unwrap()).unwrap(), passkey.handle);
}

/// WebAuthn §14.6.1: an authenticator shows it to whoever holds it.
#[tokio::test]
async fn authenticators_know_users_by_a_random_handle() {
    let gw = TestGateway::start().await;
    let (browser, passkey, _) = with_passkey(&gw, "ada").await;
    let (_, other, _) = with_passkey(&gw, "bob").await;
    let session = browser.client().session().await;
    let id = session["user"]["id"].as_str().unwrap();
    assert_eq!(passkey.handle.len(), 16);
    assert_ne!(passkey.handle, other.handle);
    let as_uuid = uuid::Uuid::from_slice(&passkey.handle).unwrap();
    assert_ne!((as_uuid.to_string().as_str(), passkey.handle.as_slice()), (id, id.as_bytes()));
}

/// SESS-09, PKEY-06.
#[tokio::test]
async fn adding_one_takes_a_session_that_was_proved_lately() {
    let gw = TestGateway::start().await;
    let (mut browser, _) = signed_in(&gw, "ada").await;
    let stranger = Browser::new(&gw);
    let asked = stranger.get("/passkey/generate-register-options").await;
    expect_problem(asked, 401, "SESSION_REQUIRED").await;
    let answered = stranger.client().auth("/passkey/verify-registration", &json!({ "response": {} })).await;
    expect_problem(answered, 401, "SESSION_REQUIRED").await;

    gw.db.execute("update auth.sessions set created_at = created_at - interval '11 minutes'").await;
    expect_problem(browser.get("/passkey/generate-register-options").await, 403, "SESSION_NOT_FRESH").await;
    browser.ok("/verify-password", json!({ "password": PASSWORD })).await;
    browser.add_passkey(&gw).await;
}

#[tokio::test]
async fn a_sign_in_that_waits_for_its_second_factor_adds_none() {
    let gw = TestGateway::start().await;
    let (mut browser, email) = signed_in(&gw, "ada").await;
    let app = App::from_answer(&browser.ok("/two-factor/enable", json!({ "password": PASSWORD })).await);
    browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0), "trustDevice": true })).await;
    let mut half = Browser::new(&gw);
    half.begin_sign_in(&email).await;
    expect_problem(half.get("/passkey/generate-register-options").await, 401, "SESSION_REQUIRED").await;
    // A browser that is spared the code has not shown it: a passkey would be worth more than what made it.
    browser.ok("/sign-out", json!({})).await;
    browser.sign_in(&email).await;
    expect_problem(browser.get("/passkey/generate-register-options").await, 403, "TWO_FACTOR_REQUIRED").await;
}

#[tokio::test]
async fn a_challenge_is_for_the_session_that_asked() {
    let gw = TestGateway::start().await;
    let (mut ada, _) = signed_in(&gw, "ada").await;
    let (mut eve, _) = signed_in(&gw, "eve").await;
    let options = ada.registration_options().await;
    let passkey = SoftPasskey::new(&options);
    let response = passkey.attest(&Ceremony::registration(&options, gw.origin()));
    eve.cookies.insert("authgate_passkey".to_owned(), ada.cookies["authgate_passkey"].clone());
    let refused = eve.refusal("/passkey/verify-registration", &response).await;
    assert_eq!(refused, (401, "YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY".to_owned()));
    // It is used up.
    let refused = ada.refusal("/passkey/verify-registration", &response).await;
    assert_eq!(refused, (400, "CHALLENGE_NOT_FOUND".to_owned()));
    assert_eq!(gw.db.count("select count(*) from auth.passkeys").await, 0);
}

#[tokio::test]
async fn a_credential_is_of_one_account_only() {
    let gw = TestGateway::start().await;
    let (mut ada, passkey, _) = with_passkey(&gw, "ada").await;
    let (mut eve, _) = signed_in(&gw, "eve").await;
    for browser in [&mut ada, &mut eve] {
        let options = browser.registration_options().await;
        let response = passkey.attest(&Ceremony::registration(&options, gw.origin()));
        let refused = browser.refusal("/passkey/verify-registration", &response).await;
        assert_eq!(refused.0, 400, "{}", refused.1);
    }
    assert_eq!(gw.db.count("select count(*) from auth.passkeys").await, 1);
}

#[tokio::test]
async fn names_and_numbers_are_bounded() {
    let gw = TestGateway::start().await;
    let (mut browser, _) = signed_in(&gw, "ada").await;
    for name in ["%20", "a%0Ab", &"x".repeat(65)] {
        let asked = browser.get(&format!("/passkey/generate-register-options?name={name}")).await;
        expect_problem(asked, 400, "VALIDATION_ERROR").await;
    }
    for _ in 0..25 {
        browser.add_passkey(&gw).await;
    }
    expect_problem(browser.get("/passkey/generate-register-options").await, 400, "TOO_MANY_PASSKEYS").await;
}

#[tokio::test]
async fn a_head_request_asks_nobody() {
    let gw = TestGateway::start().await;
    let (browser, _) = signed_in(&gw, "ada").await;
    for path in ["/passkey/generate-register-options", "/passkey/generate-authenticate-options"] {
        let response = browser.client().request(http::Method::HEAD, &format!("{AUTH}{path}")).send().await.unwrap();
        assert_eq!((response.status().as_u16(), set_cookies(response.headers())), (200, Vec::new()), "{path}");
    }
    assert_eq!(gw.db.count("select count(*) from auth.verifications where purpose like 'passkey%'").await, 0);
}

#[tokio::test]
async fn where_there_are_none_there_are_no_routes() {
    let gw = TestGateway::with(json!({ "auth": { "passkeys": { "enabled": false } } })).await;
    let (browser, _) = signed_in(&gw, "ada").await;
    assert_eq!(browser.get("/passkey/generate-register-options").await.status(), 404);
    assert_eq!(browser.get("/passkey/generate-authenticate-options").await.status(), 404);
}
