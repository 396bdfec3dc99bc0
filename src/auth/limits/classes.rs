//! Says what is limited, and how much by default: `auth.rate_limits` of gateway.yaml.

use std::{collections::BTreeMap, time::Duration};

/// Names an endpoint, or several that come to the same. Each is a key of `auth.rate_limits` and a label of
/// `authgate_rate_limited_total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RateClass {
    /// Counts failed sign-ins of an account; a device that signed in to it before counts by itself.
    SignIn,
    /// Counts failed sign-ins from a client address, over all accounts.
    SignInAddress,
    SignUp,
    /// Counts sign-ins and links that are begun at a provider.
    SocialSignIn,
    VerifyEmail,
    SendVerification,
    PasswordResetRequest,
    PasswordReset,
    ChangePassword,
    VerifyPassword,
    /// Counts codes of second factors that were wrong, of whatever kind and for whatever sign-in.
    TwoFactor,
    ChangeEmail,
    DeleteUser,
    VerifyToken,
    /// Counts pictures that are stored.
    Avatar,
    /// Counts questions whether a user name is free.
    UsernameCheck,
    /// Counts mailed codes that are tried, for one address: by whoever asked for them, and by everybody else.
    EmailCode,
    /// Counts what is asked of passkeys and what they answer.
    Passkey,
    /// Counts organizations that somebody founds.
    Organization,
    /// Counts invitations to organizations that somebody mails.
    Invitation,
    /// Counts exports of one's own data.
    ExportData,
}

/// Tells whose attempts the configured limit of a class is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Limits a client address.
    Address,
    /// Limits an account; an address may try [`PEOPLE_BEHIND_AN_ADDRESS`] times as often.
    Account,
    /// Limits the same, where an attempt guesses a password: with growing delays, until a success.
    PasswordOfAccount,
}

/// Is the number of people that the limit of one address allows for: an office or a household shares it.
pub(crate) const PEOPLE_BEHIND_AN_ADDRESS: u32 = 10;
/// Is the number of failed sign-ins that an address gets a minute, for each that an account gets at all.
const ADDRESS_PER_ACCOUNT: u32 = 3;

impl RateClass {
    /// Lists all classes in the order in which they are shown.
    pub const ALL: [Self; 21] = [
        Self::SignIn,
        Self::SignInAddress,
        Self::SignUp,
        Self::SocialSignIn,
        Self::VerifyEmail,
        Self::SendVerification,
        Self::PasswordResetRequest,
        Self::PasswordReset,
        Self::ChangePassword,
        Self::VerifyPassword,
        Self::TwoFactor,
        Self::ChangeEmail,
        Self::DeleteUser,
        Self::VerifyToken,
        Self::Avatar,
        Self::UsernameCheck,
        Self::EmailCode,
        Self::Passkey,
        Self::Organization,
        Self::Invitation,
        Self::ExportData,
    ];

    /// Returns the name as it is configured.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignInAddress => "sign_in_address",
            Self::SignUp => "sign_up",
            Self::SocialSignIn => "social_sign_in",
            Self::VerifyEmail => "verify_email",
            Self::SendVerification => "send_verification",
            Self::PasswordResetRequest => "password_reset_request",
            Self::PasswordReset => "password_reset",
            Self::ChangePassword => "change_password",
            Self::VerifyPassword => "verify_password",
            Self::TwoFactor => "two_factor",
            Self::ChangeEmail => "change_email",
            Self::DeleteUser => "delete_user",
            Self::VerifyToken => "verify_token",
            Self::Avatar => "avatar",
            Self::UsernameCheck => "username_check",
            Self::EmailCode => "email_code",
            Self::Passkey => "passkey",
            Self::Organization => "organization",
            Self::Invitation => "invitation",
            Self::ExportData => "export_data",
        }
    }

    pub(crate) fn counted(self) -> Counted {
        match self {
            Self::SignIn
            | Self::ChangePassword
            | Self::VerifyPassword
            | Self::TwoFactor
            | Self::DeleteUser
            | Self::EmailCode => Counted::PasswordOfAccount,
            Self::ChangeEmail | Self::Avatar | Self::Organization | Self::Invitation | Self::ExportData => {
                Counted::Account
            }
            Self::SignInAddress
            | Self::SignUp
            | Self::SocialSignIn
            | Self::VerifyEmail
            | Self::SendVerification
            | Self::PasswordResetRequest
            | Self::PasswordReset
            | Self::VerifyToken
            | Self::UsernameCheck
            | Self::Passkey => Counted::Address,
        }
    }

    /// Returns the limit that holds where nothing is configured (BRUTE-01, BRUTE-02, BRUTE-06).
    #[must_use]
    pub const fn default_limit(self) -> RateLimit {
        let (limit, minutes) = match self {
            Self::SignIn
            | Self::ChangePassword
            | Self::VerifyPassword
            | Self::TwoFactor
            | Self::ChangeEmail
            | Self::DeleteUser
            | Self::EmailCode => (10, 15),
            Self::SignInAddress => (30, 1),
            Self::SignUp => (300, 60),
            // What one mailbox gets is bounded besides (MAIL-13).
            Self::SendVerification
            | Self::PasswordResetRequest
            | Self::SocialSignIn
            | Self::VerifyEmail
            | Self::PasswordReset => (100, 10),
            // Backends ask for it, with tokens that nobody can guess.
            Self::VerifyToken => (600, 1),
            // Mails to one mailbox are bounded besides (MAIL-13).
            Self::Invitation => (100, 60),
            // A picture replaces the one before, and leaves what the database has to clear away.
            Self::Organization | Self::Avatar => (20, 60),
            // Nobody reads it all several times an hour, and it is the dearest thing to ask for.
            Self::ExportData => (10, 60),
            // A form asks at every key, or so; a page to sign in asks whenever it is shown.
            Self::UsernameCheck | Self::Passkey => (300, 10),
        };
        RateLimit { limit, window: Duration::from_mins(minutes) }
    }
}

/// Allows so many attempts in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The number lies between 1 and [`RateLimit::MAX_LIMIT`].
    pub limit: u32,
    /// The time lies between a second and [`RateLimit::MAX_WINDOW`].
    pub window: Duration,
}

impl RateLimit {
    /// Is the highest number of attempts that can be configured, enough for any load test.
    pub const MAX_LIMIT: u32 = 1_000_000;
    /// Is the longest window that can be configured: beyond a day a limit would be a lock.
    pub const MAX_WINDOW: Duration = Duration::from_hours(24);
}

/// Holds the limits of all classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits(BTreeMap<RateClass, RateLimit>);

impl RateLimits {
    /// Sets the limit of one class.
    pub fn set(&mut self, class: RateClass, limit: RateLimit) {
        self.0.insert(class, limit);
    }

    /// Lets the limit of sign-ins per address follow the one per account upwards, where only that is configured.
    pub fn widen_sign_in_address(&mut self) {
        let default = RateClass::SignInAddress.default_limit();
        let of_account = self.get(RateClass::SignIn).map_or(0, |limit| limit.limit);
        let limit = default.limit.max(of_account.saturating_mul(ADDRESS_PER_ACCOUNT)).min(RateLimit::MAX_LIMIT);
        self.set(RateClass::SignInAddress, RateLimit { limit, ..default });
    }

    /// Returns the limit of a class. `None` in tests only.
    #[must_use]
    pub fn get(&self, class: RateClass) -> Option<RateLimit> {
        self.0.get(&class).copied()
    }

    /// Returns no limits, for what is tested without a database to count in.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self(BTreeMap::new())
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        Self(RateClass::ALL.into_iter().map(|class| (class, class.default_limit())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_name_of_its_own_and_a_limit() {
        let names: std::collections::BTreeSet<&str> = RateClass::ALL.iter().map(|class| class.as_str()).collect();
        assert_eq!(names.len(), RateClass::ALL.len());
        for class in RateClass::ALL {
            assert_eq!(RateLimits::default().get(class), Some(class.default_limit()));
        }
    }
}
