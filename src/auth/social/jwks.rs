//! A provider's public keys (RFC 7517): read strictly, cached, and asked for again where a token names one that is not
//! among them.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;
use tokio::{sync::Mutex, time::Instant};

use super::http_client::{HttpClient, HttpError};

/// A key that the provider took back is not trusted for longer.
const KEPT: Duration = Duration::from_hours(1);
/// Between two calls for keys that tokens name and nobody has seen.
const PAUSE: Duration = Duration::from_mins(1);
/// Further ones are not looked at.
const MOST_KEYS: usize = 100;

/// What an id token may be signed with. Nothing else is ever tried: neither `none` nor a shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// The key itself. Its kind fixes the one algorithm that it verifies.
#[derive(Debug)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// Uncompressed.
    P256([u8; 65]),
    Ed25519([u8; 32]),
}

#[derive(Debug)]
pub(super) struct Key {
    id: Option<String>,
    material: Material,
}

impl Key {
    /// `None` for what signs nothing that we would accept.
    fn parse(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => Material::Rsa { n: bytes("n")?, e: bytes("e")? },
            ("EC", Some("P-256")) => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(bytes("x").filter(|x| x.len() == 32)?.as_slice());
                point[33..].copy_from_slice(bytes("y").filter(|y| y.len() == 32)?.as_slice());
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

    /// Whether the holder of the private key signed the message.
    #[must_use]
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
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

/// The keys of a provider at one time.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<Key>);

impl KeySet {
    pub(super) fn parse(document: &Value) -> Option<Self> {
        let keys = document.get("keys")?.as_array()?;
        Some(Self(keys.iter().take(MOST_KEYS).filter_map(Key::parse).collect()))
    }

    /// The key that a token names; without a name the only one there is for the algorithm.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let mut fitting =
            self.0.iter().filter(|key| key.algorithm() == algorithm && (id.is_none() || key.id.as_deref() == id));
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }
}

/// A provider's keys, asked for when they are needed.
#[derive(Debug, Default)]
pub(super) struct KeyCache(Mutex<Cached>);

#[derive(Debug, Default)]
struct Cached {
    fetched: Option<Fetched>,
    /// When a token last named a key that was not there.
    asked_again: Option<Instant>,
}

#[derive(Debug, Clone)]
pub(super) struct Fetched {
    pub(super) keys: Arc<KeySet>,
    at: Instant,
}

impl KeyCache {
    /// The keys; newer ones than `unsuited`, where those had no key for a token, unless that was so within the last minute
    /// too. Whoever comes while they are being fetched waits for the same answer, which comes in bounded time.
    pub(super) async fn get(
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
        let keys = Arc::new(KeySet::parse(&document).ok_or(HttpError::NotJson)?);
        let fetched = Fetched { keys, at: Instant::now() };
        cached.fetched = Some(fetched.clone());
        Ok(fetched)
    }
}
