//! Holds the pretend provider's key: made anew at every start, so that what it signed is worth nothing afterwards.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::crypto::{self, Signer, jwt::JwtKey};

/// Signs with ES256 (RFC 7518 §3.4).
pub(crate) struct SigningKey(Signer);

impl SigningKey {
    pub(crate) fn generate() -> Self {
        Self(Signer::new("dev", Arc::from([crypto::SigningKey::new(JwtKey::generate_es256())])))
    }

    /// Returns the public key as a JSON Web Key (RFC 7517).
    pub(crate) fn public(&self) -> Value {
        json!(self.0.public_keys().next())
    }

    /// Returns a signed compact JSON Web Token.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.0.sign(claims)
    }
}
