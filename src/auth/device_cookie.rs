//! What a browser keeps of having signed in: a sealed cookie that gives it a limit of its own, so that somebody who uses
//! up an account's attempts does not lock its owner out (BRUTE-07). It grants nothing else.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::{crypto::Sealer, types::Email};

use super::{CookieSettings, credential::cookies};

/// Name of the sealing key's purpose; part of the stored format.
pub const DEVICE_PURPOSE: &str = "device-cookie";

/// Accounts that a device remembers; the one that was used the longest ago is forgotten.
const MOST_ACCOUNTS: usize = 8;
/// Longer cookies are not ours.
const MOST_TEXT: usize = 512;

const PART: usize = 16;
type Part = [u8; PART];

/// A device and the accounts it signed in to. Sealed as its id and one mark an account, newest first.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceCookie {
    id: Part,
    accounts: Vec<Part>,
}

impl DeviceCookie {
    /// The device that a request names, if we sealed it.
    #[must_use]
    pub fn presented(headers: &HeaderMap, settings: &CookieSettings, sealer: &Sealer) -> Option<Self> {
        let name = settings.device_name();
        cookies(headers).filter(|(found, _)| *found == name).find_map(|(_, text)| Self::open(sealer, text))
    }

    /// As the cookie holds it.
    #[must_use]
    pub fn seal(&self, sealer: &Sealer) -> String {
        let mut plain = self.id.to_vec();
        plain.extend(self.accounts.iter().flatten());
        URL_SAFE_NO_PAD.encode(sealer.seal(&plain))
    }

    fn open(sealer: &Sealer, text: &str) -> Option<Self> {
        if text.len() > MOST_TEXT {
            return None;
        }
        let plain = sealer.open(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (id, accounts) = plain.split_first_chunk()?;
        let (accounts, rest) = accounts.as_chunks();
        rest.is_empty().then(|| Self { id: *id, accounts: accounts.to_vec() })
    }

    /// The device after a sign-in: the one that was presented, or a new one.
    pub(super) fn signed_in(presented: Option<&Self>, email: &Email) -> Self {
        let mut device = presented.cloned().unwrap_or_else(Self::new);
        let mark = mark(email);
        device.accounts.retain(|account| *account != mark);
        device.accounts.insert(0, mark);
        device.accounts.truncate(MOST_ACCOUNTS);
        device
    }

    fn new() -> Self {
        let mut id = [0; PART];
        getrandom::fill(&mut id).expect("the operating system provides randomness");
        Self { id, accounts: Vec::new() }
    }

    /// Whether it signed in to this account before.
    pub(super) fn knows(&self, email: &Email) -> bool {
        self.accounts.contains(&mark(email))
    }

    /// Names the device in keys.
    pub(super) fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.id)
    }
}

/// By the address, so that nobody needs to know whether it has an account.
fn mark(email: &Email) -> Part {
    let digest = Sha256::digest(email.as_str());
    *digest.first_chunk().expect("SHA-256 has 32 bytes")
}

impl fmt::Debug for DeviceCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceCookie")
    }
}

#[cfg(test)]
mod tests {
    use crate::{crypto::Keyring, types::Secret};

    use super::*;

    fn sealer(purpose: &'static str) -> Sealer {
        Keyring::new(&[Secret::new("first secret of thirty-two bytes".into())]).sealer(purpose)
    }

    fn email(n: usize) -> Email {
        format!("user{n}@example.com").parse().unwrap()
    }

    #[test]
    fn a_device_knows_the_accounts_it_used_last() {
        let mut device = DeviceCookie::signed_in(None, &email(0));
        let id = device.id();
        for n in 1..=MOST_ACCOUNTS {
            device = DeviceCookie::signed_in(Some(&device), &email(n));
        }
        assert_eq!(device.id(), id);
        assert!(!device.knows(&email(0)));
        assert!((1..=MOST_ACCOUNTS).all(|n| device.knows(&email(n))));
        assert_eq!(DeviceCookie::signed_in(Some(&device), &email(3)).accounts.len(), MOST_ACCOUNTS);
        assert_ne!(DeviceCookie::signed_in(None, &email(0)).id(), id);
        let sealer = sealer(DEVICE_PURPOSE);
        let text = device.seal(&sealer);
        assert!(text.len() <= MOST_TEXT, "{}", text.len());
        assert_eq!(DeviceCookie::open(&sealer, &text), Some(device));
    }

    #[test]
    fn only_what_was_sealed_for_this_is_a_device() {
        let device = DeviceCookie::signed_in(None, &email(1));
        let text = device.seal(&sealer(DEVICE_PURPOSE));
        for wrong in ["", "x", &text[1..], &text.to_lowercase(), &device.seal(&sealer("mail")), &"a".repeat(4096)] {
            assert_eq!(DeviceCookie::open(&sealer(DEVICE_PURPOSE), wrong), None, "{wrong}");
        }
    }
}
