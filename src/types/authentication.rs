//! Says how a session was opened and how its holder was proved.

use std::{borrow::Cow, fmt};

use time::OffsetDateTime;

/// Tells what somebody signed in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMethod<'a> {
    Password,
    /// Is a link that was mailed.
    MagicLink,
    /// Is a code that was mailed.
    EmailCode,
    Passkey,
    /// Is a key of a program: nobody signed in.
    ApiKey,
    /// Is the power of an administrator to act in the user's place: the user proved nothing.
    Impersonation,
    /// Is a session that came from another system, which did not say.
    Imported,
    /// Names a provider, by its configured id.
    Provider(&'a str),
}

impl<'a> AuthMethod<'a> {
    const PASSWORD: &'static str = "password";
    const MAGIC_LINK: &'static str = "magic-link";
    const EMAIL_CODE: &'static str = "email-otp";
    const PASSKEY: &'static str = "passkey";
    const API_KEY: &'static str = "api-key";
    const IMPERSONATION: &'static str = "impersonation";
    const IMPORTED: &'static str = "imported";

    /// Lists the names of our own ways in. No provider can have one of them, or that of a [`SecondFactor`].
    pub const NAMES: [&'static str; 7] = [
        Self::PASSWORD,
        Self::MAGIC_LINK,
        Self::EMAIL_CODE,
        Self::PASSKEY,
        Self::API_KEY,
        Self::IMPERSONATION,
        Self::IMPORTED,
    ];

    /// Reads what a session's row holds. A name that is none of our own is a provider's.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        match text {
            Self::PASSWORD => Self::Password,
            Self::MAGIC_LINK => Self::MagicLink,
            Self::EMAIL_CODE => Self::EmailCode,
            Self::PASSKEY => Self::Passkey,
            Self::API_KEY => Self::ApiKey,
            Self::IMPERSONATION => Self::Impersonation,
            Self::IMPORTED => Self::Imported,
            provider => Self::Provider(provider),
        }
    }

    /// Returns the name as it is stored, and as the upstream sees it in `X-Auth-Method`.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        match self {
            Self::Password => Self::PASSWORD,
            Self::MagicLink => Self::MAGIC_LINK,
            Self::EmailCode => Self::EMAIL_CODE,
            Self::Passkey => Self::PASSKEY,
            Self::ApiKey => Self::API_KEY,
            Self::Impersonation => Self::IMPERSONATION,
            Self::Imported => Self::IMPORTED,
            Self::Provider(id) => id,
        }
    }

    /// Tells whether whoever reads the account's mail can sign in so: a mailed code is no second factor then.
    #[must_use]
    pub fn is_mailed(self) -> bool {
        match self {
            Self::MagicLink | Self::EmailCode => true,
            Self::Password
            | Self::Passkey
            | Self::ApiKey
            | Self::Impersonation
            | Self::Imported
            | Self::Provider(_) => false,
        }
    }

    /// Returns the value of the `amr` claim: those of RFC 8176 where it has one.
    fn amr(self) -> Option<&'static str> {
        match self {
            Self::Password => Some("pwd"),
            Self::MagicLink => Some("email"),
            Self::EmailCode => Some("otp"),
            Self::Passkey => Some("pop"),
            Self::ApiKey => Some(Self::API_KEY),
            Self::Impersonation | Self::Imported => None,
            Self::Provider(_) => Some("fed"),
        }
    }
}

/// Tells what was proved beside the first factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// Is a code of an authenticator app.
    Totp,
    /// Is a code that was mailed.
    MailedCode,
    BackupCode,
    /// Is a passkey whose authenticator verified its user: it counts as two factors.
    Passkey,
    /// Is a browser in which one of the others was proved some time ago. It spares a code at sign-in and is none.
    TrustedDevice,
}

impl SecondFactor {
    /// Lists all of them.
    pub const ALL: [Self; 5] = [Self::Totp, Self::MailedCode, Self::BackupCode, Self::Passkey, Self::TrustedDevice];

    /// Returns the name as it is stored, and as the upstream sees it in `X-Auth-Method`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::MailedCode => "otp",
            Self::BackupCode => "backup-code",
            Self::Passkey => "passkey",
            Self::TrustedDevice => "trusted-device",
        }
    }

    /// Reads what a session's row holds; `None` for what no version of the gateway wrote, which proves nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.as_str() == text)
    }

    /// Tells whether it was proved in the session itself.
    #[must_use]
    pub fn is_proved_in_session(self) -> bool {
        match self {
            Self::Totp | Self::MailedCode | Self::BackupCode | Self::Passkey => true,
            Self::TrustedDevice => false,
        }
    }

    /// Returns the value of the `amr` claim, where it has one.
    fn amr(self) -> Option<&'static str> {
        match self {
            Self::Totp | Self::MailedCode | Self::BackupCode => Some("otp"),
            Self::Passkey => Some("pop"),
            Self::TrustedDevice => None,
        }
    }
}

impl fmt::Display for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Says what the holder of a session has to do before it is let in: step-up authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepUp {
    /// The user has no second factor yet, and sets one up.
    TwoFactorSetup,
    /// The user proves the second factor in this session.
    TwoFactor,
    /// The user proves once more who they are.
    Reauthenticate,
}

impl StepUp {
    /// Returns the name that clients read: in the body of the response, and in the query of the sign-in page.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TwoFactorSetup => "two_factor_setup",
            Self::TwoFactor => "two_factor",
            Self::Reauthenticate => "reauthenticate",
        }
    }
}

/// Describes how a session was opened, and what proved its holder when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication<'a> {
    pub method: AuthMethod<'a>,
    pub second_factor: Option<SecondFactor>,
    /// Is when its holder last proved who they are: at the latest when it was opened.
    pub proved_at: OffsetDateTime,
}

impl Authentication<'_> {
    /// Tells whether a second factor was proved in the session itself. A trusted browser is none.
    #[must_use]
    pub fn has_second_factor(&self) -> bool {
        self.second_factor.is_some_and(SecondFactor::is_proved_in_session)
    }

    /// Returns the methods of authentication as the `amr` claim lists them (RFC 8176).
    #[must_use]
    pub fn amr(&self) -> Vec<&'static str> {
        let first = self.method.amr();
        let second = self.second_factor.and_then(SecondFactor::amr);
        let second = second.filter(|_| second != first);
        [first, second, self.has_second_factor().then_some("mfa")].into_iter().flatten().collect()
    }

    /// Returns what the upstream sees as `X-Auth-Method`: the way in, and the second factor after a comma.
    #[must_use]
    pub fn header_value(&self) -> Cow<'_, str> {
        let method = self.method.as_str();
        match self.second_factor {
            Some(factor) if factor.as_str() != method => Cow::Owned(format!("{method},{factor}")),
            _ => Cow::Borrowed(method),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in AuthMethod::NAMES {
            assert!(!matches!(AuthMethod::parse(name), AuthMethod::Provider(_)), "{name}");
        }
        for name in AuthMethod::NAMES.into_iter().chain(["google"]) {
            assert_eq!(AuthMethod::parse(name).as_str(), name);
        }
        for factor in SecondFactor::ALL {
            assert_eq!(SecondFactor::parse(factor.as_str()), Some(factor));
        }
        assert_eq!(SecondFactor::parse("sms"), None);
    }

    #[test]
    fn it_tells_how_a_session_was_proved() {
        use SecondFactor::{BackupCode, MailedCode, Passkey, Totp, TrustedDevice};
        for (method, second_factor, header, amr) in [
            ("password", None, "password", &["pwd"][..]),
            ("password", Some(Totp), "password,totp", &["pwd", "otp", "mfa"]),
            ("password", Some(MailedCode), "password,otp", &["pwd", "otp", "mfa"]),
            ("google", Some(BackupCode), "google,backup-code", &["fed", "otp", "mfa"]),
            ("passkey", None, "passkey", &["pop"]),
            ("passkey", Some(Passkey), "passkey", &["pop", "mfa"]),
            ("magic-link", Some(Totp), "magic-link,totp", &["email", "otp", "mfa"]),
            ("email-otp", Some(Totp), "email-otp,totp", &["otp", "mfa"]),
            ("password", Some(TrustedDevice), "password,trusted-device", &["pwd"]),
            ("impersonation", None, "impersonation", &[]),
        ] {
            let method = AuthMethod::parse(method);
            let proved = Authentication { method, second_factor, proved_at: OffsetDateTime::UNIX_EPOCH };
            assert_eq!((proved.header_value().as_ref(), proved.amr().as_slice()), (header, amr));
        }
    }
}
