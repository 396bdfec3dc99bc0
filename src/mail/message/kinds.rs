//! Says what is written: one variant a kind of mail.
//!
//! Knows nothing of transports. The serialised form is stored (sealed) in the outbox, so variants and fields only grow.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::mail::code::CodeUse;

/// Describes a mail to one person. Serialised with its kind as tag.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// Proves that the address is theirs.
    VerifyEmail {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// An operator made the account: the link proves the address and asks for a password.
    Welcome {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// Is sent instead when somebody signs up with an address that has an account (ENUM-*).
    AccountExists {
        name: String,
        sign_in_link: String,
    },
    /// Lets its reader set a new password.
    ResetPassword {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// Somebody, hopefully the owner, set a new password.
    PasswordChanged {
        name: String,
        reset_link: String,
    },
    /// Goes to a new address and makes it the account's.
    ChangeEmail {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// Goes to the address so far, at the same time (MAIL-12).
    EmailChangeRequested {
        name: String,
        new_email: String,
        reset_link: String,
    },
    /// Goes to the address until now. It does not name the new one: the old mailbox may be somebody else's by now.
    EmailChanged {
        name: String,
        link: String,
    },
    /// Goes to the address so far, where a session that was not proved lately asked, and lets it allow the change
    /// (MAIL-15).
    ConsentEmailChange {
        name: String,
        new_email: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// Is as `EmailChanged`, with a link that undoes the change. It carries no new address either.
    EmailChangedWithUndo {
        name: String,
        link: String,
    },
    /// Goes to the address that is the account's no longer, since the one before took the account back.
    EmailChangeUndone {
        name: String,
        link: String,
    },
    /// Confirms that the account is to be deleted.
    DeleteUser {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// The account is gone.
    UserDeleted {
        name: String,
        link: String,
    },
    /// Wrong passwords came in so large a number that sign-ins are refused for a while (BRUTE-08).
    FailedSignIns {
        name: String,
        reset_link: String,
    },
    /// Somebody signed in with a browser or system that was not seen with the account before (BRUTE-08). All texts are
    /// shown as they are; none of them is a client's.
    NewDevice {
        name: String,
        device: String,
        location: Option<String>,
        ip: String,
        time: String,
        link: String,
    },
    /// Carries a code to type, and no link.
    Code {
        name: String,
        code: String,
        code_use: CodeUse,
        expires_in_minutes: u64,
    },
    /// Signs its reader in, or up.
    MagicLink {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// Holds a code of a second factor.
    TwoFactorCode {
        name: String,
        code: String,
        expires_in_minutes: u64,
        link: String,
    },
    /// A second factor came into force.
    TwoFactorEnabled {
        name: String,
        reset_link: String,
    },
    TwoFactorDisabled {
        name: String,
        reset_link: String,
    },
    /// A backup code was used up; so many are left.
    BackupCodeUsed {
        name: String,
        left: u64,
        reset_link: String,
    },
    BackupCodesReplaced {
        name: String,
        reset_link: String,
    },
    PasskeyAdded {
        name: String,
        reset_link: String,
    },
    PasskeyRemoved {
        name: String,
        reset_link: String,
    },
    /// Invites its reader to an organization. Members chose its name, and the inviter's address is a proved one.
    OrganizationInvitation {
        name: String,
        organization: String,
        inviter: String,
        link: String,
        expires_in_minutes: u64,
    },
}

impl Message {
    /// Returns the stored name of the kind; also for logs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify_email",
            Self::Welcome { .. } => "welcome",
            Self::AccountExists { .. } => "account_exists",
            Self::ResetPassword { .. } => "reset_password",
            Self::PasswordChanged { .. } => "password_changed",
            Self::ChangeEmail { .. } => "change_email",
            Self::EmailChangeRequested { .. } => "email_change_requested",
            Self::EmailChanged { .. } => "email_changed",
            Self::ConsentEmailChange { .. } => "consent_email_change",
            Self::EmailChangedWithUndo { .. } => "email_changed_with_undo",
            Self::EmailChangeUndone { .. } => "email_change_undone",
            Self::DeleteUser { .. } => "delete_user",
            Self::UserDeleted { .. } => "user_deleted",
            Self::FailedSignIns { .. } => "failed_sign_ins",
            Self::NewDevice { .. } => "new_device",
            Self::Code { .. } => "code",
            Self::MagicLink { .. } => "magic_link",
            Self::TwoFactorCode { .. } => "two_factor_code",
            Self::TwoFactorEnabled { .. } => "two_factor_enabled",
            Self::TwoFactorDisabled { .. } => "two_factor_disabled",
            Self::BackupCodeUsed { .. } => "backup_code_used",
            Self::BackupCodesReplaced { .. } => "backup_codes_replaced",
            Self::PasskeyAdded { .. } => "passkey_added",
            Self::PasskeyRemoved { .. } => "passkey_removed",
            Self::OrganizationInvitation { .. } => "organization_invitation",
        }
    }

    /// Returns whom it greets, and the one link that it carries; an empty one where there is none.
    pub(super) fn name_and_link(&self) -> (&str, &str) {
        match self {
            Self::VerifyEmail { name, link, .. }
            | Self::Welcome { name, link, .. }
            | Self::ResetPassword { name, link, .. }
            | Self::ChangeEmail { name, link, .. }
            | Self::EmailChanged { name, link }
            | Self::ConsentEmailChange { name, link, .. }
            | Self::EmailChangedWithUndo { name, link }
            | Self::EmailChangeUndone { name, link }
            | Self::DeleteUser { name, link, .. }
            | Self::UserDeleted { name, link }
            | Self::NewDevice { name, link, .. }
            | Self::MagicLink { name, link, .. }
            | Self::OrganizationInvitation { name, link, .. }
            | Self::TwoFactorCode { name, link, .. }
            | Self::TwoFactorEnabled { name, reset_link: link }
            | Self::TwoFactorDisabled { name, reset_link: link }
            | Self::BackupCodeUsed { name, reset_link: link, .. }
            | Self::BackupCodesReplaced { name, reset_link: link }
            | Self::PasskeyAdded { name, reset_link: link }
            | Self::PasskeyRemoved { name, reset_link: link }
            | Self::AccountExists { name, sign_in_link: link }
            | Self::PasswordChanged { name, reset_link: link }
            | Self::EmailChangeRequested { name, reset_link: link, .. }
            | Self::FailedSignIns { name, reset_link: link } => (name, link),
            Self::Code { name, .. } => (name, ""),
        }
    }

    /// Returns how long what it carries works.
    pub(super) fn expires_in_minutes(&self) -> Option<u64> {
        match self {
            Self::VerifyEmail { expires_in_minutes, .. }
            | Self::Welcome { expires_in_minutes, .. }
            | Self::ResetPassword { expires_in_minutes, .. }
            | Self::ChangeEmail { expires_in_minutes, .. }
            | Self::ConsentEmailChange { expires_in_minutes, .. }
            | Self::DeleteUser { expires_in_minutes, .. }
            | Self::Code { expires_in_minutes, .. }
            | Self::MagicLink { expires_in_minutes, .. }
            | Self::TwoFactorCode { expires_in_minutes, .. }
            | Self::OrganizationInvitation { expires_in_minutes, .. } => Some(*expires_in_minutes),
            Self::AccountExists { .. }
            | Self::PasswordChanged { .. }
            | Self::EmailChangeRequested { .. }
            | Self::EmailChanged { .. }
            | Self::EmailChangedWithUndo { .. }
            | Self::EmailChangeUndone { .. }
            | Self::UserDeleted { .. }
            | Self::FailedSignIns { .. }
            | Self::NewDevice { .. }
            | Self::TwoFactorEnabled { .. }
            | Self::TwoFactorDisabled { .. }
            | Self::BackupCodeUsed { .. }
            | Self::BackupCodesReplaced { .. }
            | Self::PasskeyAdded { .. }
            | Self::PasskeyRemoved { .. } => None,
        }
    }

    /// Returns the link that the mail carries, if it does.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        Some(self.name_and_link().1).filter(|link| !link.is_empty())
    }
}

/// Writes the kind alone: links open accounts, names are personal.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.kind())
    }
}
