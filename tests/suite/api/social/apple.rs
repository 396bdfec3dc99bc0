//! Apple: a secret signed on demand, a form in place of a query, and the name only once.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{arrive, begin_at, location, signed_in, visit};
use crate::harness::{
    TestGateway,
    client::AUTH,
    idp::{CLIENT_ID, Idp},
};

async fn start() -> (Idp, TestGateway) {
    let idp = Idp::start().await;
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    let apple = json!({
        "issuer": idp.issuer(), "client_id": CLIENT_ID, "team_id": "TEAM", "key_id": "KEY",
        "private_key": { "file": file.path() },
    });
    let gw = TestGateway::with(json!({ "auth": { "social": { "apple": apple } } })).await;
    (idp, gw)
}

/// The form that Apple's page sends, as a browser does: from there, without Lax cookies.
async fn post(gw: &TestGateway, query: &str, user: Option<&str>) -> String {
    let mut form = query.to_owned();
    if let Some(user) = user {
        form.push_str(&url::form_urlencoded::Serializer::new("&".to_owned()).append_pair("user", user).finish());
    }
    let response = gw
        .anonymous()
        .request(http::Method::POST, &format!("{AUTH}/callback/apple"))
        .header("Origin", "https://appleid.apple.com")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    location(&response).to_owned()
}

#[tokio::test]
async fn the_form_is_handed_on_and_the_name_is_told_once() {
    let (idp, gw) = start().await;
    idp.claim(&json!({
        "sub": "001234.ab.0987", "email": "x7@privaterelay.appleid.com", "email_verified": "true",
        "is_private_email": "true", "name": null,
    }));
    for (user, target) in [
        (Some(r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"evil@example.com"}"#), "/new"),
        (None, "/in"),
    ] {
        let targets = json!({ "callbackURL": "/in", "newUserCallbackURL": "/new", "errorCallbackURL": "/out" });
        let begun = begin_at(&gw.anonymous(), "/sign-in/social", "apple", targets).await;
        let query = begun.query();
        assert_eq!((query["response_mode"].as_str(), query["scope"].as_str()), ("form_post", "name email"));
        let path = visit(&begun).await;
        let path = post(&gw, path.split_once('?').unwrap().1, user).await;
        assert!(path.starts_with(&format!("{AUTH}/callback/apple?code=")), "{path}");
        let response = arrive(&gw, &path, &begun.cookie).await;
        assert_eq!(location(&response), target);
        let session = signed_in(&gw, &response).session().await;
        assert_eq!(session["user"]["name"], "Ada Lovelace");
        assert_eq!(session["user"]["email"], "x7@privaterelay.appleid.com");
    }
    let calls = idp.calls("/auth/token");
    let secrets: Vec<&String> = calls.iter().map(|call| &call.form["client_secret"]).collect();
    assert_eq!(secrets[0], secrets[1], "signed once while it holds");
    let part = |index| URL_SAFE_NO_PAD.decode(secrets[0].split('.').nth(index).unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&part(0)).unwrap();
    assert_eq!(header, json!({ "alg": "ES256", "kid": "KEY" }));
    let claims: Value = serde_json::from_slice(&part(1)).unwrap();
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (&json!("TEAM"), &json!(CLIENT_ID), &json!(idp.issuer()))
    );
}

#[tokio::test]
async fn a_cancelled_sign_in_is_an_error() {
    let (_idp, gw) = start().await;
    let targets = json!({ "errorCallbackURL": "/out" });
    let begun = begin_at(&gw.anonymous(), "/sign-in/social", "apple", targets).await;
    let form = format!("error=user_cancelled_authorize&state={}", begun.query()["state"]);
    let path = post(&gw, &form, None).await;
    assert_eq!(location(&arrive(&gw, &path, &begun.cookie).await), "/out?error=user_cancelled_authorize");
}

#[tokio::test]
async fn only_known_fields_are_handed_on() {
    let (_idp, gw) = start().await;
    let path = post(&gw, "code=a%0d%0ab&state=%26x&evil=1&code2=2", None).await;
    assert_eq!(path, format!("{AUTH}/callback/apple?code=a%0D%0Ab&state=%26x"));
}

#[tokio::test]
async fn forms_for_nobody_end_at_the_error_page() {
    let (_idp, gw) = start().await;
    for provider in ["google", "..%2f..", "a%0d%0ab"] {
        let response = gw
            .anonymous()
            .request(http::Method::POST, &format!("{AUTH}/callback/{provider}"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("code=a&state=b")
            .send()
            .await
            .unwrap();
        if provider == "google" {
            assert_eq!(location(&response), format!("{AUTH}/error?error=oauth_provider_not_found"));
        } else {
            assert_eq!(response.status(), 400, "{provider}");
        }
    }
}
