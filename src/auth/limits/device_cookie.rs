//! Holds what a browser keeps of having signed in: a sealed cookie that gives it a limit of its own, so that somebody who
//! uses up an account's attempts does not lock its owner out (BRUTE-07). It grants nothing else, and ends with the
//! password that earned it (BRUTE-11).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::{
    crypto::Sealer,
    sessions::{CookieSettings, credential::cookies},
    types::{Email, PasswordHash},
};

/// Is the name of the sealing key's purpose; part of the stored format.
pub const DEVICE_PURPOSE: &str = "device-cookie-2";

/// Limits the accounts that a device remembers; the one that was used the longest ago is forgotten.
const MAX_ACCOUNTS: usize = 8;
/// Longer cookies are not ours.
const MAX_TEXT: usize = 512;

const PART: usize = 16;
type Part = [u8; PART];

/// Holds a device and the accounts it signed in to. Sealed as its id and two marks for each account, newest first.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceCookie {
    id: Part,
    accounts: Vec<KnownAccount>,
}

/// Holds an account and the password that the device showed.
#[derive(Clone, PartialEq, Eq)]
struct KnownAccount {
    email: Part,
    password: Part,
}

impl DeviceCookie {
    /// Reads the device that a request names, if we sealed it.
    #[must_use]
    pub fn presented(headers: &HeaderMap, settings: &CookieSettings, sealer: &Sealer) -> Option<Self> {
        cookies(headers, settings.device_name()).find_map(|text| Self::open(sealer, text))
    }

    /// Returns the device as the cookie holds it.
    #[must_use]
    pub fn seal(&self, sealer: &Sealer) -> String {
        let mut plain = self.id.to_vec();
        plain.extend(self.accounts.iter().flat_map(|known| known.email.into_iter().chain(known.password)));
        URL_SAFE_NO_PAD.encode(sealer.seal(&plain))
    }

    fn open(sealer: &Sealer, text: &[u8]) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let plain = sealer.open(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (id, accounts) = plain.split_first_chunk()?;
        let (marks, rest) = accounts.as_chunks::<PART>();
        let (accounts, odd) = marks.as_chunks::<2>();
        let accounts = accounts.iter().map(|&[email, password]| KnownAccount { email, password }).collect();
        (rest.is_empty() && odd.is_empty()).then_some(Self { id: *id, accounts })
    }

    /// Returns the device after somebody showed or set the password with this hash: the one that was presented, or a
    /// new one.
    pub(crate) fn signed_in(presented: Option<&Self>, email: &Email, hash: &PasswordHash) -> Self {
        let mut device = presented.cloned().unwrap_or_else(Self::new);
        let known = KnownAccount { email: mark(email.as_str()), password: mark(hash.expose()) };
        device.accounts.retain(|other| other.email != known.email);
        device.accounts.insert(0, known);
        device.accounts.truncate(MAX_ACCOUNTS);
        device
    }

    /// Returns the device after somebody set this password there. One that was not known before is not from now on
    /// either: that takes a sign-in.
    pub(crate) fn renewed(presented: Option<&Self>, email: &Email, hash: &PasswordHash) -> Option<Self> {
        presented.map(|device| Self::signed_in(Some(device), email, hash))
    }

    /// Makes a device that signed in to no account yet.
    pub(crate) fn new() -> Self {
        let mut id = [0; PART];
        getrandom::fill(&mut id).expect("the operating system provides randomness");
        Self { id, accounts: Vec::new() }
    }

    /// Tells whether it signed in to this account before, with whatever password.
    pub(crate) fn names(&self, email: &Email) -> bool {
        let email = mark(email.as_str());
        self.accounts.iter().any(|known| known.email == email)
    }

    /// Tells whether it signed in to this account with the password that has this hash. A hash is salted, so that no
    /// two passwords have the same, one that is set once more included.
    pub(crate) fn knows(&self, email: &Email, hash: &PasswordHash) -> bool {
        self.accounts.contains(&KnownAccount { email: mark(email.as_str()), password: mark(hash.expose()) })
    }

    /// Names the device in keys.
    pub(crate) fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.id)
    }
}

fn mark(text: &str) -> Part {
    let digest = Sha256::digest(text);
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

    fn hash(n: usize) -> PasswordHash {
        PasswordHash::new(format!("hash {n}"))
    }

    #[test]
    fn a_device_knows_the_accounts_it_used_last() {
        let mut device = DeviceCookie::signed_in(None, &email(0), &hash(0));
        let id = device.id();
        for n in 1..=MAX_ACCOUNTS {
            device = DeviceCookie::signed_in(Some(&device), &email(n), &hash(n));
        }
        assert_eq!(device.id(), id);
        assert!(!device.names(&email(0)) && !device.knows(&email(0), &hash(0)));
        assert!((1..=MAX_ACCOUNTS).all(|n| device.names(&email(n)) && device.knows(&email(n), &hash(n))));
        assert_eq!(DeviceCookie::signed_in(Some(&device), &email(3), &hash(3)).accounts.len(), MAX_ACCOUNTS);
        assert_ne!(DeviceCookie::signed_in(None, &email(0), &hash(0)).id(), id);
        let sealer = sealer(DEVICE_PURPOSE);
        let text = device.seal(&sealer);
        assert!(text.len() <= MAX_TEXT, "{}", text.len());
        assert_eq!(DeviceCookie::open(&sealer, text.as_bytes()), Some(device));
    }

    #[test]
    fn a_device_knows_an_account_by_its_newest_password() {
        let old = DeviceCookie::signed_in(None, &email(1), &hash(1));
        assert!(!old.knows(&email(1), &hash(2)) && !old.knows(&email(2), &hash(1)));
        let new = DeviceCookie::signed_in(Some(&old), &email(1), &hash(2));
        assert!(new.knows(&email(1), &hash(2)) && !new.knows(&email(1), &hash(1)));
        assert_eq!(new.accounts.len(), 1, "an account has one place");
    }

    #[test]
    fn only_what_was_sealed_for_this_is_a_device() {
        let device = DeviceCookie::signed_in(None, &email(1), &hash(1));
        let text = device.seal(&sealer(DEVICE_PURPOSE));
        let cut = URL_SAFE_NO_PAD.encode(sealer(DEVICE_PURPOSE).seal(&[7; 3 * PART + PART]));
        for wrong in ["", "x", &text[1..], &text.to_lowercase(), &device.seal(&sealer("mail")), &cut, &"a".repeat(4096)]
        {
            assert_eq!(DeviceCookie::open(&sealer(DEVICE_PURPOSE), wrong.as_bytes()), None, "{wrong}");
        }
    }
}
