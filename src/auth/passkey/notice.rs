//! Tells owners what became of their passkeys, in the transaction that changes them.

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
pub(super) enum Notice {
    Added,
    Removed,
}

/// Writes the mail and the record in the audit log. The mail does not name the passkey: whoever is signed in chooses the
/// name.
pub(super) async fn announce(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    notice: Notice,
) -> Result<(), StoreError> {
    let (name, reset_link) = (user.name.clone(), link_to(flow.auth, "/reset-password/request", None));
    let (event, message) = match notice {
        Notice::Added => (Event::PasskeyAdded, Message::PasskeyAdded { name, reset_link }),
        Notice::Removed => (Event::PasskeyRemoved, Message::PasskeyRemoved { name, reset_link }),
    };
    flow.auth.outbox.enqueue(transaction, &user.email, &message, flow.now).await?;
    record(flow, transaction, (event, Outcome::Success), Some(&user.id)).await
}
