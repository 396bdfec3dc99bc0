//! Opens what better-auth sealed (contract §5.4): XChaCha20-Poly1305 under SHA-256 of its secret, in hexadecimal digits,
//! with a version in front where several secrets are configured.

use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{import::ids::unhex, types::Secret};

/// Is what stands before the version of a secret.
const VERSIONED: &str = "$ba$";
const NONCE: usize = 24;

/// Tells whether a text looks like one that better-auth sealed.
pub(super) fn is_sealed(text: &str) -> bool {
    text.starts_with(VERSIONED)
        || (text.len() >= 2 * (NONCE + 16)
            && text.len().is_multiple_of(2)
            && text.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Opens a text with whichever secret fits.
pub(super) fn open(sealed: &str, secrets: &[Secret]) -> Option<Zeroizing<String>> {
    let digits = match sealed.strip_prefix(VERSIONED) {
        Some(versioned) => versioned.split_once('$')?.1,
        None => sealed,
    };
    let bytes = unhex(digits)?;
    let (nonce, body) = bytes.split_at_checked(NONCE)?;
    let nonce = XNonce::try_from(nonce).ok()?;
    secrets.iter().find_map(|secret| {
        let key = Sha256::digest(secret.expose().as_bytes());
        let cipher = XChaCha20Poly1305::new_from_slice(&key).ok()?;
        let plain = Zeroizing::new(cipher.decrypt(&nonce, body).ok()?);
        Some(Zeroizing::new(std::str::from_utf8(&plain).ok()?.to_owned()))
    })
}
