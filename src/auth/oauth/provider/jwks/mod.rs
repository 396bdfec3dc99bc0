//! Holds a provider's public keys (RFC 7517): cached, and asked for again where a token names one that is not among
//! them. A key that cannot be read takes nothing from those beside it.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;
use tokio::{sync::Mutex, time::Instant};

use crate::auth::oauth::provider::http_client::{HttpClient, HttpError};

/// A key that the provider took back is not trusted for longer.
const KEPT: Duration = Duration::from_hours(1);
/// This much time passes between two calls for keys that tokens name and nobody has seen.
const PAUSE: Duration = Duration::from_mins(1);
/// Further ones are not looked at.
const MAX_KEYS: usize = 100;

/// Some providers pad numbers, or write them with the other alphabet of RFC 4648; RFC 7518 §2 does neither.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Lists what an id token may be signed with. Nothing else is ever tried: neither `none` nor a shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// Holds the key itself. Its kind fixes the one algorithm that it verifies.
#[derive(Debug, PartialEq, Eq)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// Is uncompressed.
    P256([u8; 65]),
    Ed25519([u8; 32]),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Key {
    id: Option<String>,
    material: Material,
}

impl Key {
    /// Reads a key. `None` for what signs nothing that we would accept.
    fn parse(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| BASE64URL.decode(text(name)?.replace('+', "-").replace('/', "_")).ok();
        if text("use").is_some_and(|purpose| !purpose.eq_ignore_ascii_case("sig")) {
            return None;
        }
        let operations = jwk.get("key_ops").and_then(Value::as_array);
        if operations.is_some_and(|operations| !operations.iter().any(|operation| operation == "verify")) {
            return None;
        }
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                Material::Rsa { n: without_leading_zeros(bytes("n")?), e: without_leading_zeros(bytes("e")?) }
            }
            ("EC", Some("P-256")) => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&coordinate(bytes("x")?)?);
                point[33..].copy_from_slice(&coordinate(bytes("y")?)?);
                Material::P256(point)
            }
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes("x")?.try_into().ok()?),
            _ => return None,
        };
        let key = Self { id: text("kid").map(str::to_owned), material };
        let is_for_it = text("alg").is_none_or(|name| Algorithm::parse(name) == Some(key.algorithm()));
        is_for_it.then_some(key)
    }

    fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Rsa { .. } => Algorithm::Rs256,
            Material::P256(_) => Algorithm::Es256,
            Material::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// Tells whether the holder of the private key signed the message.
    #[must_use]
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            Material::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            Material::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok(),
        }
    }
}

/// RFC 7518 §2 has none; libraries that write signed numbers put one there.
fn without_leading_zeros(mut number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.drain(..zeros);
    number
}

/// Returns a coordinate in the 32 bytes of RFC 7518 §6.2.1.2, which libraries that write numbers make longer or
/// shorter.
fn coordinate(number: Vec<u8>) -> Option<[u8; 32]> {
    let number = without_leading_zeros(number);
    let mut coordinate = [0; 32];
    let start = coordinate.len().checked_sub(number.len())?;
    coordinate[start..].copy_from_slice(&number);
    Some(coordinate)
}

/// Holds the keys of a provider at one time.
#[derive(Debug, Default)]
pub(crate) struct KeySet(Vec<Key>);

impl KeySet {
    pub(crate) fn parse(document: &Value) -> Option<Self> {
        let mut keys = Vec::new();
        for key in document.get("keys")?.as_array()?.iter().filter_map(Key::parse).take(MAX_KEYS) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Some(Self(keys))
    }

    /// Returns the keys that may have signed a token: those of the name that it bears, of which providers sometimes
    /// have two; or else, where the token or the key has no name, the only key there is for the algorithm.
    pub(crate) fn candidates(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&Key> {
        let fitting = || self.0.iter().filter(|key| key.algorithm() == algorithm);
        let named: Vec<&Key> = fitting().filter(|key| id.is_some() && key.id.as_deref() == id).collect();
        if !named.is_empty() {
            return named;
        }
        let unnamed: Vec<&Key> = fitting().filter(|key| id.is_none() || key.id.is_none()).collect();
        if unnamed.len() == 1 { unnamed } else { Vec::new() }
    }
}

/// Caches a provider's keys, which are requested when they are needed.
#[derive(Debug, Default)]
pub(crate) struct KeyCache(Mutex<Cached>);

#[derive(Debug, Default)]
struct Cached {
    fetched: Option<Fetched>,
    /// Says when a token last named a key that was not there.
    asked_again: Option<Instant>,
}

#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    pub(crate) keys: Arc<KeySet>,
    at: Instant,
}

impl KeyCache {
    /// Returns the keys; newer ones than `unsuited`, where those had no key for a token, unless that was so within the
    /// last minute too. Whoever comes while they are being fetched waits for the same answer, which comes in bounded
    /// time.
    pub(crate) async fn get(
        &self,
        http: &HttpClient,
        url: &str,
        unsuited: Option<&Fetched>,
    ) -> Result<Fetched, HttpError> {
        let mut cached = self.0.lock().await;
        if let Some(fetched) = cached.fetched.clone()
            && fetched.at.elapsed() < KEPT
        {
            let is_unsuited = unsuited.is_some_and(|unsuited| unsuited.at == fetched.at);
            if !is_unsuited || cached.asked_again.is_some_and(|at| at.elapsed() < PAUSE) {
                return Ok(fetched);
            }
            // Whatever comes of it: what tokens name must not make calls.
            cached.asked_again = Some(Instant::now());
        }
        let document = http.get_json(url, None).await?;
        let keys = Arc::new(KeySet::parse(&document).ok_or(HttpError::Malformed)?);
        let fetched = Fetched { keys, at: Instant::now() };
        cached.fetched = Some(fetched.clone());
        Ok(fetched)
    }
}
