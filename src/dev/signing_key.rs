//! The pretend provider's key: made anew at every start, so that what it signed is worth nothing afterwards.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::crypto::jwt::{JwtEncoder, JwtKey};

const KEY_ID: &str = "dev";

/// Signs with ES256 (RFC 7518 §3.4).
pub(crate) struct SigningKey(JwtEncoder);

impl SigningKey {
    pub(crate) fn generate() -> Self {
        Self(JwtEncoder::new(JwtKey::generate_es256(), KEY_ID))
    }

    /// Returns the public key as a JSON Web Key (RFC 7517).
    pub(crate) fn public(&self) -> Value {
        // One byte that says "uncompressed", then the coordinates.
        let (x, y) = self.0.public_key()[1..].split_at(32);
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": KEY_ID, "x": text(x), "y": text(y) })
    }

    /// Returns a signed compact JSON Web Token.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.0.encode(claims)
    }
}
