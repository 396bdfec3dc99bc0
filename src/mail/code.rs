//! Tells what mailed codes do. Mails that carry a code to type have no link: whoever expects a link in them is easier to
//! lead elsewhere.

use serde::{Deserialize, Serialize};

/// Tells what a mailed code does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeUse {
    SignIn,
    VerifyEmail,
    ResetPassword,
    ChangeEmail,
}

impl CodeUse {
    /// Begins the ids of the texts about such a code.
    pub(super) fn text_id(self) -> &'static str {
        match self {
            Self::SignIn => "mail-code-sign-in",
            Self::VerifyEmail => "mail-code-verify-email",
            Self::ResetPassword => "mail-code-reset-password",
            Self::ChangeEmail => "mail-code-change-email",
        }
    }
}
