//! Defines what every flow receives, and how every flow can fail.

use std::{sync::Arc, time::Duration};

use time::OffsetDateTime;

use crate::{
    auth::{
        Busy, Client, ConcurrencyLimit, Denials, DeviceSessionCookie, Hasher, Instance, Locations, OAuth, Settings,
    },
    crypto::{Mac, Sealer},
    language::Language,
    mail::{Outbox, Reader},
    observe::Metrics,
    sessions::{Jwts, KeyQuotas},
    store::{Db, StoreError, users::User},
    types::UserId,
};

/// Holds the context of one request's flow: what the process provides, who asks, and when. Flows read no clock of their
/// own.
#[derive(Debug, Clone, Copy)]
pub struct Flow<'a> {
    pub auth: &'a Auth,
    pub client: &'a Client,
    pub now: OffsetDateTime,
    /// Holds what the browser claims to keep beside the session that it presents; nothing where it keeps one.
    pub device_session_cookies: &'a [DeviceSessionCookie],
}

impl<'a> Flow<'a> {
    /// Returns the language of the request, of those that are offered.
    pub(crate) fn asked_language(&self) -> Language {
        self.client.asked_language.among(&self.auth.settings.languages)
    }

    /// Returns what a new user's language is kept as: nothing where there is nothing to choose.
    pub(crate) fn language_to_keep(&self) -> Option<String> {
        self.auth.settings.languages.are_several().then(|| self.asked_language().code().to_owned())
    }

    /// Returns the language of a user, or that of the request where they have none that is offered.
    pub(crate) fn language(&self, user: &User) -> Language {
        let own = user.language.as_deref().and_then(Language::parse);
        own.filter(|own| self.auth.settings.languages.contains(*own)).unwrap_or_else(|| self.asked_language())
    }

    /// Says who reads a mail that the request causes; `None` where that is whoever has the address.
    pub(crate) fn reader(&self, user: Option<&'a UserId>) -> Reader<'a> {
        Reader { user, languages: &self.auth.settings.languages, otherwise: self.asked_language() }
    }
}

/// Describes how any flow can fail, whatever it does. The errors of single flows embed it beside their own outcomes.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The answer is the same for right and wrong passwords, known and unknown accounts.
    #[error("too many attempts")]
    RateLimited {
        /// Is in whole seconds, at least one.
        retry_after: Duration,
    },
    /// Too many passwords wait to be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed, or the user or the session that asks is gone.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Holds what the process provides to every flow.
#[derive(Debug)]
pub struct Auth {
    pub db: Db,
    pub settings: Settings,
    pub hasher: Arc<Hasher>,
    /// Bounds what is done with passwords at the same time, by client address.
    pub concurrency: ConcurrencyLimit,
    pub outbox: Outbox,
    pub denials: Denials,
    /// Makes and verifies the tokens that clients show to others.
    pub jwts: Jwts,
    /// Counts the uses of API keys.
    pub key_quotas: KeyQuotas,
    /// Seals the device cookie, for [`DEVICE_PURPOSE`](super::DEVICE_PURPOSE).
    pub devices: Sealer,
    /// Seals what a browser chose at sign-up, for [`SIGN_UP_PURPOSE`](super::SIGN_UP_PURPOSE).
    pub sign_ups: Sealer,
    /// Hashes mailed codes, for [`CODE_PURPOSE`](super::CODE_PURPOSE).
    pub codes: Mac,
    /// Seals secrets of authenticator apps and mailed codes, for [`TOTP_PURPOSE`](super::TOTP_PURPOSE).
    pub totp_secrets: Sealer,
    pub locations: Locations,
    pub oauth: OAuth,
    pub metrics: Arc<Metrics>,
    /// Says what runs and which configuration is in force, for administrators.
    pub instance: Instance,
}
