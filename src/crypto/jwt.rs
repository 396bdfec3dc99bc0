//! Writes JSON Web Tokens in the compact form (RFC 7515 §7.1, RFC 7519).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, Signature},
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
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .expect("the operating system provides randomness");
        Self::from_es256_pkcs8(document.as_ref()).expect("a key that was just made can be read")
    }

    /// Returns the public key: 32 bytes of Ed25519, or an uncompressed point.
    pub(crate) fn public_key(&self) -> &[u8] {
        match self {
            Self::EdDsa(pair) => pair.public_key().as_ref(),
            Self::Es256(pair) => pair.public_key().as_ref(),
        }
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::EdDsa(_) => "EdDSA",
            Self::Es256(_) => "ES256",
        }
    }

    fn sign(&self, message: &[u8]) -> Signature {
        match self {
            Self::EdDsa(pair) => pair.sign(message),
            Self::Es256(pair) => {
                pair.sign(&SystemRandom::new(), message).expect("the operating system provides randomness")
            }
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

    /// Returns the public key of what signs here.
    pub(crate) fn public_key(&self) -> &[u8] {
        self.key.public_key()
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
    use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey, VerificationAlgorithm};
    use serde_json::json;

    use super::*;

    #[test]
    fn tokens_verify_and_state_their_key() {
        let ed25519 = || JwtKey::EdDsa(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap());
        let cases: [(JwtEncoder, &'static dyn VerificationAlgorithm, &str); 3] = [
            (JwtEncoder::new(ed25519(), "one"), &ED25519, r#"{"alg":"EdDSA","typ":"JWT","kid":"one"}"#),
            (
                JwtEncoder::new(JwtKey::generate_es256(), "two"),
                &ECDSA_P256_SHA256_FIXED,
                r#"{"alg":"ES256","typ":"JWT","kid":"two"}"#,
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
            UnparsedPublicKey::new(algorithm, encoder.public_key()).verify(message.as_bytes(), &signature).unwrap();
            let (head, claims) = message.split_once('.').unwrap();
            assert_eq!(BASE64.decode(head).unwrap(), header.as_bytes());
            assert_eq!(BASE64.decode(claims).unwrap(), br#"{"sub":"u1"}"#);
        }
    }

    #[test]
    fn bytes_that_are_no_key_are_refused() {
        assert_eq!(JwtKey::from_es256_pkcs8(b"no key").err(), Some(InvalidKey));
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", JwtEncoder::new(JwtKey::generate_es256(), "one")), "JwtEncoder");
    }
}
