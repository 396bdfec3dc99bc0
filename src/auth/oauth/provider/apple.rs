//! Makes Apple's client secret: a token that we sign ourselves, with the key from its developer console.

use std::sync::{Mutex, PoisonError};

use serde_json::json;
use time::OffsetDateTime;

use crate::{auth::oauth::provider::settings::AppleKey, types::Secret};

/// Is the lifetime of a client secret, in seconds. Apple takes up to six months; a leaked one should not be of use for
/// so long.
const VALID: i64 = 60 * 60;
/// Is what is left of that lifetime when it is replaced.
const REPLACED: i64 = 10 * 60;

/// Holds the client secret in use, with its end in Unix seconds.
#[derive(Debug, Default)]
pub(crate) struct ClientSecret(Mutex<Option<(Secret, i64)>>);

impl ClientSecret {
    /// Returns a secret that holds for ten minutes at least.
    pub(crate) fn get(&self, key: &AppleKey, audience: &str, client_id: &str, now: OffsetDateTime) -> Secret {
        let now = now.unix_timestamp();
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*cached {
            Some((secret, expires)) if *expires - now > REPLACED => secret.clone(),
            _ => {
                let secret = sign(key, audience, client_id, now);
                *cached = Some((secret.clone(), now + VALID));
                secret
            }
        }
    }
}

fn sign(key: &AppleKey, audience: &str, client_id: &str, now: i64) -> Secret {
    let claims = json!({ "iss": key.team_id, "iat": now, "exp": now + VALID, "aud": audience, "sub": client_id });
    Secret::new(key.encoder.encode(&claims))
}

#[cfg(test)]
mod tests {
    use base64::{
        Engine as _,
        engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
    };
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey},
    };
    use time::{Duration, macros::datetime};

    use super::*;

    #[test]
    fn secrets_are_signed_as_apple_asks_and_kept_while_they_hold() {
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
        let key = AppleKey::parse("TEAM", "KEY", &Secret::new(pem)).unwrap();
        let (cache, now) = (ClientSecret::default(), datetime!(2026-11-21 12:00 UTC));
        let get = |after: i64| cache.get(&key, "https://appleid.apple.com", "app", now + Duration::seconds(after));
        let first = get(0);
        let (message, signature) = first.expose().rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.encoder.public_key().unwrap());
        public.verify(message.as_bytes(), &signature).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(message.split_once('.').unwrap().1).unwrap();
        let iat = now.unix_timestamp();
        let expected = json!({
            "iss": "TEAM", "iat": iat, "exp": iat + 3600, "aud": "https://appleid.apple.com", "sub": "app",
        });
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&claims).unwrap(), expected);
        assert_eq!(get(3599 - REPLACED), first);
        assert_ne!(get(3600 - REPLACED), first);
        assert!(AppleKey::parse("TEAM", "KEY", &Secret::new("-----BEGIN PRIVATE KEY-----".into())).is_err());
    }
}
