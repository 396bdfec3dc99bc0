//! What rows of `auth.verifications` are for.

/// What a row is good for. One purpose's token is nothing to another's endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Proves the address of an account.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
    /// Proves a new address; the payload names it.
    ChangeEmail,
    /// Lets the old address allow that a change begins; the payload names the new one.
    ConsentEmailChange,
    /// Confirms that an account is to be deleted.
    DeleteUser,
    /// Tells an owner of many failed sign-ins. A notice without a link.
    FailedSignIns,
    /// Tells an owner that somebody signed up with their address. A notice without a link.
    AccountExists,
    /// A flow at a provider that has not come back yet. Travels as `state`, not by mail.
    OauthState,
}

impl Purpose {
    /// Whatever a user may have been sent.
    pub const ALL: [Self; 7] = [
        Self::VerifyEmail,
        Self::ResetPassword,
        Self::ChangeEmail,
        Self::ConsentEmailChange,
        Self::DeleteUser,
        Self::AccountExists,
        Self::OauthState,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::FailedSignIns => "failed-sign-ins",
            Self::ResetPassword => "reset-password",
            Self::ChangeEmail => "change-email",
            Self::ConsentEmailChange => "consent-email-change",
            Self::DeleteUser => "delete-user",
            Self::AccountExists => "account-exists",
            Self::OauthState => "oauth-state",
        }
    }
}
