use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::json;

use crate::auth::oauth::provider::jwks::*;

const MESSAGE: &[u8] = b"header.payload";

fn pair() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random).unwrap()
}

/// Returns a pair whose first coordinate begins with a zero byte.
fn pair_with_leading_zero() -> EcdsaKeyPair {
    std::iter::repeat_with(pair).find(|pair| pair.public_key().as_ref()[1] == 0).unwrap()
}

fn jwk(pair: &EcdsaKeyPair) -> Value {
    let point = pair.public_key().as_ref();
    json!({
        "kty": "EC", "crv": "P-256", "kid": "one",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
    })
}

fn changed(mut key: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        key[name] = value.clone();
    }
    key
}

/// Returns how many candidates there are, and whether one of them signed.
fn verified(keys: &Value, id: Option<&str>, pair: &EcdsaKeyPair) -> (usize, bool) {
    let keys = KeySet::parse(&json!({ "keys": keys })).unwrap();
    let signature = pair.sign(&SystemRandom::new(), MESSAGE).unwrap();
    let candidates = keys.candidates(id, Algorithm::Es256);
    (candidates.len(), candidates.iter().any(|key| key.has_signed(MESSAGE, signature.as_ref())))
}

#[test]
fn odd_keys_take_nothing_from_good_ones() {
    let pair = pair();
    let good = jwk(&pair);
    for odd in [
        json!(null),
        json!("key"),
        json!([]),
        json!({}),
        json!({ "kty": "oct", "kid": "one", "k": "AAAA", "alg": "HS256" }),
        json!({ "kty": "RSA", "kid": "one", "n": "!", "e": "AQAB" }),
        json!({ "kty": "RSA", "kid": "one", "use": "enc", "n": "AQ", "e": "AQAB" }),
        json!({ "kty": "EC", "kid": "one", "crv": "P-521", "x": "AQ", "y": "AQ" }),
        json!({ "kty": "AKP", "kid": "one", "alg": "ML-DSA-44", "pub": "AQ" }),
        json!({ "kty": "OKP", "kid": "one", "crv": "X25519", "x": "AQ" }),
        changed(good.clone(), &json!({ "x": "AQ".repeat(40) })),
        changed(good.clone(), &json!({ "y": 7 })),
        changed(good.clone(), &json!({ "use": "enc" })),
        changed(good.clone(), &json!({ "key_ops": ["deriveKey"] })),
        changed(good.clone(), &json!({ "alg": "ECDH-ES" })),
    ] {
        assert_eq!(verified(&json!([odd, good, odd]), Some("one"), &pair), (1, true), "{odd}");
    }
    let crowd: Vec<Value> = std::iter::repeat_n(json!({ "kty": "oct" }), MAX_KEYS).chain([good]).collect();
    assert_eq!(verified(&crowd.into(), Some("one"), &pair), (1, true));
}

#[test]
fn a_key_may_say_little_and_come_twice() {
    let (pair, other) = (pair(), pair());
    let good = jwk(&pair);
    for changes in [
        json!({ "use": "sig", "alg": "ES256", "key_ops": ["verify"] }),
        json!({ "use": "SIG" }),
        json!({ "use": null, "alg": null, "key_ops": null }),
    ] {
        let key = changed(good.clone(), &changes);
        assert_eq!(verified(&json!([key, key]), Some("one"), &pair), (1, true), "{changes}");
        assert_eq!(verified(&json!([key, key]), None, &pair), (1, true), "{changes}");
    }
    assert_eq!(verified(&json!([jwk(&other), good]), Some("one"), &pair), (2, true), "two keys of one name");
    assert_eq!(verified(&json!([jwk(&other), good]), Some("two"), &pair), (0, false));
    let unnamed = changed(good, &json!({ "kid": null }));
    assert_eq!(verified(&json!([unnamed]), Some("any"), &pair), (1, true), "the only key");
    let unnamed_other = changed(jwk(&other), &json!({ "kid": null }));
    assert_eq!(verified(&json!([unnamed, unnamed_other]), Some("any"), &pair), (0, false));
}

#[test]
fn numbers_may_be_padded_longer_or_shorter() {
    let pair = pair_with_leading_zero();
    let point = pair.public_key().as_ref();
    let (x, y) = (&point[1..33], &point[33..]);
    for x in [
        URL_SAFE.encode(x),
        STANDARD.encode(x),
        URL_SAFE_NO_PAD.encode(&x[1..]),
        URL_SAFE.encode(&x[1..]),
        URL_SAFE_NO_PAD.encode([&[0], x].concat()),
    ] {
        let key = changed(jwk(&pair), &json!({ "x": x, "y": URL_SAFE.encode([&[0, 0], y].concat()) }));
        assert_eq!(verified(&json!([key]), Some("one"), &pair), (1, true), "{x}");
    }
    let rsa = |n: &[u8], e: &[u8]| {
        Key::parse(&json!({ "kty": "RSA", "n": URL_SAFE.encode(n), "e": URL_SAFE.encode(e) })).unwrap()
    };
    assert_eq!(rsa(&[0, 0, 200, 1], &[0, 1, 0, 1]), rsa(&[200, 1], &[1, 0, 1]));
}
