//! Holds the metric of codes and links that are mailed.

use prometheus::{IntCounterVec, Registry};

use crate::observe::metrics::registry::counters;

/// Tells what was mailed to be used in place of a password, or for one's own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailedSecret {
    SignInCode,
    VerifyEmailCode,
    ResetPasswordCode,
    ChangeEmailCode,
    MagicLink,
}

impl MailedSecret {
    /// Lists all of them.
    const ALL: [Self; 5] =
        [Self::SignInCode, Self::VerifyEmailCode, Self::ResetPasswordCode, Self::ChangeEmailCode, Self::MagicLink];

    /// Returns the label: of a code, what the client calls its type.
    fn as_str(self) -> &'static str {
        match self {
            Self::SignInCode => "sign-in",
            Self::VerifyEmailCode => "email-verification",
            Self::ResetPasswordCode => "forget-password",
            Self::ChangeEmailCode => "change-email",
            Self::MagicLink => "magic-link",
        }
    }
}

/// Holds the handle.
#[derive(Debug, Clone)]
pub struct MailedSecretMetrics {
    mailed: IntCounterVec,
}

impl MailedSecretMetrics {
    /// Registers `authgate_mailed_secrets_total{kind}`, which begins at 0 for each kind.
    pub(crate) fn new(registry: &Registry) -> Self {
        let mailed = counters(
            registry,
            "mailed_secrets_total",
            "Codes of auth.email_otp and links of auth.magic_link that were mailed; links that verify an address, \
             reset a password or delete an account are not counted.",
            &["kind"],
        );
        for secret in MailedSecret::ALL {
            mailed.with_label_values(&[secret.as_str()]);
        }
        Self { mailed }
    }

    /// Counts one that was mailed.
    pub fn count(&self, secret: MailedSecret) {
        self.mailed.with_label_values(&[secret.as_str()]).inc();
    }
}
