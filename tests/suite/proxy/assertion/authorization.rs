//! The assertion as `Authorization: Bearer …`, for backends that verify a JWT already, by each algorithm.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey},
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{keys, part, verified};
use crate::harness::{TestGateway, client::AUTH};

async fn gateway(assertion: Value) -> TestGateway {
    TestGateway::with(json!({ "identity": { "assertion": assertion } })).await
}

/// The one token behind `Bearer` that the upstream was sent last.
fn bearer(gw: &TestGateway) -> Option<String> {
    let seen = gw.upstream.last();
    let values: Vec<_> = seen.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization")).collect();
    assert!(values.len() <= 1, "{values:?}");
    values.first().and_then(|(_, value)| value.strip_prefix("Bearer ")).map(str::to_owned)
}

#[tokio::test]
async fn it_takes_the_place_of_what_the_client_sent() {
    let gw =
        gateway(json!({ "header": "Authorization", "issuer": "https://issuer.example", "audience": "shop" })).await;
    let alice = gw.insert_user("alice", &["admin"]).await;
    let keys = keys(&gw).await;
    let jwt: Value = alice.get(&format!("{AUTH}/token")).send().await.unwrap().json().await.unwrap();
    let jwt = jwt["token"].as_str().unwrap();
    let basic = ("Authorization", "Basic Zm9v");
    for request in [
        alice.get("/items"),
        alice.get("/items").header(basic.0, basic.1),
        alice.bearer().get("/items"),
        gw.anonymous().with_bearer(jwt).get("/items"),
    ] {
        assert_eq!(request.send().await.unwrap().status(), 200);
        let claims = verified(&bearer(&gw).expect("a bearer token"), &keys).expect("the published key verifies it");
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!("https://issuer.example"), &json!("shop")));
        assert_eq!((&claims["sub"], &claims["role"]), (&json!(alice.id), &json!("admin")));
        assert_eq!(gw.upstream.last().field("X-Identity-Assertion"), None);
    }
    for path in ["/public/x", "/optional/x"] {
        gw.anonymous().get(path).header(basic.0, basic.1).send().await.unwrap();
        assert_eq!(gw.upstream.last().field("Authorization"), Some(basic.1), "a webhook's own, {path}");
    }
}

#[tokio::test]
async fn what_nobody_checked_goes_no_further() {
    let gw = gateway(json!({ "header": "Authorization" })).await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    let assertion = bearer(&gw).unwrap();
    let jwt: Value = alice.get(&format!("{AUTH}/token")).send().await.unwrap().json().await.unwrap();
    gw.db.execute("delete from auth.sessions").await;
    for own in [assertion.as_str(), jwt["token"].as_str().unwrap(), &alice.token] {
        let client = gw.anonymous().with_bearer(own);
        assert_eq!(client.status("/public/x").await, 200);
        assert_eq!(bearer(&gw), None, "the app behind would take it for somebody's who is signed in");
        assert_eq!(client.status("/items").await, 401);
    }
    // Verifiers differ in what they read as a token.
    let jwt = jwt["token"].as_str().unwrap();
    for own in [format!("{jwt}="), format!("{jwt}.x"), format!("{assertion}=="), format!("{jwt} x")] {
        gw.anonymous().get("/public/x").header("Authorization", format!("Bearer {own}")).send().await.unwrap();
        assert_eq!(bearer(&gw), None, "{own}");
    }
    let foreign = "a.b.c";
    assert_eq!(gw.anonymous().with_bearer(foreign).status("/public/x").await, 200);
    assert_eq!(bearer(&gw).as_deref(), Some(foreign));
}

#[tokio::test]
async fn es256_verifies_with_the_published_key_and_client_tokens_follow() {
    let gw = gateway(json!({ "header": "Authorization", "algorithm": "ES256" })).await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    let jwt: Value = alice.get(&format!("{AUTH}/token")).send().await.unwrap().json().await.unwrap();
    let jwt = jwt["token"].as_str().unwrap().to_owned();
    for token in [bearer(&gw).unwrap(), jwt.clone()] {
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
        let keys = keys(&gw).await;
        let key = keys.iter().find(|key| key["kid"] == part(header)["kid"]).expect("its key");
        assert_eq!((&part(header)["alg"], &key["kty"], &key["crv"]), (&json!("ES256"), &json!("EC"), &json!("P-256")));
        let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
        let point = [vec![4], number("x"), number("y")].concat();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let message = format!("{header}.{claims}");
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message.as_bytes(), &signature).unwrap();
    }
    assert_eq!(gw.anonymous().with_bearer(&jwt).status("/items").await, 200);
}

#[tokio::test]
async fn hs256_is_signed_with_the_shared_key_and_taken_from_nobody() {
    const KEY: &str = "what-the-backends-share-0123456789-abcdef";
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), KEY).unwrap();
    let key = json!({ "file": file.path() });
    let gw = gateway(json!({ "header": "Authorization", "algorithm": "HS256", "key": key })).await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    let token = bearer(&gw).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let shared = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
    hmac::verify(&shared, message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    assert_eq!(part(message.split('.').next().unwrap())["alg"], "HS256");
    let published = keys(&gw).await;
    assert!(published.iter().all(|key| key["alg"] == "EdDSA"), "a shared key is no public one: {published:?}");
    assert_eq!(gw.anonymous().with_bearer(&token).status("/items").await, 401, "any backend could have made it");
}
