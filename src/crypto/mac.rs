//! Keys the hashes of what is too short to be stored under a plain one.

use std::fmt;

use ring::hmac;

use crate::types::Secret;

/// Makes and verifies keyed hashes (HMAC-SHA256) for one purpose. The first key makes, all of them verify.
#[derive(Clone)]
pub struct Mac(Vec<hmac::Key>);

impl Mac {
    pub(super) fn new(keys: impl Iterator<Item = [u8; 32]>) -> Self {
        Self(keys.map(|key| hmac::Key::new(hmac::HMAC_SHA256, &key)).collect())
    }

    /// Takes secrets that somebody else made hashes with, as they are: they are not ours to derive keys from.
    #[must_use]
    pub(crate) fn from_secrets(secrets: &[Secret]) -> Self {
        let key = |secret: &Secret| hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        Self(secrets.iter().map(key).collect())
    }

    /// Returns the hash of a text.
    ///
    /// # Panics
    /// Never: a keyring has a secret.
    #[must_use]
    pub fn make(&self, text: &str) -> [u8; 32] {
        let key = self.0.first().expect("a keyring has a secret");
        hmac::sign(key, text.as_bytes()).as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
    }

    /// Tells, in constant time, whether a hash is the text's.
    #[must_use]
    pub fn verifies(&self, text: &str, hash: &[u8]) -> bool {
        self.0.iter().any(|key| hmac::verify(key, text.as_bytes(), hash).is_ok())
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac")
    }
}

#[cfg(test)]
mod tests {
    use crate::{crypto::Keyring, types::Secret};

    #[test]
    fn a_hash_is_its_texts_and_its_purposes() {
        let ring = |secrets: &[&str]| {
            Keyring::new(&secrets.iter().map(|text| Secret::new((*text).to_owned())).collect::<Vec<_>>())
        };
        let (old, new) = ("first secret of thirty-two bytes", "second secret of thirty-two byte");
        let hash = ring(&[old]).mac("codes").make("id:123456");
        for (ring, purpose, text, expected) in [
            (ring(&[old]), "codes", "id:123456", true),
            (ring(&[new, old]), "codes", "id:123456", true),
            (ring(&[new]), "codes", "id:123456", false),
            (ring(&[old]), "others", "id:123456", false),
            (ring(&[old]), "codes", "id:123457", false),
        ] {
            assert_eq!(ring.mac(purpose).verifies(text, &hash), expected, "{purpose} {text}");
        }
    }
}
