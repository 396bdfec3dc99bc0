//! Holds how long sessions live, and the cookies that carry them: `auth.session:` and `auth.cookie:` of gateway.yaml, compiled.

use std::{sync::Arc, time::Duration};

use crate::{
    sessions::{BetterAuthCookies, CookieNames},
    store::sessions::activity::Extension,
    types::{SessionId, SessionToken, Told},
};

/// Tells how the session cookie is named and scoped (SESS-03).
#[derive(Debug, Clone)]
pub struct CookieSettings {
    /// Is the full name with its prefix: `__Host-…` on https, `__Secure-…` where a domain is set, bare on http.
    pub name: String,
    pub secure: bool,
    pub same_site: SameSite,
    pub domain: Option<String>,
    /// Describes the cookies of better-auth, where sessions came from there; `None` takes none of theirs for a session.
    pub better_auth: Option<Arc<BetterAuthCookies>>,
}

impl CookieSettings {
    /// Reads a session's token off the wire: one of ours, or of better-auth's where those are taken.
    #[must_use]
    pub fn token(&self, text: &[u8]) -> Option<SessionToken> {
        let own = std::str::from_utf8(text).ok().and_then(|text| SessionToken::parse(text).ok());
        own.or_else(|| self.better_auth.as_ref()?.token(text))
    }

    /// Is the device cookie's name without prefix; the session cookie cannot have it.
    pub const DEVICE: &'static str = "authgate_device";

    /// Returns the device cookie's full name; its prefix and scope are the session cookie's.
    #[must_use]
    pub fn device_name(&self) -> &'static str {
        match (self.secure, &self.domain) {
            (true, None) => "__Host-authgate_device",
            (true, Some(_)) => "__Secure-authgate_device",
            (false, _) => Self::DEVICE,
        }
    }

    /// Is the name without prefix of the cookie that ties flows at providers to a browser.
    pub const OAUTH: &'static str = "authgate_oauth";

    /// Returns that cookie's full name. It is for the one host always.
    #[must_use]
    pub fn oauth_name(&self) -> &'static str {
        if self.secure { "__Host-authgate_oauth" } else { Self::OAUTH }
    }

    /// Is the name without prefix of the cookie that holds what a browser chose at sign-up.
    pub const SIGN_UP: &'static str = "authgate_sign_up";

    /// Returns that cookie's full name. It is for the one host always.
    #[must_use]
    pub fn sign_up_name(&self) -> &'static str {
        if self.secure { "__Host-authgate_sign_up" } else { Self::SIGN_UP }
    }

    /// Is the name without prefix of the cookie of a sign-in that waits for its second factor.
    pub const TWO_FACTOR: &'static str = "authgate_two_factor";

    /// Returns that cookie's full name; its prefix and scope are the session cookie's.
    #[must_use]
    pub fn two_factor_name(&self) -> &'static str {
        match (self.secure, &self.domain) {
            (true, None) => "__Host-authgate_two_factor",
            (true, Some(_)) => "__Secure-authgate_two_factor",
            (false, _) => Self::TWO_FACTOR,
        }
    }

    /// Is the name without prefix of the cookie that spares a browser the second factor.
    pub const TRUSTED_DEVICE: &'static str = "authgate_trusted_device";

    /// Returns that cookie's full name; its prefix and scope are the session cookie's.
    #[must_use]
    pub fn trusted_device_name(&self) -> &'static str {
        match (self.secure, &self.domain) {
            (true, None) => "__Host-authgate_trusted_device",
            (true, Some(_)) => "__Secure-authgate_trusted_device",
            (false, _) => Self::TRUSTED_DEVICE,
        }
    }

    /// Is the name without prefix of the cookie that ties a passkey's challenge to a browser.
    pub const PASSKEY: &'static str = "authgate_passkey";

    /// Returns that cookie's full name; its prefix and scope are the session cookie's.
    #[must_use]
    pub fn passkey_name(&self) -> &'static str {
        match (self.secure, &self.domain) {
            (true, None) => "__Host-authgate_passkey",
            (true, Some(_)) => "__Secure-authgate_passkey",
            (false, _) => Self::PASSKEY,
        }
    }

    /// Is the name without prefix of the cookie that keeps an administrator's own session while they act in somebody's
    /// place.
    pub const ADMIN_SESSION: &'static str = "authgate_admin_session";

    /// Returns that cookie's full name; its prefix and scope are the session cookie's.
    #[must_use]
    pub fn admin_session_name(&self) -> &'static str {
        match (self.secure, &self.domain) {
            (true, None) => "__Host-authgate_admin_session",
            (true, Some(_)) => "__Secure-authgate_admin_session",
            (false, _) => Self::ADMIN_SESSION,
        }
    }

    /// Begins the names without prefix of the cookies that keep several sessions in one browser, one each; the id of the
    /// session follows.
    pub const DEVICE_SESSION: &'static str = "authgate_multi-";

    /// Returns the begin of these cookies' full names; their prefix and scope are the session cookie's.
    #[must_use]
    pub fn device_session_prefix(&self) -> &'static str {
        match (self.secure, &self.domain) {
            (true, None) => "__Host-authgate_multi-",
            (true, Some(_)) => "__Secure-authgate_multi-",
            (false, _) => Self::DEVICE_SESSION,
        }
    }

    /// Returns the full name of the cookie that keeps this session.
    #[must_use]
    pub fn device_session_name(&self, session: &SessionId) -> String {
        format!("{}{session}", self.device_session_prefix())
    }

    /// Is the name without prefix of the cookie that the forms of the pages belong to.
    pub const FORM: &'static str = "authgate_form";

    /// Returns that cookie's full name. It is for the one host always: the prefix keeps other hosts of the domain from
    /// setting one that they know.
    #[must_use]
    pub fn form_name(&self) -> &'static str {
        if self.secure { "__Host-authgate_form" } else { Self::FORM }
    }

    /// Returns the names of our cookies, and of those that ours take the place of; upstreams neither see nor set them.
    #[must_use]
    pub fn names(&self) -> CookieNames<'_> {
        CookieNames {
            single: [
                &self.name,
                self.device_name(),
                self.oauth_name(),
                self.sign_up_name(),
                self.two_factor_name(),
                self.trusted_device_name(),
                self.passkey_name(),
                self.admin_session_name(),
                self.form_name(),
            ],
            device_session_prefix: self.device_session_prefix(),
            better_auth: self.better_auth.as_deref(),
        }
    }
}

/// Is the cookie's `SameSite` attribute. `none` needs https.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SameSite {
    Strict,
    #[default]
    Lax,
    None,
}

/// Tells how long sessions live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSettings {
    /// Limits idle time: a session unused for this long ends. Default 7 days.
    pub expires_in: Duration,
    /// An extension is written at most once in this time. Default 1 day.
    pub refresh_after: Duration,
    /// No session outlives this. Default 30 days.
    pub absolute: Duration,
    /// A session must have been proved within this time to list all sessions; see [`Self::proof_age`] for what is more
    /// sensitive. Default 1 day.
    pub fresh_age: Duration,
    /// The look-up of a request's session takes its answer from here. Default: the database.
    pub check: CheckMode,
    /// The look-up reads this, which upstreams are told. Default: nothing.
    pub told: Told,
}

/// Tells how current the check of a request's session is (SESS-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CheckMode {
    /// The database is asked after the request arrived.
    #[default]
    Database,
    /// Memory may answer; what was revoked passes for so long at most.
    Cached { max_staleness: Duration },
}

/// Limits how lately a session must have been proved for what would lock its owner out (SESS-09).
const MAX_PROOF_AGE: Duration = Duration::from_mins(10);

impl SessionSettings {
    /// Returns how lately a session must have been proved for sensitive operations: ten minutes, or less where
    /// [`Self::fresh_age`] is less.
    #[must_use]
    pub fn proof_age(&self) -> Duration {
        MAX_PROOF_AGE.min(self.fresh_age)
    }

    pub(crate) fn extension(&self) -> Extension {
        Extension::new(self.expires_in, self.refresh_after)
    }
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            expires_in: days(7),
            refresh_after: days(1),
            absolute: days(30),
            fresh_age: days(1),
            check: CheckMode::Database,
            told: Told::default(),
        }
    }
}

const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 24 * 60 * 60)
}
