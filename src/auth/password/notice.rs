//! What every new password is followed by: a mail to its owner and an entry in the journal, in the transaction that
//! writes it.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{Auth, Client, audit::record::record, email::link::link_to},
    mail::Message,
    store::{
        StoreError,
        audit::{Event, Outcome},
        users::User,
    },
};

/// Tells the owner, whoever changed it: the link leads to where a new one can be set. Call
/// [`crate::mail::Outbox::wake`] after the commit.
pub(crate) async fn announce(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    event: Event,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let reset_link = link_to(auth, "/reset-password/request", None);
    let message = Message::PasswordChanged { name: user.name.clone(), reset_link };
    auth.outbox.enqueue(connection, &user.email, &message, now).await?;
    record(connection, (event, Outcome::Success), Some(&user.id), client, now).await
}
