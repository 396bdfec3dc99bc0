//! Writes what follows every new password: a mail to its owner and a record in the audit log, in the transaction that
//! writes it.

use crate::{
    auth::{Flow, audit::record::record, email::link::link_to},
    mail::Message,
    store::{
        StoreError, Tx,
        audit::{Event, Outcome},
        users::User,
    },
};

/// Tells the owner, whoever changed it: the link leads to where a new one can be set.
pub(crate) async fn announce(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    event: Event,
) -> Result<(), StoreError> {
    let reset_link = link_to(flow.auth, "/reset-password/request", None);
    let message = Message::PasswordChanged { name: user.name.clone(), reset_link };
    flow.auth.outbox.enqueue(transaction, &user.email, &message, flow.now).await?;
    record(flow, transaction, (event, Outcome::Success), Some(&user.id)).await
}
