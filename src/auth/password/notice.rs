//! Writes what follows every new password: a mail to its owner and a record in the audit log, in the transaction that
//! writes it.

use crate::{
    auth::{Flow, announce},
    mail::Message,
    store::{StoreError, Tx, audit::Event, users::User},
};

/// Tells the owner, whoever changed it: the link leads to where a new one can be set.
pub(crate) async fn announce(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    event: Event,
) -> Result<(), StoreError> {
    let message = |name, reset_link| Message::PasswordChanged { name, reset_link };
    announce::announce(flow, transaction, user, (event, message)).await
}
