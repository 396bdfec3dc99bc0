//! Tells owners what became of their passkeys, in the transaction that changes them.

use crate::{
    auth::{Flow, announce},
    mail::Message,
    store::{StoreError, Tx, audit::Event, users::User},
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
    let event = match notice {
        Notice::Added => Event::PasskeyAdded,
        Notice::Removed => Event::PasskeyRemoved,
    };
    let message = |name, reset_link| match notice {
        Notice::Added => Message::PasskeyAdded { name, reset_link },
        Notice::Removed => Message::PasskeyRemoved { name, reset_link },
    };
    announce::announce(flow, transaction, user, (event, message)).await
}
