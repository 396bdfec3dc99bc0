//! Tells owners of a change to how they sign in: a mail, and a record in the audit log, in the transaction of the change.

use crate::{
    auth::{Flow, audit::record::record, email::link::link_to},
    mail::Message,
    store::{
        StoreError, Tx,
        audit::{Event, Outcome},
        users::User,
    },
};

/// Writes both. The message is made with the owner's name and the link to where they can set a new password.
pub(crate) async fn announce(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    (event, message): (Event, impl FnOnce(String, String) -> Message),
) -> Result<(), StoreError> {
    let message = message(user.name.clone(), link_to(flow.auth, "/reset-password/request", None));
    flow.auth.outbox.enqueue(transaction, &user.email, (&message, flow.reader(Some(&user.id))), flow.now).await?;
    record(flow, transaction, (event, Outcome::Success), Some(&user.id)).await
}
