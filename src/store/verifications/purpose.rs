//! Names what rows of `auth.verifications` are for.

/// Tells what a row is good for. One purpose's token is nothing to another's endpoint.
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
    /// Is a flow at a provider that has not come back yet. It travels as `state`, not by mail.
    OauthState,
    /// Tells an owner the code of a second factor. A mail without a link.
    TwoFactorCode,
    /// Lets an address sign up that has no account yet. Of no user; the row names the address by its hash.
    Invitation,
    /// Is a code that signs in, or up.
    SignInCode,
    /// Is a code that proves the address of an account.
    VerifyEmailCode,
    /// Is a code that sets a new password.
    ResetPasswordCode,
    /// Is a code that proves a new address; the payload names it.
    ChangeEmailCode,
    /// Signs in, or up; the payload names the address.
    MagicLink,
    /// Is what an authenticator was asked to make a passkey with. It travels in a cookie, not by mail.
    PasskeyRegistration,
    /// Is what an authenticator was asked to sign somebody in with. It travels in a cookie, not by mail.
    PasskeySignIn,
    /// Counts mails that invite an address to an organization. The invitation has a row and a token of its own.
    OrganizationInvitation,
}

impl Purpose {
    /// Lists every purpose.
    pub const ALL: [Self; 18] = [
        Self::VerifyEmail,
        Self::ResetPassword,
        Self::ChangeEmail,
        Self::ConsentEmailChange,
        Self::DeleteUser,
        Self::FailedSignIns,
        Self::AccountExists,
        Self::OauthState,
        Self::Invitation,
        Self::SignInCode,
        Self::VerifyEmailCode,
        Self::ResetPasswordCode,
        Self::ChangeEmailCode,
        Self::TwoFactorCode,
        Self::MagicLink,
        Self::PasskeyRegistration,
        Self::PasskeySignIn,
        Self::OrganizationInvitation,
    ];

    pub(in crate::store) fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::FailedSignIns => "failed-sign-ins",
            Self::ResetPassword => "reset-password",
            Self::ChangeEmail => "change-email",
            Self::ConsentEmailChange => "consent-email-change",
            Self::DeleteUser => "delete-user",
            Self::AccountExists => "account-exists",
            Self::OauthState => "oauth-state",
            Self::Invitation => "invitation",
            Self::SignInCode => "sign-in-code",
            Self::VerifyEmailCode => "verify-email-code",
            Self::ResetPasswordCode => "reset-password-code",
            Self::ChangeEmailCode => "change-email-code",
            Self::TwoFactorCode => "two-factor-code",
            Self::MagicLink => "magic-link",
            Self::PasskeyRegistration => "passkey-registration",
            Self::PasskeySignIn => "passkey-sign-in",
            Self::OrganizationInvitation => "organization-invitation",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_purposes_are_listed_in_their_order() {
        // A new one does not compile until it has a number here, which is its place in the list.
        let number = |purpose: Purpose| match purpose {
            Purpose::VerifyEmail => 0,
            Purpose::ResetPassword => 1,
            Purpose::ChangeEmail => 2,
            Purpose::ConsentEmailChange => 3,
            Purpose::DeleteUser => 4,
            Purpose::FailedSignIns => 5,
            Purpose::AccountExists => 6,
            Purpose::OauthState => 7,
            Purpose::Invitation => 8,
            Purpose::SignInCode => 9,
            Purpose::VerifyEmailCode => 10,
            Purpose::ResetPasswordCode => 11,
            Purpose::ChangeEmailCode => 12,
            Purpose::TwoFactorCode => 13,
            Purpose::MagicLink => 14,
            Purpose::PasskeyRegistration => 15,
            Purpose::PasskeySignIn => 16,
            Purpose::OrganizationInvitation => 17,
        };
        assert!(Purpose::ALL.into_iter().map(number).eq(0..Purpose::ALL.len()));
    }
}
