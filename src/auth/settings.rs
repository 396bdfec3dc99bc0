//! Holds `auth:` of gateway.yaml, compiled.

use std::time::Duration;

use crate::{
    auth::{
        AdminSettings, ApiKeySettings, OrganizationSettings, PasskeySettings, RateLimits, TeamSettings,
        TwoFactorSettings, oauth::ProviderSettings,
    },
    language::Languages,
    sessions::{CookieSettings, JwtSettings, SessionSettings},
    types::{EmailDomain, PasswordRules, PublicUrl, TrustedOrigins, UserFields, UsernameRules},
};

/// Holds what the flows and the auth API need to know.
#[derive(Debug, Clone)]
pub struct Settings {
    pub public_url: PublicUrl,
    /// The auth API is mounted here, for example `/api/auth`: it begins with `/` and does not end with one.
    pub base_path: String,
    /// Decides on CORS, CSRF and callback URLs; it holds `public_url`'s origin too.
    pub trusted_origins: TrustedOrigins,
    pub cookie: CookieSettings,
    pub session: SessionSettings,
    /// Describes the tokens that clients ask for at `/token`.
    pub jwt: JwtSettings,
    pub password: PasswordRules,
    pub verification: VerificationSettings,
    pub sign_up: SignUpSettings,
    pub two_factor: TwoFactorSettings,
    /// Says whose passkeys there are; `None` where there are none. Default: those of `public_url`'s host.
    pub passkeys: Option<PasskeySettings>,
    pub rate_limits: RateLimits,
    /// Says what administrators may do over the auth API; `None` where they administer on the command line only. Default:
    /// none.
    pub admin: Option<AdminSettings>,
    /// Says through whom people can sign in too. Default: nobody.
    pub social: Vec<ProviderSettings>,
    /// Says what users have beside name, address and picture. Default: nothing.
    pub user_fields: UserFields,
    /// Describes the names that people sign in with; `None` where they have none. Default: none.
    pub username: Option<UsernameRules>,
    /// Describes the codes that are mailed to be typed; `None` where there are none. Default: none.
    pub email_otp: Option<EmailOtpSettings>,
    /// Describes the mailed links that sign in; `None` where there are none. Default: none.
    pub magic_link: Option<MagicLinkSettings>,
    /// Lets one browser keep the sessions of several accounts; `None` where it keeps one. Default: none.
    pub multi_session: Option<MultiSessionSettings>,
    /// Describes the organizations that users found; `None` where there are none. Default: none.
    pub organizations: Option<OrganizationSettings>,
    /// Says who can have API keys; `None` where there are none. Default: none.
    pub api_keys: Option<ApiKeySettings>,
    /// A cookie tells pages what the browser signed in with last. Default false.
    pub last_login_method: bool,
    /// Describes the pictures of people that the gateway stores.
    pub avatars: AvatarSettings,
    /// Says how long a mailed reset link works. Default 1 hour.
    pub reset_expires_in: Duration,
    /// An account is deleted only with a mailed link. Default false.
    pub mailed_deletion: bool,
    /// Are the languages that people can choose among. Default: English alone.
    pub languages: Languages,
    /// People are told by mail of a sign-in from a device that is new to their account. Default true.
    pub notify_new_device: bool,
}

impl Settings {
    /// Returns the limits of teams, those by default where there are none.
    pub(crate) fn teams(&self) -> TeamSettings {
        self.organizations.as_ref().and_then(|organizations| organizations.teams).unwrap_or_default()
    }

    /// Lets people choose among these languages. Users show theirs only where there is anything to choose.
    pub fn offer_languages(&mut self, languages: Languages) {
        if languages.are_several() {
            self.user_fields = std::mem::take(&mut self.user_fields).with_language();
        }
        self.languages = languages;
    }
}

/// Configures the codes that are mailed to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmailOtpSettings {
    /// Is the number of digits. Default 6.
    pub length: usize,
    /// Says how long a code works. Default 5 minutes.
    pub expires_in: Duration,
    /// Limits the tries of a code: those of whoever asked for it, and those of everybody else. Default 3.
    pub attempts: u32,
}

impl Default for EmailOtpSettings {
    fn default() -> Self {
        Self { length: 6, expires_in: Duration::from_mins(5), attempts: 3 }
    }
}

/// Configures the mailed links that sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MagicLinkSettings {
    /// Says how long a link works. Default 5 minutes.
    pub expires_in: Duration,
}

impl Default for MagicLinkSettings {
    fn default() -> Self {
        Self { expires_in: Duration::from_mins(5) }
    }
}

/// Configures how many accounts one browser is signed in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultiSessionSettings {
    /// Limits the sessions that a browser keeps: from 2 to [`Self::MAX`]. Default 5.
    pub max: usize,
}

impl MultiSessionSettings {
    /// Is the greatest number that can be configured: with more, the cookies would crowd out those of the apps.
    pub const MAX: usize = 10;
}

impl Default for MultiSessionSettings {
    fn default() -> Self {
        Self { max: 5 }
    }
}

/// Configures the pictures that people send as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvatarSettings {
    /// Limits a picture in bytes: from [`Self::MIN_SIZE`] to [`Self::MAX_SIZE`]. Default 256 KiB.
    pub max_size: usize,
}

impl AvatarSettings {
    /// Is the least size that can be configured: smaller pictures are hardly any.
    pub const MIN_SIZE: usize = 1024;
    /// Is the greatest size that can be configured; the table takes no larger one.
    pub const MAX_SIZE: usize = 1024 * 1024;

    /// Returns the length of the longest picture as it stands in a body.
    #[must_use]
    pub fn encoded_size(self) -> usize {
        self.max_size.div_ceil(3) * 4
    }
}

impl Default for AvatarSettings {
    fn default() -> Self {
        Self { max_size: 256 * 1024 }
    }
}

/// Is the default of [`Settings::reset_expires_in`].
pub const RESET_EXPIRES_IN: Duration = Duration::from_hours(1);

/// Configures the proof of the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationSettings {
    /// Nobody signs in before the address is verified. Default true.
    pub required: bool,
    /// Says how long a mailed link works. Default 15 minutes.
    pub expires_in: Duration,
    /// The proof opens a session in the browser that signed up. Default false.
    pub auto_sign_in: bool,
}

impl Default for VerificationSettings {
    fn default() -> Self {
        Self { required: true, expires_in: Duration::from_mins(15), auto_sign_in: false }
    }
}

/// Configures who may open an account.
#[derive(Debug, Clone, Default)]
pub struct SignUpSettings {
    pub mode: SignUpMode,
    /// Accounts have addresses of these domains only; of any where it is empty.
    pub allowed_email_domains: Vec<EmailDomain>,
}

/// Says who may open an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignUpMode {
    /// Lets everybody.
    #[default]
    Open,
    /// Lets whom an operator has invited.
    Invitation,
    /// Lets nobody; operators create users on the command line.
    Closed,
}
