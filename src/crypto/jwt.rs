//! Writes JSON Web Tokens in the compact form (RFC 7515 §7.1, RFC 7519), and reads its own again.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use p256::elliptic_curve::sec1::ToSec1Point;
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        UnparsedPublicKey,
    },
};
use serde::Serialize;

/// Counts the two dots of a token, and 64 bytes of signature in base64url.
const OVERHEAD: usize = 2 + 86;

/// Is a private key that signs tokens.
pub(crate) enum JwtKey {
    /// The signature is Ed25519 (RFC 8037 §3.1).
    EdDsa(Ed25519KeyPair),
    /// The signature is ECDSA on the curve P-256 with SHA-256 (RFC 7518 §3.4).
    Es256(EcdsaKeyPair),
    /// The signature is an HMAC with SHA-256 (RFC 7518 §3.2): whoever can verify it can make it.
    Hs256(hmac::Key),
}

/// Means that the bytes are no private key of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidKey;

impl JwtKey {
    /// Reads a P-256 key in PKCS #8 form.
    pub(crate) fn from_es256_pkcs8(der: &[u8]) -> Result<Self, InvalidKey> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new())
            .map(Self::Es256)
            .map_err(|_| InvalidKey)
    }

    /// Makes a new P-256 key.
    pub(crate) fn generate_es256() -> Self {
        Self::from_es256_pkcs8(&Self::generate_es256_pkcs8()).expect("a key that was just made can be read")
    }

    /// Makes a new P-256 key, in PKCS #8 form.
    pub(crate) fn generate_es256_pkcs8() -> Vec<u8> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        document.expect("the operating system provides randomness").as_ref().to_vec()
    }

    /// Makes the P-256 key whose private number these bytes are. About one in four billion is too large to be one.
    pub(crate) fn from_es256_seed(seed: &[u8; 32]) -> Result<Self, InvalidKey> {
        let secret = p256::SecretKey::from_slice(seed).map_err(|_| InvalidKey)?;
        let public = secret.public_key().to_sec1_point(false);
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, seed, public.as_bytes(), &random)
            .map(Self::Es256)
            .map_err(|_| InvalidKey)
    }

    /// Returns the public key: 32 bytes of Ed25519, or an uncompressed point; `None` where the key is a shared secret.
    pub(crate) fn public_key(&self) -> Option<&[u8]> {
        match self {
            Self::EdDsa(pair) => Some(pair.public_key().as_ref()),
            Self::Es256(pair) => Some(pair.public_key().as_ref()),
            Self::Hs256(_) => None,
        }
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::EdDsa(_) => "EdDSA",
            Self::Es256(_) => "ES256",
            Self::Hs256(_) => "HS256",
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Es256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                signature.expect("the operating system provides randomness").as_ref().to_vec()
            }
            Self::Hs256(key) => hmac::sign(key, message).as_ref().to_vec(),
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::EdDsa(pair) => UnparsedPublicKey::new(&ED25519, pair.public_key()).verify(message, signature).is_ok(),
            Self::Es256(pair) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key()).verify(message, signature).is_ok()
            }
            Self::Hs256(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

/// Signs claims with one key. The header is the same for every token, so it is encoded once.
pub(crate) struct JwtEncoder {
    key: JwtKey,
    header: String,
}

/// Is the header of a token in the order in which it is written.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<&'static str>,
    kid: &'a str,
}

impl JwtEncoder {
    /// Writes tokens whose header says `"typ": "JWT"`.
    pub(crate) fn new(key: JwtKey, key_id: &str) -> Self {
        Self::with_type(key, key_id, Some("JWT"))
    }

    /// Writes tokens whose header has no `typ`.
    pub(crate) fn without_type(key: JwtKey, key_id: &str) -> Self {
        Self::with_type(key, key_id, None)
    }

    fn with_type(key: JwtKey, kid: &str, typ: Option<&'static str>) -> Self {
        let header = Header { alg: key.algorithm(), typ, kid };
        let header = BASE64.encode(serde_json::to_vec(&header).expect("a header is three texts"));
        Self { key, header }
    }

    /// Returns the public key of what signs here, where there is one.
    #[cfg(test)]
    pub(crate) fn public_key(&self) -> Option<&[u8]> {
        self.key.public_key()
    }

    /// Tells whether a token has the header that this key's tokens have. The signature covers the header byte for byte,
    /// so no other text in its place could be signed by this key.
    pub(crate) fn has_header_of(&self, token: &[u8]) -> bool {
        token.strip_prefix(self.header.as_bytes()).is_some_and(|rest| rest.starts_with(b"."))
    }

    /// Returns the claims of a token that this key signed, as JSON. Neither algorithm nor key is taken from the token
    /// (JWT-03).
    pub(crate) fn decode(&self, token: &str) -> Option<Vec<u8>> {
        let (message, signature) = token.rsplit_once('.')?;
        let claims = message.strip_prefix(&self.header)?.strip_prefix('.')?;
        let signature = BASE64.decode(signature).ok()?;
        self.key.verifies(message.as_bytes(), &signature).then(|| BASE64.decode(claims).ok())?
    }

    /// Returns the signed token.
    ///
    /// # Panics
    /// When the claims are no tree of texts and numbers, or an ECDSA signature finds no randomness.
    pub(crate) fn encode(&self, claims: &impl Serialize) -> String {
        let claims = serde_json::to_vec(claims).expect("claims are a tree of texts and numbers");
        let mut token = String::with_capacity(self.header.len() + claims.len() * 4 / 3 + 2 + OVERHEAD);
        token.push_str(&self.header);
        token.push('.');
        BASE64.encode_string(claims, &mut token);
        let signature = self.key.sign(token.as_bytes());
        token.push('.');
        BASE64.encode_string(signature, &mut token);
        token
    }
}

impl fmt::Debug for JwtEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtEncoder")
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::VerificationAlgorithm;
    use serde_json::json;

    use super::*;

    fn ed25519(seed: u8) -> JwtKey {
        JwtKey::EdDsa(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    fn hs256(key: u8) -> JwtKey {
        JwtKey::Hs256(hmac::Key::new(hmac::HMAC_SHA256, &[key; 32]))
    }

    #[test]
    fn tokens_verify_and_state_their_key() {
        let cases: [(JwtEncoder, &'static dyn VerificationAlgorithm, &str); 4] = [
            (JwtEncoder::new(ed25519(7), "one"), &ED25519, r#"{"alg":"EdDSA","typ":"JWT","kid":"one"}"#),
            (
                JwtEncoder::new(JwtKey::generate_es256(), "two"),
                &ECDSA_P256_SHA256_FIXED,
                r#"{"alg":"ES256","typ":"JWT","kid":"two"}"#,
            ),
            (
                JwtEncoder::new(JwtKey::from_es256_seed(&[7; 32]).unwrap(), "three"),
                &ECDSA_P256_SHA256_FIXED,
                r#"{"alg":"ES256","typ":"JWT","kid":"three"}"#,
            ),
            (
                JwtEncoder::without_type(JwtKey::generate_es256(), "a\"b"),
                &ECDSA_P256_SHA256_FIXED,
                r#"{"alg":"ES256","kid":"a\"b"}"#,
            ),
        ];
        for (encoder, algorithm, header) in cases {
            let token = encoder.encode(&json!({ "sub": "u1" }));
            let (message, signature) = token.rsplit_once('.').unwrap();
            let signature = BASE64.decode(signature).unwrap();
            let public_key = encoder.public_key().unwrap();
            UnparsedPublicKey::new(algorithm, public_key).verify(message.as_bytes(), &signature).unwrap();
            let (head, claims) = message.split_once('.').unwrap();
            assert_eq!(BASE64.decode(head).unwrap(), header.as_bytes());
            assert_eq!(BASE64.decode(claims).unwrap(), br#"{"sub":"u1"}"#);
        }
    }

    #[test]
    fn only_what_the_key_signed_is_decoded() {
        for (key, other) in [
            (ed25519(1), ed25519(2)),
            (JwtKey::from_es256_seed(&[1; 32]).unwrap(), JwtKey::from_es256_seed(&[2; 32]).unwrap()),
            (hs256(1), hs256(2)),
        ] {
            let algorithm = key.algorithm();
            let (encoder, other) = (JwtEncoder::new(key, "k"), JwtEncoder::new(other, "k"));
            let token = encoder.encode(&json!({ "sub": "u1" }));
            assert_eq!(encoder.decode(&token).as_deref(), Some(&br#"{"sub":"u1"}"#[..]), "{algorithm}");
            let [head, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
            let none = BASE64.encode(r#"{"alg":"none"}"#);
            for forged in [
                other.encode(&json!({ "sub": "u1" })),
                format!("{none}.{claims}.{signature}"),
                format!("{none}.{claims}."),
                format!("{head}.{claims}."),
                format!("{head}.{claims}"),
                format!("{head}.{}.{signature}", BASE64.encode(r#"{"sub":"u2"}"#)),
                format!("{head}.{claims}.{signature}=="),
                format!("{head}.{claims}.{signature}.{signature}"),
                format!("{}.{claims}.{signature}", BASE64.encode(format!(r#"{{"alg":"{algorithm}","kid":"k"}}"#))),
                head.to_owned(),
                String::new(),
            ] {
                assert_eq!(encoder.decode(&forged), None, "{algorithm} {forged}");
            }
            assert!(encoder.has_header_of(token.as_bytes()) && !encoder.has_header_of(claims.as_bytes()));
        }
    }

    #[test]
    fn bytes_that_are_no_key_are_refused() {
        assert_eq!(JwtKey::from_es256_pkcs8(b"no key").err(), Some(InvalidKey));
        for seed in [[0; 32], [0xff; 32]] {
            assert_eq!(JwtKey::from_es256_seed(&seed).err(), Some(InvalidKey));
        }
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", JwtEncoder::new(JwtKey::generate_es256(), "one")), "JwtEncoder");
    }
}
