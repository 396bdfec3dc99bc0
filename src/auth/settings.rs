//! `auth:` of gateway.yaml, compiled.

use std::time::Duration;

use crate::{
    auth::{RateLimits, oauth::ProviderSettings},
    store::sessions::activity::Extension,
    types::{PasswordRules, PublicUrl, TrustedOrigins},
};

/// What the flows and the auth surface need to know.
#[derive(Debug, Clone)]
pub struct Settings {
    pub public_url: PublicUrl,
    /// Where the auth surface is mounted, for example `/api/auth`: begins with `/`, does not end with one.
    pub base_path: String,
    /// CORS, CSRF and callback URLs; holds `public_url`'s origin too.
    pub trusted_origins: TrustedOrigins,
    pub cookie: CookieSettings,
    pub session: SessionSettings,
    pub password: PasswordRules,
    pub verification: VerificationSettings,
    pub rate_limits: RateLimits,
    /// Through whom people can sign in too. Default: nobody.
    pub social: Vec<ProviderSettings>,
    /// How long a mailed reset link works. Default 1 hour.
    pub reset_expires_in: Duration,
    /// An account is deleted only with a mailed link. Default false.
    pub mailed_deletion: bool,
    /// People are told by mail of a sign-in from a device that is new to their account. Default true.
    pub notify_new_device: bool,
}

/// How the session cookie is named and scoped (SESS-03).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieSettings {
    /// The full name with its prefix: `__Host-…` on https, `__Secure-…` where a domain is set, bare on http.
    pub name: String,
    pub secure: bool,
    pub same_site: SameSite,
    pub domain: Option<String>,
}

impl CookieSettings {
    /// The device cookie's name without prefix; the session cookie cannot have it.
    pub const DEVICE: &'static str = "authgate_device";

    /// The device cookie's full name: its prefix and scope are the session cookie's.
    #[must_use]
    pub fn device_name(&self) -> &'static str {
        match (self.secure, &self.domain) {
            (true, None) => "__Host-authgate_device",
            (true, Some(_)) => "__Secure-authgate_device",
            (false, _) => Self::DEVICE,
        }
    }

    /// The name without prefix of the cookie that ties flows at providers to a browser.
    pub const OAUTH: &'static str = "authgate_oauth";

    /// That cookie's full name. It is for the one host always.
    #[must_use]
    pub fn oauth_name(&self) -> &'static str {
        if self.secure { "__Host-authgate_oauth" } else { Self::OAUTH }
    }

    /// The name without prefix of the cookie that holds what a browser chose at sign-up.
    pub const SIGN_UP: &'static str = "authgate_sign_up";

    /// That cookie's full name. It is for the one host always.
    #[must_use]
    pub fn sign_up_name(&self) -> &'static str {
        if self.secure { "__Host-authgate_sign_up" } else { Self::SIGN_UP }
    }

    /// Ours are these; upstreams neither see nor set them.
    #[must_use]
    pub fn names(&self) -> [&str; 4] {
        [&self.name, self.device_name(), self.oauth_name(), self.sign_up_name()]
    }
}

/// The cookie's `SameSite` attribute. `none` needs https.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SameSite {
    Strict,
    #[default]
    Lax,
    None,
}

/// How long sessions live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSettings {
    /// Idle limit: a session unused for this long ends. Default 7 days.
    pub expires_in: Duration,
    /// An extension is written at most once in this time. Default 1 day.
    pub refresh_after: Duration,
    /// No session outlives this. Default 30 days.
    pub absolute: Duration,
    /// How lately a session must have been proved to list all sessions; see [`Self::proof_age`] for what is more
    /// sensitive. Default 1 day.
    pub fresh_age: Duration,
    /// Where the answer to a request's question for its session comes from. Default: the database.
    pub check: CheckMode,
}

/// How current the answer to a request's question for its session is (SESS-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CheckMode {
    /// The database is asked after the request arrived.
    #[default]
    Database,
    /// Memory may answer; what was revoked passes for so long at most.
    Cached { max_staleness: Duration },
}

/// How lately a session must have been proved for what would lock its owner out (SESS-09).
const MAX_PROOF_AGE: Duration = Duration::from_mins(10);

impl SessionSettings {
    /// How lately a session must have been proved for sensitive operations: ten minutes, or less where
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
        }
    }
}

/// Default of [`Settings::reset_expires_in`].
pub const RESET_EXPIRES_IN: Duration = Duration::from_hours(1);

/// Proof of the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationSettings {
    /// Nobody signs in before the address is verified. Default true.
    pub required: bool,
    /// How long a mailed link works. Default 15 minutes.
    pub expires_in: Duration,
    /// Opening the link also signs in. Default false.
    pub auto_sign_in: bool,
}

impl Default for VerificationSettings {
    fn default() -> Self {
        Self { required: true, expires_in: Duration::from_mins(15), auto_sign_in: false }
    }
}

const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 24 * 60 * 60)
}
