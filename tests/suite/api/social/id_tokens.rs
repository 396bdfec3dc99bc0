//! What a provider says has to be signed by it, for this gateway, for this sign-in, now (OAUTH-03).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{assert_refused, gateway_with, location, walk};
use crate::harness::idp::{CLIENT_ID, Idp, Signing};

#[tokio::test]
async fn wrong_claims_sign_nobody_in() {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let good = json!({ "iss": idp.issuer(), "aud": null, "azp": null, "iat": null, "exp": null, "nonce": null });
    for (claims, word) in [
        (json!({ "iss": "https://evil.example" }), "unable_to_get_user_info"),
        (json!({ "aud": "another-client" }), "unable_to_get_user_info"),
        (json!({ "aud": ["the-gateway", "another-client"] }), "unable_to_get_user_info"),
        (json!({ "azp": "another-client" }), "unable_to_get_user_info"),
        (json!({ "exp": now - 120 }), "unable_to_get_user_info"),
        (json!({ "iat": now + 120 }), "unable_to_get_user_info"),
        (json!({ "exp": "never" }), "unable_to_get_user_info"),
        (json!({ "sub": 7 }), "unable_to_get_user_info"),
        (json!({ "nonce": "of-another-sign-in" }), "nonce_binding_missing"),
    ] {
        idp.claim(&claims);
        assert_refused(&gw, &walk(&gw).await, word).await;
        idp.claim(&good);
        idp.claim(&json!({ "sub": "ada-1" }));
    }
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
    assert_eq!(location(&walk(&gw).await), "/new", "and right ones do");
}

#[tokio::test]
async fn forged_signatures_sign_nobody_in() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for signing in [Signing::None, Signing::Hs256, Signing::OtherKey] {
        idp.sign(signing);
        assert_refused(&gw, &walk(&gw).await, "unable_to_get_user_info").await;
    }
    idp.sign(Signing::Right);
    assert_eq!(location(&walk(&gw).await), "/new");
}

#[tokio::test]
async fn keys_are_asked_for_once_and_again_when_they_change() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for _ in 0..3 {
        walk(&gw).await;
    }
    assert_eq!(idp.calls("/jwks").len(), 1);
    assert_eq!(idp.calls("/.well-known/openid-configuration").len(), 1);
    // In the middle of everything the provider signs with another key.
    idp.rotate_key();
    assert_eq!(location(&walk(&gw).await), "/in");
    assert_eq!(idp.calls("/jwks").len(), 2);
    // Once a minute: not every token makes a call.
    idp.rotate_key();
    for _ in 0..3 {
        assert_eq!(location(&walk(&gw).await), "/out?error=unable_to_get_user_info");
    }
    assert_eq!(idp.calls("/jwks").len(), 2);
}

#[tokio::test]
async fn odd_key_sets_serve() {
    type Edit = fn(&mut Vec<Value>);
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let edits: [(&str, Edit); 7] = [
        ("odd ones beside it", |keys| {
            let odd = [
                json!(null),
                json!("key"),
                json!({ "kty": "RSA", "kid": 7, "n": "!", "e": "AQAB" }),
                json!({ "kty": "AKP", "alg": "ML-DSA-65", "pub": "AQ" }),
                json!({ "kty": "EC", "crv": "secp256k1", "x": "AQ", "y": "AQ" }),
                json!({ "kty": "oct", "k": "AQ" }),
                json!({ "kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "n": "AQ", "e": "AQAB" }),
            ];
            keys.splice(0..0, odd);
        }),
        ("the same twice", |keys| keys.push(keys[0].clone())),
        ("another of its name before it", |keys| {
            let mut other = keys[0].clone();
            other["x"] = keys[0]["y"].clone();
            keys.insert(0, other);
        }),
        ("padded", |keys| {
            for name in ["x", "y"] {
                keys[0][name] = format!("{}=", keys[0][name].as_str().unwrap()).into();
            }
        }),
        ("with a leading zero", |keys| {
            for name in ["x", "y"] {
                let number = URL_SAFE_NO_PAD.decode(keys[0][name].as_str().unwrap()).unwrap();
                keys[0][name] = URL_SAFE_NO_PAD.encode([vec![0], number].concat()).into();
            }
        }),
        ("without use and alg", |keys| {
            keys[0] =
                json!({ "kty": "EC", "crv": "P-256", "kid": keys[0]["kid"], "x": keys[0]["x"], "y": keys[0]["y"] });
        }),
        ("without a name", |keys| keys[0]["kid"] = Value::Null),
    ];
    for (what, edit) in edits {
        let idp = Idp::start().await;
        idp.edit("/jwks", move |body| edit(body["keys"].as_array_mut().unwrap()));
        let gw = gateway_with(&idp).await;
        assert_eq!(location(&walk(&gw).await), "/new", "{what}");
        assert_eq!(idp.calls("/jwks").len(), 1, "{what}");
    }
    idp.edit("/jwks", |body| body["keys"] = json!([]));
    assert_refused(&gw, &walk(&gw).await, "unable_to_get_user_info").await;
}

#[tokio::test]
async fn times_may_have_fractions_and_audiences_be_a_list() {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let fraction = |seconds: i64| -> Value { serde_json::from_str(&format!("{seconds}.123456")).unwrap() };
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    idp.claim(&json!({ "exp": fraction(now + 300), "iat": fraction(now), "nbf": fraction(now - 1) }));
    assert_eq!(location(&walk(&gw).await), "/new");
    idp.claim(&json!({ "aud": [CLIENT_ID], "email_verified": "true" }));
    assert_eq!(location(&walk(&gw).await), "/in");
    idp.claim(&json!({ "exp": fraction(now - 120) }));
    assert_eq!(location(&walk(&gw).await), "/out?error=unable_to_get_user_info");
}

#[tokio::test]
async fn addresses_have_one_at() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for email in ["ada@evil.example@example.com", "ada", "@example.com", "ada@example.com\r\nBcc: x@example.com"] {
        idp.claim(&json!({ "email": email }));
        assert_refused(&gw, &walk(&gw).await, "email_not_found").await;
    }
}
