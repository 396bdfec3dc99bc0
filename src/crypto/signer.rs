//! Signs JSON Web Tokens by keys that follow from configured secrets, and tells what verifies them.

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    digest::{SHA256, digest},
    hmac,
};
use serde::Serialize;

use crate::{
    crypto::jwt::{JwtEncoder, JwtKey},
    types::Secret,
};

/// Names an algorithm whose signatures anybody can verify, by its name in JSON Web Algorithms (RFC 7518, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyAlgorithm {
    #[default]
    EdDsa,
    Es256,
}

/// Holds one purpose's keys. Cheap to clone.
///
/// They follow from the configured secrets, so replicas share them without storing anything.
#[derive(Clone)]
pub struct Signer {
    purpose: &'static str,
    /// Holds the first one, which signs, and the others; it is never empty.
    keys: Arc<[SigningKey]>,
}

impl Signer {
    pub(crate) fn new(purpose: &'static str, keys: Arc<[SigningKey]>) -> Self {
        Self { purpose, keys }
    }

    /// Signs with secrets that verifiers share (HS256): the first signs. They are never published, and must be nobody
    /// else's (JWT-05).
    ///
    /// # Panics
    /// Panics without any secret.
    #[must_use]
    pub fn with_shared_secrets(purpose: &'static str, secrets: &[Secret]) -> Self {
        assert!(!secrets.is_empty(), "a compiled configuration has at least one secret");
        Self { purpose, keys: secrets.iter().map(SigningKey::from_shared_secret).collect() }
    }

    /// Returns a compact JSON Web Token, signed with the first secret's key.
    ///
    /// # Panics
    /// When the claims are no tree of texts and numbers.
    #[must_use]
    pub fn sign(&self, claims: &impl Serialize) -> String {
        self.keys.first().expect("a keyring has at least one secret").encoder.encode(claims)
    }

    /// Returns the claims, as JSON, of a token that one of the keys signed.
    #[must_use]
    pub fn decode(&self, token: &str) -> Option<Vec<u8>> {
        self.keys.iter().find_map(|key| key.encoder.decode(token))
    }

    /// Tells whether a token can only be one of these keys', or a forgery of one. No signature is looked at.
    #[must_use]
    pub fn is_named_by(&self, token: &[u8]) -> bool {
        self.keys.iter().any(|key| key.encoder.has_header_of(token))
    }

    /// Returns the public keys of all secrets, the signing one first.
    pub fn public_keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.iter().filter_map(|key| key.public.as_ref())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.purpose)
    }
}

/// Returns the JSON Web Key Set (RFC 7517) of these keys.
///
/// # Panics
/// Never: a key is texts.
pub fn key_set<'a>(keys: impl Iterator<Item = &'a PublicKey>) -> String {
    #[derive(Serialize)]
    struct Set<'a> {
        keys: Vec<&'a PublicKey>,
    }
    serde_json::to_string(&Set { keys: keys.collect() }).expect("a tree of texts serialises")
}

/// Is a public key as RFC 8037 §2 and RFC 7518 §6.2 write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicKey {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    r#use: &'static str,
    /// Is the thumbprint of RFC 7638.
    kid: String,
    x: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
}

impl PublicKey {
    fn ed25519(bytes: &[u8]) -> Self {
        let x = BASE64.encode(bytes);
        // The members stand in their order, without blanks.
        let kid = thumbprint(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        Self { kty: "OKP", crv: "Ed25519", alg: "EdDSA", r#use: "sig", kid, x, y: None }
    }

    /// Takes an uncompressed point: a byte that says so, and two coordinates.
    fn p256(point: &[u8]) -> Self {
        let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
        let (x, y) = (BASE64.encode(x), BASE64.encode(y));
        let kid = thumbprint(&format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#));
        Self { kty: "EC", crv: "P-256", alg: "ES256", r#use: "sig", kid, x, y: Some(y) }
    }
}

fn thumbprint(members: &str) -> String {
    BASE64.encode(digest(&SHA256, members.as_bytes()))
}

pub(crate) struct SigningKey {
    encoder: JwtEncoder,
    public: Option<PublicKey>,
}

impl SigningKey {
    pub(crate) fn new(key: JwtKey) -> Self {
        let public = match (&key, key.public_key()) {
            (JwtKey::EdDsa(_), Some(bytes)) => Some(PublicKey::ed25519(bytes)),
            (JwtKey::Es256(_), Some(point)) => Some(PublicKey::p256(point)),
            (JwtKey::Hs256(_), _) | (_, None) => None,
        };
        let id = public.as_ref().map_or("", |public| public.kid.as_str());
        Self { encoder: JwtEncoder::new(key, id), public }
    }

    /// Verifies what it signed before another algorithm was configured, and is not published any more.
    pub(crate) fn former(key: JwtKey) -> Self {
        Self { public: None, ..Self::new(key) }
    }

    /// The key is named by a hash of it, so that verifiers can tell an old one from a new one.
    fn from_shared_secret(secret: &Secret) -> Self {
        let bytes = secret.expose().as_bytes();
        let id = BASE64.encode(&digest(&SHA256, &[b"authgate/v1/key-id/", bytes].concat()).as_ref()[..12]);
        Self { encoder: JwtEncoder::new(JwtKey::Hs256(hmac::Key::new(hmac::HMAC_SHA256, bytes)), &id), public: None }
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, Ed25519KeyPair, UnparsedPublicKey};
    use serde_json::{Value, json};

    use super::*;
    use crate::crypto::Keyring;

    fn with_secrets(secrets: &[&str], purpose: &'static str) -> Signer {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new((*text).to_owned())).collect();
        Keyring::new(&secrets).signer(purpose, KeyAlgorithm::EdDsa)
    }

    fn keys(signer: &Signer) -> Vec<Value> {
        let set: Value = serde_json::from_str(&key_set(signer.public_keys())).unwrap();
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
    }

    /// Takes the key of RFC 8037's appendix A, whose thumbprint A.3 states.
    #[test]
    fn thumbprints_are_those_of_the_rfc() {
        let seed = BASE64.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let key = SigningKey::new(JwtKey::EdDsa(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap())).public.unwrap();
        assert_eq!(key.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_key_on_p256_is_published_by_its_coordinates() {
        let secrets = [Secret::new("first secret of thirty-two bytes".to_owned())];
        let signer = Keyring::new(&secrets).signer("assertion", KeyAlgorithm::Es256);
        let again = Keyring::new(&secrets).signer("assertion", KeyAlgorithm::Es256);
        let [key] = &keys(&signer)[..] else { panic!("one secret, one key") };
        assert_eq!(key, &keys(&again)[0]);
        assert_eq!(
            (key["kty"].as_str(), key["crv"].as_str(), key["alg"].as_str()),
            (Some("EC"), Some("P-256"), Some("ES256"))
        );
        let point = [
            &[4][..],
            &BASE64.decode(key["x"].as_str().unwrap()).unwrap(),
            &BASE64.decode(key["y"].as_str().unwrap()).unwrap(),
        ]
        .concat();
        let token = signer.sign(&json!({ "sub": "u1" }));
        let (message, signature) = token.rsplit_once('.').unwrap();
        assert!(
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)
                .verify(message.as_bytes(), &BASE64.decode(signature).unwrap())
                .is_ok()
        );
    }

    #[test]
    fn shared_secrets_are_published_nowhere() {
        let secrets = ["one secret of thirty-two bytes!!", "another secret, of some more bytes"]
            .map(|text| Secret::new(text.to_owned()));
        let signer = Signer::with_shared_secrets("assertion", &secrets);
        assert_eq!(key_set(signer.public_keys()), r#"{"keys":[]}"#);
        let former = Signer::with_shared_secrets("assertion", &secrets[1..]).sign(&json!({ "sub": "u1" }));
        assert!(signer.decode(&former).is_some() && signer.is_named_by(former.as_bytes()));
        let foreign = with_secrets(&["first secret of thirty-two bytes"], "assertion").sign(&json!({}));
        assert!(signer.decode(&foreign).is_none() && !signer.is_named_by(foreign.as_bytes()));
    }
}
