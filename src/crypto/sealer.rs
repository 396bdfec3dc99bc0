//! Encrypts short values at rest, authenticated.
//!
//! Format 1: `version (1 byte) | key id (4) | nonce (12) | ciphertext and tag (plain + 16)`. Version, key id and
//! purpose are authenticated too.

use std::{fmt, sync::Arc};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

pub(crate) const KEY_LENGTH: usize = 32;
pub(crate) const KEY_ID_LENGTH: usize = 4;
const VERSION: u8 = 1;
const HEADER_LENGTH: usize = 1 + KEY_ID_LENGTH;

/// Means that a value was sealed with none of the configured secrets, for another purpose, or changed since.
///
/// Says nothing more: which of these it was helps an attacker, not an operator, who can only restore the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not sealed for this purpose with any of the configured secrets, or damaged since")]
pub struct Unsealable;

/// Holds one purpose's keys. Cheap to clone.
///
/// Nonces are random: one key is good for 2^32 values, which is decades of mail; rotate the secret before.
#[derive(Clone)]
pub struct Sealer {
    purpose: &'static str,
    /// Holds the first one, which seals, and the others; it is never empty.
    keys: Arc<[SealingKey]>,
}

impl Sealer {
    pub(crate) fn new(purpose: &'static str, keys: Arc<[SealingKey]>) -> Self {
        Self { purpose, keys }
    }

    /// Seals with the first secret's key. Adds 33 bytes.
    ///
    /// # Panics
    /// When the operating system gives no randomness.
    #[must_use]
    pub fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let key = self.keys.first().expect("a keyring has at least one secret");
        let mut nonce = [0_u8; NONCE_LEN];
        getrandom::fill(&mut nonce).expect("the operating system provides randomness");

        let mut sealed = Vec::with_capacity(HEADER_LENGTH + NONCE_LEN + plain.len() + CHACHA20_POLY1305.tag_len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&key.id);
        let aad = self.aad(&sealed);
        sealed.extend_from_slice(&nonce);
        let body = sealed.len();
        sealed.extend_from_slice(plain);
        let (_, in_place) = sealed.split_at_mut(body);
        let tag = key
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, in_place)
            .expect("sealed values are far below the cipher's limit of 256 GiB");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens what any of the secrets sealed for this purpose.
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (header, rest) = sealed.split_at_checked(HEADER_LENGTH).ok_or(Unsealable)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unsealable)?;
        let (&version, id) = header.split_first().ok_or(Unsealable)?;
        if version != VERSION {
            return Err(Unsealable);
        }
        // Two secrets may share an id by chance, so each one that fits is tried.
        for key in self.keys.iter().filter(|key| key.id == id) {
            let mut plain = Zeroizing::new(body.to_vec());
            let nonce = Nonce::assume_unique_for_key(*nonce);
            if let Ok(opened) = key.key.open_in_place(nonce, self.aad(header), &mut plain) {
                let length = opened.len();
                plain.truncate(length);
                return Ok(plain);
            }
        }
        Err(Unsealable)
    }

    fn aad(&self, header: &[u8]) -> Aad<Vec<u8>> {
        Aad::from([header, self.purpose.as_bytes()].concat())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({})", self.purpose)
    }
}

pub(crate) struct SealingKey {
    /// Names the secret without telling anything about it: derived beside the key, not from it.
    id: [u8; KEY_ID_LENGTH],
    key: LessSafeKey,
}

impl SealingKey {
    pub(crate) fn new(id: [u8; KEY_ID_LENGTH], key: &[u8; KEY_LENGTH]) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).expect("a ChaCha20-Poly1305 key has 32 bytes");
        Self { id, key: LessSafeKey::new(key) }
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;
    use crate::{crypto::Keyring, types::Secret};

    fn with_secrets(secrets: &[&str], purpose: &'static str) -> Sealer {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new((*text).to_owned())).collect();
        Keyring::new(&secrets).sealer(purpose)
    }

    #[test]
    fn opens_what_it_sealed_and_never_seals_alike_twice() {
        let keys = with_secrets(&["first secret of thirty-two bytes"], "mail");
        for plain in [&b""[..], b"x", &[7; 5000]] {
            let sealed = keys.seal(plain);
            assert_eq!(sealed.len(), plain.len() + 33);
            assert_eq!(keys.open(&sealed).unwrap().as_slice(), plain);
            assert_ne!(keys.seal(plain), sealed);
        }
    }

    #[test]
    fn the_first_secret_seals_and_all_open() {
        let old = with_secrets(&["old"], "mail");
        let rotated = with_secrets(&["new", "old"], "mail");
        let new = with_secrets(&["new"], "mail");
        let before = old.seal(b"link");
        let after = rotated.seal(b"link");
        assert_eq!(rotated.open(&before).unwrap().as_slice(), b"link");
        assert_eq!(new.open(&after).unwrap().as_slice(), b"link");
        assert_eq!(old.open(&after).unwrap_err(), Unsealable);
        assert_eq!(new.open(&before).unwrap_err(), Unsealable);
    }

    #[test]
    fn purposes_do_not_mix_even_under_one_key() {
        let mail = with_secrets(&["secret"], "mail");
        assert_eq!(with_secrets(&["secret"], "totp").open(&mail.seal(b"x")).unwrap_err(), Unsealable);
        // The same keys under another name: the purpose is authenticated, not only derived from.
        let renamed = Sealer::new("totp", Arc::clone(&mail.keys));
        assert_eq!(renamed.open(&mail.seal(b"x")).unwrap_err(), Unsealable);
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed() {
        let keys = with_secrets(&["secret"], "mail");
        let sealed = keys.seal(b"link");
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(keys.open(&changed).unwrap_err(), Unsealable, "byte {index}");
            assert_eq!(keys.open(&sealed[..index]).unwrap_err(), Unsealable, "cut to {index}");
        }
        assert_eq!(keys.open(&[&sealed[..], b"x"].concat()).unwrap_err(), Unsealable);
    }

    #[test]
    fn the_stored_format_stays() {
        // Sealed by the first release; rows like it may be in a database that is upgraded.
        let keys = with_secrets(&["first secret of thirty-two bytes"], "mail");
        let stored = "AUWVaXpZM4tJ1LHO0xr1AqwOQqcJ0wkh1AfcHVFQl8GJMlvDYPLHLiWP+gLLIhwjS6B9Jw==";
        let stored = STANDARD.decode(stored).unwrap();
        assert_eq!(keys.open(&stored).unwrap().as_slice(), b"sealed by version 1");
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", with_secrets(&["secret"], "mail")), "Sealer(mail)");
    }
}
