//! Lets a deletion wait: while a former address can undo a change of address, whoever asks for the end of the account
//! may be the thief of it. For everybody the account is gone, but the former address can still bring it back (MAIL-15).

use crate::{
    auth::{Flow, audit::record::record, forget_failures},
    mail::Message,
    store::{
        StoreError, Tx,
        audit::{Event, Outcome},
        sessions,
        users::{
            self, User,
            admin::{self, Ban},
            email_changes,
        },
        verifications::{self, Purpose},
    },
    types::Email,
};

/// Operators see this reason.
const REASON: &str = "deleted by its user; a former address can still undo that";

/// Closes the account like a ban without an end, until the sweeper removes it or a former address takes it back. Its
/// present address is free for anybody; the former one stays reserved.
pub(crate) async fn close_account(
    flow: Flow<'_>,
    transaction: &mut Tx,
    (user, former): (&User, &Email),
) -> Result<(), StoreError> {
    let ban = Ban { since: flow.now, until: None, reason: Some(REASON.to_owned()) };
    admin::update_ban(transaction, &user.id, Some(&ban), flow.now).await?;
    email_changes::update_closed(transaction, &user.id, Some(flow.now)).await?;
    // The former address is taken by hand at worst; then the present address has to stay until the end.
    if users::find_by_email(transaction, former).await?.is_none() {
        users::update_email(transaction, &user.id, &user.email, former, flow.now).await?;
    }
    sessions::delete_all_but(transaction, &user.id, None).await?;
    verifications::delete_of_user(transaction, &user.id, &Purpose::ALL).await?;
    admin::delete_mail(transaction, &user.email).await?;
    forget_failures(transaction, &user.email, &user.id).await?;
    for told in [&user.email, former] {
        let message = Message::UserDeleted { name: user.name.clone(), link: flow.auth.settings.public_url.join("/") };
        flow.auth.outbox.enqueue(transaction, told, (&message, flow.reader(Some(&user.id))), flow.now).await?;
    }
    record(flow, transaction, (Event::UserDeleted, Outcome::Success), Some(&user.id)).await
}
