//! Verifies passwords against stored hashes, those of other systems included, and is the one place that decides what that
//! costs (ENUM-02). An account without a hash costs one argon2id, like one that has a hash of today. Any other hash costs
//! itself and one argon2id, whether it matches or not; for how much longer that is, [`Padding`] lets everybody wait.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use argon2::Block;

use crate::{
    auth::password::hasher::{
        argon2id::{is_current, spend},
        stored::StoredHash,
    },
    types::{Password, PasswordHash},
};

/// As many of the last foreign hashes are remembered.
const REMEMBERED: usize = 16;
/// A hash within the bounds takes no longer, unless the machine is busy with other things.
const MAX_PADDING: Duration = Duration::from_secs(1);

/// Tells whether a password is the one that was hashed.
#[must_use = "a password that is not looked at lets everybody in"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// It is the password; with `rehash` the stored hash is not what a new one would be.
    Match {
        rehash: bool,
    },
    Mismatch,
}

/// Is a result with the time that a foreign hash took; zero for all others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timed {
    pub(super) verified: Verified,
    pub(super) foreign: Duration,
}

/// Verifies a password against a stored hash. Without one, or with one that is not computed, it is a mismatch.
pub(super) fn verify(password: &Password, against: Option<&PasswordHash>, memory: &mut Vec<Block>) -> Timed {
    let stored = against.and_then(|hash| {
        let stored = StoredHash::parse(hash.expose());
        stored
            .inspect_err(|error| {
                tracing::error!(
                    error = error as &dyn std::error::Error,
                    "a stored password hash cannot be verified; its owner has to reset the password"
                );
            })
            .ok()
    });
    let Some(stored) = stored else {
        spend(password, memory);
        return Timed { verified: Verified::Mismatch, foreign: Duration::ZERO };
    };
    let is_ours = matches!(&stored, StoredHash::Argon2(hash) if is_current(hash));
    let begun = Instant::now();
    // New hashes are made of the first spelling.
    let verified = match password.spellings().position(|bytes| stored.verify(bytes, memory)) {
        Some(spelling) => Verified::Match { rehash: !is_ours || spelling > 0 },
        None => Verified::Mismatch,
    };
    if is_ours {
        return Timed { verified, foreign: Duration::ZERO };
    }
    let foreign = begun.elapsed();
    spend(password, memory);
    Timed { verified, foreign }
}

/// Remembers how long foreign hashes took lately. Every verification takes as long as the longest of them, by waiting
/// without a thread, so that a foreign hash that is costlier than argon2id does not tell that an account exists. Where there
/// are no foreign hashes, nobody waits.
#[derive(Debug, Default)]
pub(super) struct Padding(Mutex<VecDeque<Duration>>);

impl Padding {
    /// Returns how long to wait after a verification, in which a foreign hash took so long.
    pub(super) fn after(&self, foreign: Duration) -> Duration {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !foreign.is_zero() {
            last.truncate(REMEMBERED - 1);
            last.push_front(foreign);
        }
        let longest = last.iter().max().copied().unwrap_or_default();
        longest.min(MAX_PADDING).saturating_sub(foreign)
    }
}
