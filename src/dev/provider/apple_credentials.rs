//! Makes the key with which the gateway signs its client secrets for Apple, anew at every start.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    crypto::jwt::{JwtEncoder, JwtKey},
    dev::provider::protocol::CLIENT_ID,
};

/// Holds the key as Apple's console gives it, and as Apple itself has it.
pub(crate) struct AppleCredentials {
    pem: String,
    encoder: JwtEncoder,
}

impl AppleCredentials {
    pub(crate) const TEAM_ID: &str = "PRETEND";
    pub(crate) const KEY_ID: &str = "PRETENDKEY";

    pub(crate) fn generate() -> Self {
        let der = JwtKey::generate_es256_pkcs8();
        let key = JwtKey::from_es256_pkcs8(&der).expect("a key that was just made can be read");
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
        Self { pem, encoder: JwtEncoder::without_type(key, Self::KEY_ID) }
    }

    /// Returns the content of the .p8 file.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// Tells whether a client secret is one that this key signed for this issuer.
    pub(super) fn signed(&self, secret: &str, issuer: &str, now: OffsetDateTime) -> bool {
        let claims = self.encoder.decode(secret).and_then(|claims| serde_json::from_slice::<Value>(&claims).ok());
        claims.is_some_and(|claims| {
            claims["iss"] == Self::TEAM_ID
                && claims["sub"] == CLIENT_ID
                && claims["aud"] == issuer
                && claims["exp"].as_i64().is_some_and(|end| end > now.unix_timestamp())
        })
    }
}

impl fmt::Debug for AppleCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppleCredentials")
    }
}
