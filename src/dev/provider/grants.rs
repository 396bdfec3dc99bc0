//! Keeps what codes and access tokens stand for, in memory.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::dev::provider::protocol::Protocol;

/// Bounds the sign-ins between the page and the token, and the access tokens; beyond it the oldest are forgotten.
const MAX_KEPT: usize = 256;

/// Is somebody whom the page offers, or who was typed there.
#[derive(Clone)]
pub(super) struct ProviderUser {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) is_verified: bool,
}

impl ProviderUser {
    /// Returns what tells this person from others: the address, as everybody types addresses only.
    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.email.to_lowercase()).into()
    }
}

/// Holds what a code stands for.
pub(super) struct Grant {
    pub(super) code: String,
    pub(super) protocol: Protocol,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    pub(super) user: ProviderUser,
    pub(super) expires_at: OffsetDateTime,
}

/// Holds what was given out and is of use still.
#[derive(Default)]
pub(super) struct Grants {
    codes: Mutex<VecDeque<Grant>>,
    access_tokens: Mutex<VecDeque<(String, ProviderUser)>>,
}

impl Grants {
    pub(super) fn keep(&self, grant: Grant) {
        push(&self.codes, grant);
    }

    /// A code works once, right or wrong.
    pub(super) fn take(&self, code: &str) -> Option<Grant> {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let at = codes.iter().position(|grant| grant.code == code)?;
        codes.remove(at)
    }

    /// Returns a new access token of a person.
    pub(super) fn access_token(&self, user: ProviderUser) -> String {
        let token = random_text();
        push(&self.access_tokens, (token.clone(), user));
        token
    }

    pub(super) fn user(&self, access_token: &str) -> Option<ProviderUser> {
        let tokens = self.access_tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.iter().find(|(token, _)| token == access_token).map(|(_, user)| user.clone())
    }
}

fn push<T>(kept: &Mutex<VecDeque<T>>, new: T) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() == MAX_KEPT {
        kept.pop_front();
    }
    kept.push_back(new);
}

pub(super) fn random_text() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system provides randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}
