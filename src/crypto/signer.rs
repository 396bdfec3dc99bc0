//! Signing of JSON Web Tokens with Ed25519 (RFC 8037), and the public keys that verify them.

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    digest::{SHA256, digest},
    signature::Ed25519KeyPair,
};
use serde::Serialize;

use crate::crypto::jwt::{JwtEncoder, JwtKey};

pub(crate) const SEED_LENGTH: usize = 32;

/// Holds one purpose's key pairs. Cheap to clone.
///
/// They follow from the configured secrets, so replicas share them without storing anything.
#[derive(Clone)]
pub struct Signer {
    purpose: &'static str,
    /// The first one signs; never empty.
    keys: Arc<[SigningKey]>,
}

impl Signer {
    pub(crate) fn new(purpose: &'static str, keys: Arc<[SigningKey]>) -> Self {
        Self { purpose, keys }
    }

    /// Returns a compact JSON Web Token, signed with the first secret's key.
    ///
    /// # Panics
    /// When the claims are no tree of texts and numbers.
    #[must_use]
    pub fn sign(&self, claims: &impl Serialize) -> String {
        self.keys.first().expect("a keyring has at least one secret").encoder.encode(claims)
    }

    /// Returns the JSON Web Key Set (RFC 7517) of all secrets, the signing one first.
    #[must_use]
    pub fn key_set(&self) -> String {
        let keys: Vec<Jwk<'_>> = self.keys.iter().map(SigningKey::public).collect();
        key_set(&keys)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.purpose)
    }
}

/// Returns the key set of who signs nothing.
#[must_use]
pub fn empty_key_set() -> String {
    key_set(&[])
}

fn key_set(keys: &[Jwk<'_>]) -> String {
    #[derive(Serialize)]
    struct Set<'a> {
        keys: &'a [Jwk<'a>],
    }
    serde_json::to_string(&Set { keys }).expect("a tree of texts serialises")
}

/// Is a public key as RFC 8037 §2 writes it.
#[derive(Serialize)]
struct Jwk<'a> {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    r#use: &'static str,
    kid: &'a str,
    x: &'a str,
}

pub(crate) struct SigningKey {
    encoder: JwtEncoder,
    /// RFC 7638's thumbprint.
    id: String,
    /// The public key in base64url.
    x: String,
}

impl SigningKey {
    pub(crate) fn new(seed: &[u8; SEED_LENGTH]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("an Ed25519 seed has 32 bytes");
        let key = JwtKey::EdDsa(pair);
        let x = BASE64.encode(key.public_key());
        // The members in their order, without blanks.
        let thumbprint = digest(&SHA256, format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes());
        let id = BASE64.encode(thumbprint);
        Self { encoder: JwtEncoder::new(key, &id), id, x }
    }

    fn public(&self) -> Jwk<'_> {
        Jwk { kty: "OKP", crv: "Ed25519", alg: "EdDSA", r#use: "sig", kid: &self.id, x: &self.x }
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};
    use serde_json::{Value, json};

    use super::*;
    use crate::{crypto::Keyring, types::Secret};

    fn with_secrets(secrets: &[&str], purpose: &'static str) -> Signer {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new((*text).to_owned())).collect();
        Keyring::new(&secrets).signer(purpose)
    }

    fn keys(signer: &Signer) -> Vec<Value> {
        let set: Value = serde_json::from_str(&signer.key_set()).unwrap();
        set["keys"].as_array().unwrap().clone()
    }

    fn verifies(token: &str, key: &Value) -> bool {
        let (message, signature) = token.rsplit_once('.').unwrap();
        let x = BASE64.decode(key["x"].as_str().unwrap()).unwrap();
        let signature = BASE64.decode(signature).unwrap();
        UnparsedPublicKey::new(&ED25519, x).verify(message.as_bytes(), &signature).is_ok()
    }

    #[test]
    fn what_it_signs_verifies_with_the_published_key() {
        let signer = with_secrets(&["first secret of thirty-two bytes"], "assertion");
        let token = signer.sign(&json!({ "sub": "u1" }));
        let [key] = &keys(&signer)[..] else { panic!("one secret, one key") };
        assert!(verifies(&token, key));
        let [header, claims, _] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
        let part = |text: &str| serde_json::from_slice::<Value>(&BASE64.decode(text).unwrap()).unwrap();
        assert_eq!(part(header), json!({ "alg": "EdDSA", "typ": "JWT", "kid": key["kid"] }));
        assert_eq!(part(claims), json!({ "sub": "u1" }));
        assert!(!verifies(&token.replace(claims, &BASE64.encode(r#"{"sub":"u2"}"#)), key));
    }

    #[test]
    fn the_first_secret_signs_and_all_are_published() {
        let (old, new) = ("first secret of thirty-two bytes", "second secret, of some more bytes");
        let before = with_secrets(&[old], "assertion").sign(&json!({}));
        let rotated = with_secrets(&[new, old], "assertion");
        let after = rotated.sign(&json!({}));
        let [first, second] = &keys(&rotated)[..] else { panic!("two secrets, two keys") };
        assert!(verifies(&after, first) && !verifies(&after, second));
        assert!(verifies(&before, second) && !verifies(&before, first));
    }

    #[test]
    fn keys_follow_from_secret_and_purpose() {
        let secret = "first secret of thirty-two bytes";
        let id = |secret, purpose| keys(&with_secrets(&[secret], purpose))[0]["kid"].clone();
        assert_eq!(id(secret, "assertion"), id(secret, "assertion"));
        assert_ne!(id(secret, "assertion"), id(secret, "other"));
        assert_ne!(id(secret, "assertion"), id("second secret, of some more bytes", "assertion"));
        assert_eq!(empty_key_set(), r#"{"keys":[]}"#);
    }

    /// The key of RFC 8037's appendix A, whose thumbprint A.3 states.
    #[test]
    fn thumbprints_are_those_of_the_rfc() {
        let seed = BASE64.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let key = SigningKey::new(&seed.try_into().unwrap());
        assert_eq!(key.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.id, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
