//! Tells owners what became of their second factor, in the transaction that changes it.

use crate::{
    auth::{Flow, audit::record::record, email::link::link_to},
    mail::Message,
    store::{
        StoreError, Tx,
        audit::{Event, Outcome},
        users::User,
    },
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
    let (name, reset_link) = (user.name.clone(), link_to(flow.auth, "/reset-password/request", None));
    let (event, message) = match notice {
        Notice::Enabled => (Event::TwoFactorEnabled, Message::TwoFactorEnabled { name, reset_link }),
        Notice::Disabled => (Event::TwoFactorDisabled, Message::TwoFactorDisabled { name, reset_link }),
        Notice::BackupCodeUsed(left) => {
            let left = u64::try_from(left).unwrap_or_default();
            (Event::BackupCodeUsed, Message::BackupCodeUsed { name, left, reset_link })
        }
        Notice::BackupCodesReplaced => (Event::BackupCodesGenerated, Message::BackupCodesReplaced { name, reset_link }),
    };
    flow.auth.outbox.enqueue(transaction, &user.email, &message, flow.now).await?;
    record(flow, transaction, (event, Outcome::Success), Some(&user.id)).await
}
