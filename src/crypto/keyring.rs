//! Derives one key a purpose from the configured secrets (SECR-03).

use std::fmt;

use ring::{hkdf, signature::Ed25519KeyPair};

use crate::{
    crypto::{
        jwt::JwtKey,
        mac::Mac,
        sealer::{KEY_ID_LENGTH, KEY_LENGTH, Sealer, SealingKey},
        signer::{KeyAlgorithm, Signer, SigningKey},
    },
    types::Secret,
};

/// Is the label of the whole derivation. A change of it makes everything sealed before unreadable.
const DERIVATION: &str = "authgate/v1";

/// Holds the configured secrets, ready to derive from: the first one seals and signs, all of them open and verify.
///
/// Keys are derived by HKDF-SHA256 with the purpose in the label, so that what was made for one purpose means nothing
/// for another although one secret is configured (CVE-2026-110864).
#[derive(Clone)]
pub struct Keyring {
    /// Holds them in the order of the configuration; it is never empty.
    extracted: Vec<hkdf::Prk>,
}

impl Keyring {
    /// Takes `config.secrets`.
    ///
    /// # Panics
    /// Without any secret; a compiled configuration has at least one.
    #[must_use]
    pub fn new(secrets: &[Secret]) -> Self {
        assert!(!secrets.is_empty(), "a compiled configuration has at least one secret");
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, DERIVATION.as_bytes());
        Self { extracted: secrets.iter().map(|secret| salt.extract(secret.expose().as_bytes())).collect() }
    }

    /// Seals and opens for one purpose. The name is part of the stored format: never reuse or rename one.
    #[must_use]
    pub fn sealer(&self, purpose: &'static str) -> Sealer {
        let keys = self.extracted.iter().map(|prk| {
            let key = expand::<KEY_LENGTH>(prk, purpose, "key");
            let id = expand::<KEY_ID_LENGTH>(prk, purpose, "key-id");
            SealingKey::new(*id, &key)
        });
        Sealer::new(purpose, keys.collect())
    }

    /// Hashes for one purpose under a key. A name that is changed changes every hash.
    #[must_use]
    pub fn mac(&self, purpose: &'static str) -> Mac {
        Mac::new(self.extracted.iter().map(|prk| *expand::<32>(prk, purpose, "mac")))
    }

    /// Signs for one purpose; its keys are published. A name that is changed changes every key.
    #[must_use]
    pub fn signer(&self, purpose: &'static str, algorithm: KeyAlgorithm) -> Signer {
        let by_algorithm = |algorithm, prk| match algorithm {
            KeyAlgorithm::EdDsa => ed25519_key(prk, purpose),
            KeyAlgorithm::Es256 => p256_key(prk, purpose),
        };
        let (current, former) = match algorithm {
            KeyAlgorithm::EdDsa => (KeyAlgorithm::EdDsa, KeyAlgorithm::Es256),
            KeyAlgorithm::Es256 => (KeyAlgorithm::Es256, KeyAlgorithm::EdDsa),
        };
        // Tokens that were signed before a change of the algorithm are known until they expire.
        let keys = self.extracted.iter().map(|prk| SigningKey::new(by_algorithm(current, prk)));
        let former = self.extracted.iter().map(|prk| SigningKey::former(by_algorithm(former, prk)));
        let keys = keys.chain(former);
        Signer::new(purpose, keys.collect())
    }
}

fn ed25519_key(prk: &hkdf::Prk, purpose: &str) -> JwtKey {
    let seed = expand::<32>(prk, purpose, "ed25519");
    JwtKey::EdDsa(Ed25519KeyPair::from_seed_unchecked(&*seed).expect("an Ed25519 seed has 32 bytes"))
}

/// Takes the first number below the order of the curve; nearly always that is the first of all.
fn p256_key(prk: &hkdf::Prk, purpose: &str) -> JwtKey {
    ["p256", "p256/1", "p256/2", "p256/3"]
        .iter()
        .find_map(|part| JwtKey::from_es256_seed(&expand::<32>(prk, purpose, part)).ok())
        .expect("one of four numbers of 256 bits is below the order of the curve")
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring")
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// The label is `authgate/v1/<purpose>/<part>`; purposes are constants without a slash at their end, so no two labels
/// collide.
fn expand<const N: usize>(prk: &hkdf::Prk, purpose: &str, part: &str) -> zeroize::Zeroizing<[u8; N]> {
    let mut bytes = zeroize::Zeroizing::new([0; N]);
    let label = [DERIVATION.as_bytes(), b"/", purpose.as_bytes(), b"/", part.as_bytes()];
    prk.expand(&label, Length(N))
        .and_then(|material| material.fill(bytes.as_mut_slice()))
        .expect("HKDF-SHA256 gives up to 255 blocks of 32 bytes");
    bytes
}
