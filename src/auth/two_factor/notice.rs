//! Tells owners what became of their second factor, in the transaction that changes it.

use crate::{
    auth::{Flow, announce},
    mail::Message,
    store::{StoreError, Tx, audit::Event, users::User},
};

/// Tells what happened, as the mail says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    Enabled,
    Disabled,
    /// Says how many are left.
    BackupCodeUsed(i64),
    BackupCodesReplaced,
}

/// Writes the mail and the record in the audit log.
pub(crate) async fn announce(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    notice: Notice,
) -> Result<(), StoreError> {
    let event = match notice {
        Notice::Enabled => Event::TwoFactorEnabled,
        Notice::Disabled => Event::TwoFactorDisabled,
        Notice::BackupCodeUsed(_) => Event::BackupCodeUsed,
        Notice::BackupCodesReplaced => Event::BackupCodesGenerated,
    };
    let message = |name, reset_link| match notice {
        Notice::Enabled => Message::TwoFactorEnabled { name, reset_link },
        Notice::Disabled => Message::TwoFactorDisabled { name, reset_link },
        Notice::BackupCodeUsed(left) => {
            Message::BackupCodeUsed { name, left: u64::try_from(left).unwrap_or_default(), reset_link }
        }
        Notice::BackupCodesReplaced => Message::BackupCodesReplaced { name, reset_link },
    };
    announce::announce(flow, transaction, user, (event, message)).await
}
