use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::json;
use time::macros::datetime;

use crate::auth::oauth::provider::id_token::*;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

struct Signer {
    pair: EcdsaKeyPair,
    keys: KeySet,
}

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random).unwrap();
        let point = pair.public_key().as_ref();
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "kid": "one", "use": "sig", "alg": "ES256",
            "x": encode(&point[1..33]), "y": encode(&point[33..]),
        });
        let oct = json!({ "kty": "oct", "kid": "one", "k": encode(point), "alg": "HS256" });
        let keys = KeySet::parse(&json!({ "keys": [oct, jwk] })).unwrap();
        Self { pair, keys }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", encode(signature.as_ref()))
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()))
}

fn good() -> Value {
    let now = NOW.unix_timestamp();
    json!({
        "iss": "https://id.example", "sub": "7", "aud": "client", "iat": now - 5, "exp": now + 300, "nonce": "once",
    })
}

fn expected() -> Expected<'static> {
    let audience = Audience::Flow { client_id: "client" };
    Expected { issuers: &["https://id.example"], audience, nonce: Some("once"), may_hash_nonce: false }
}

fn changed(changes: &Value) -> Value {
    let mut claims = good();
    for (name, value) in changes.as_object().unwrap() {
        if *value == json!("(gone)") {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

#[test]
fn every_claim_is_there_and_right() {
    let signer = Signer::new();
    let now = NOW.unix_timestamp();
    let claim = |name| Some(IdTokenError::Claim(name));
    let other = |claim, found: &str, expected: &str| {
        Some(IdTokenError::Mismatch { claim, found: found.to_owned(), expected: expected.to_owned() })
    };
    let issuer = |found| other("iss", found, "https://id.example");
    let audience = |found| other("aud", found, "client");
    let time = |claim, by, direction| Some(IdTokenError::Time { claim, by, direction });
    let nonce = |what| Some(IdTokenError::Nonce(what));
    for (changes, error) in [
        (json!({}), None),
        (json!({ "aud": ["client"] }), None),
        (json!({ "aud": ["client", "other"], "azp": "client" }), None),
        (json!({ "azp": "client" }), None),
        (json!({ "exp": now - 59 }), None),
        (json!({ "iat": now + 59 }), None),
        (json!({ "exp": fraction(now + 300), "iat": fraction(now - 5), "nbf": fraction(now - 5) }), None),
        (json!({ "exp": fraction(now - 120) }), time("exp", 61, "old")),
        (json!({ "exp": 1e300 }), claim("exp")),
        (json!({ "exp": u64::MAX }), claim("exp")),
        (json!({ "iss": "https://id.example/" }), issuer("https://id.example/")),
        (json!({ "iss": "https://evil.example" }), issuer("https://evil.example")),
        (json!({ "iss": ["https://id.example"] }), claim("iss")),
        (json!({ "iss": "(gone)" }), claim("iss")),
        (json!({ "sub": "(gone)" }), claim("sub")),
        (json!({ "sub": 7 }), claim("sub")),
        (json!({ "sub": "" }), claim("sub")),
        (json!({ "aud": "other" }), audience("other")),
        (json!({ "aud": ["other"] }), audience("other")),
        (json!({ "aud": ["client", "other"] }), audience("client and other")),
        (json!({ "aud": ["client", "other"], "azp": "other" }), other("azp", "other", "client")),
        (json!({ "azp": "other" }), other("azp", "other", "client")),
        (json!({ "azp": 1 }), claim("azp")),
        (json!({ "aud": ["client", 1] }), claim("aud")),
        (json!({ "aud": "(gone)" }), claim("aud")),
        (json!({ "exp": now - 60 }), time("exp", 1, "old")),
        (json!({ "exp": "(gone)" }), claim("exp")),
        (json!({ "exp": "9999999999" }), claim("exp")),
        (json!({ "iat": "(gone)" }), claim("iat")),
        (json!({ "iat": now + 61 }), time("iat", 1, "new")),
        (json!({ "iat": now - 3661 }), time("iat", 1, "old")),
        (json!({ "nbf": now + 61 }), time("nbf", 1, "new")),
        (json!({ "nbf": "soon" }), claim("nbf")),
        (json!({ "nonce": "other" }), nonce("is of another sign-in")),
        (json!({ "nonce": "(gone)" }), nonce("is missing")),
        (json!({ "nonce": null }), claim("nonce")),
        (json!({ "nonce": hashed("once") }), nonce("is of another sign-in")),
    ] {
        let token = signer.sign(&json!({ "alg": "ES256", "kid": "one" }), &changed(&changes));
        assert_eq!(verify(&token, &signer.keys, &expected(), NOW).err(), error, "{changes}");
    }
    let hashed = signer.sign(&json!({ "alg": "ES256" }), &changed(&json!({ "nonce": hashed("once") })));
    assert!(verify(&hashed, &signer.keys, &Expected { may_hash_nonce: true, ..expected() }, NOW).is_ok());
    let unasked = signer.sign(&json!({ "alg": "ES256" }), &good());
    let unnamed = Expected { nonce: None, ..expected() };
    assert_eq!(
        verify(&unasked, &signer.keys, &unnamed, NOW).err(),
        nonce("is there, and none was named beside the token")
    );
}

fn fraction(seconds: i64) -> Value {
    serde_json::from_str(&format!("{seconds}.25")).unwrap()
}

#[test]
fn tokens_that_apps_bring_are_judged_by_their_audience() {
    let signer = Signer::new();
    let further = ["ios".to_owned(), "android".to_owned()];
    let audience = Audience::App { client_id: "client", further: &further };
    let expected = Expected { audience, ..expected() };
    let listed = "client or ios or android";
    for (changes, error) in [
        (json!({}), None),
        (json!({ "azp": "android" }), None),
        (json!({ "azp": "unknown-app" }), None),
        (json!({ "azp": 1 }), None),
        (json!({ "aud": "ios" }), None),
        (json!({ "aud": ["ios"], "azp": "unknown-app" }), None),
        (json!({ "aud": ["client", "ios"] }), None),
        (json!({ "aud": ["client", "other"], "azp": "ios" }), None),
        (json!({ "aud": "other" }), Some(("aud", "other"))),
        (json!({ "aud": "other", "azp": "client" }), Some(("aud", "other"))),
        (json!({ "aud": [] }), Some(("aud", ""))),
        (json!({ "aud": ["client", "other"] }), Some(("aud", "client and other"))),
        (json!({ "aud": ["client", "other"], "azp": "other" }), Some(("azp", "other"))),
    ] {
        let token = signer.sign(&json!({ "alg": "ES256", "kid": "one" }), &changed(&changes));
        let error = error.map(|(claim, found)| mismatch(claim, found, listed.to_owned()));
        assert_eq!(verify(&token, &signer.keys, &expected, NOW).err(), error, "{changes}");
    }
}

#[test]
fn only_the_providers_key_signs_and_with_its_own_algorithm() {
    let signer = Signer::new();
    let other = Signer::new();
    let verified = |token: &str| verify(token, &signer.keys, &expected(), NOW).err();
    let algorithm = |name: &str| IdTokenError::Algorithm(name.to_owned());
    let unknown = |name: &str| IdTokenError::UnknownKey(name.to_owned());
    let header = json!({ "alg": "ES256", "kid": "one", "typ": "JWT" });
    let token = signer.sign(&header, &good());
    assert_eq!(verified(&token), None);
    assert_eq!(verified(&other.sign(&header, &good())), Some(IdTokenError::Signature));
    for (header, error) in [
        (json!({ "alg": "none", "kid": "one" }), algorithm("none")),
        (json!({ "alg": "HS256", "kid": "one" }), algorithm("HS256")),
        (json!({ "alg": "es256", "kid": "one" }), algorithm("es256")),
        (json!({ "kid": "one" }), algorithm("no algorithm")),
        (json!({ "alg": "RS256", "kid": "one" }), unknown("one")),
        (json!({ "alg": "EdDSA", "kid": "one" }), unknown("one")),
        (json!({ "alg": "ES256", "kid": "two\n@" }), unknown("two@")),
        (json!({ "alg": "ES256", "kid": 1 }), IdTokenError::Malformed),
        (json!({ "alg": "ES256", "crit": ["b64"], "b64": false }), IdTokenError::Malformed),
        (json!({ "alg": "ES256", "typ": "at+jwt" }), IdTokenError::Malformed),
    ] {
        assert_eq!(verified(&signer.sign(&header, &good())), Some(error), "{header}");
    }
    // The public key as a shared secret.
    let message = message(&json!({ "alg": "HS256", "kid": "one" }), &good());
    let secret = hmac::Key::new(hmac::HMAC_SHA256, signer.pair.public_key().as_ref());
    let forged = format!("{message}.{}", encode(hmac::sign(&secret, message.as_bytes()).as_ref()));
    assert_eq!(verified(&forged), Some(algorithm("HS256")));
    let (unsigned, _) = token.rsplit_once('.').unwrap();
    assert_eq!(verified(&format!("{unsigned}.")), Some(IdTokenError::Signature));
    assert_eq!(verified(&format!("{token}.")), Some(IdTokenError::Signature));
    for malformed in ["", "a", "a.b", "a.b.c", &token[1..], &format!("{token}=")] {
        assert_eq!(verified(malformed), Some(IdTokenError::Malformed), "{malformed}");
    }
    assert_eq!(verified(&format!("{}.a", "a".repeat(MAX_BYTES))), Some(IdTokenError::Malformed));
}

#[test]
fn a_token_without_a_key_id_is_of_the_only_key() {
    let (one, two) = (Signer::new(), Signer::new());
    let token = one.sign(&json!({ "alg": "ES256" }), &good());
    assert!(verify(&token, &one.keys, &expected(), NOW).is_ok());
    let point = |signer: &Signer| {
        let point = signer.pair.public_key().as_ref();
        json!({ "kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..]) })
    };
    let both = KeySet::parse(&json!({ "keys": [point(&one), point(&two)] })).unwrap();
    let error = IdTokenError::UnknownKey("without a name".to_owned());
    assert_eq!(verify(&token, &both, &expected(), NOW).err(), Some(error));
}

#[test]
fn edwards_keys_verify_too() {
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) });
    let keys = KeySet::parse(&json!({ "keys": [jwk] })).unwrap();
    let message = message(&json!({ "alg": "EdDSA" }), &good());
    let token = format!("{message}.{}", encode(pair.sign(message.as_bytes()).as_ref()));
    assert!(verify(&token, &keys, &expected(), NOW).is_ok());
}
