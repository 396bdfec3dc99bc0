//! Holds `auth.api_keys:` of gateway.yaml, compiled.

use std::{ops::RangeInclusive, time::Duration};

use http::HeaderName;

/// Says who can have keys, and what a new one is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeySettings {
    /// Names the header that keys come in, beside `Authorization: Bearer`. Default `x-api-key`.
    pub header: HeaderName,
    /// Begins the keys of whoever asks for no other prefix. Default `ag_`.
    pub prefix: String,
    /// Limits the keys of a user. Default 20.
    pub max_per_user: u32,
    /// Ends the keys of whoever asks for no other time; `None` where they last. Default: they last.
    pub expires_in: Option<Duration>,
    /// Limits the uses of a new key; `None` where they are not limited. Default 1000 in a minute.
    pub rate_limit: Option<KeyRateLimit>,
    /// Lists what keys may that users make for themselves, as `resource:action`. Default: nothing.
    pub permissions: Vec<String>,
}

/// Limits the uses of a key within a window, which begins with the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRateLimit {
    pub limit: u32,
    pub window: Duration,
}

impl KeyRateLimit {
    /// Is what holds where nothing is configured, and what a key is given whose limit is off.
    pub const DEFAULT: Self = Self { limit: 1000, window: Duration::from_mins(1) };
    /// Bounds a window, and the time between two refills: the table takes no longer ones.
    pub const WINDOWS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(366 * 24);
}

impl ApiKeySettings {
    /// Bounds [`Self::max_per_user`].
    pub const MAX_PER_USER: u32 = 1000;
    /// Bounds how long a key can be asked to last, in days.
    pub const EXPIRES_IN_DAYS: RangeInclusive<u64> = 1..=365;
    /// Limits what a key is called, in characters.
    pub const MAX_NAME: usize = 32;
    /// Limits what a key may, and the length of one such text.
    pub const MAX_SCOPES: usize = 64;

    /// Tells whether a text is written as `resource:action`.
    #[must_use]
    pub fn is_scope(text: &str) -> bool {
        let is_word = |word: &str| {
            (1..=32).contains(&word.len())
                && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        };
        text.split_once(':').is_some_and(|(resource, action)| is_word(resource) && is_word(action))
    }
}

impl Default for ApiKeySettings {
    fn default() -> Self {
        Self {
            header: HeaderName::from_static("x-api-key"),
            prefix: "ag_".to_owned(),
            max_per_user: 20,
            expires_in: None,
            rate_limit: Some(KeyRateLimit::DEFAULT),
            permissions: Vec::new(),
        }
    }
}
