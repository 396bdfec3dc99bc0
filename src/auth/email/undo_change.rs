//! Leads back from a change of address, from the address that was left, for whoever did not want it (MAIL-15).

use crate::{
    auth::{
        Flow,
        audit::record::{record, record_failure},
        forget_failures,
        password::reset::insert_reset_token,
    },
    mail::Message,
    store::{
        Constraint, StoreError, Tx, api_keys,
        audit::{Event, Outcome},
        passkeys, retry_once, sessions,
        two_factor::{self, trusted_devices},
        users::{
            self, admin, credentials,
            email_changes::{self, EmailChange},
            identities,
        },
        verifications::{self, Purpose},
    },
    types::{AccountId, MailToken},
};

/// Describes why nothing was undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoEmailChangeError {
    /// The token was never made by us, was used, is too old, or was made void by the undoing of an earlier change.
    #[error("the token undoes nothing")]
    InvalidToken,
    /// This happens only by hand: the address is reserved as long as the link works.
    #[error("the address belongs to another account")]
    EmailTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Brings the old address back, as a verified one, and the password as it was before the change, unless it was too
/// young to be surely the owner's. Whatever came after the change ends: sessions, provider identities, mailed links,
/// passkeys, later changes of address and their ways back, the deletion of the account. What the answer holds lets the owner
/// choose a new password at once. Of several requests with one token, one succeeds.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn undo_email_change(flow: Flow<'_>, token: &MailToken) -> Result<MailToken, UndoEmailChangeError> {
    retry_once(|| spend(flow, token)).await
}

async fn spend(flow: Flow<'_>, token: &MailToken) -> Result<MailToken, UndoEmailChangeError> {
    let token = token.hash();
    let found = email_changes::find_user(&mut *flow.auth.db.acquire().await?, &token, flow.now).await?;
    let Some(user) = found else {
        record_failure(flow, (Event::EmailChangeUndone, Outcome::InvalidToken), None).await?;
        return Err(UndoEmailChangeError::InvalidToken);
    };
    let mut transaction = flow.auth.db.begin().await?;
    users::find_locked(&mut transaction, &user).await?;
    let change = email_changes::delete_by_token(&mut transaction, &token).await?;
    let undone = match change.filter(|change| change.expires_at > flow.now && change.user_id == user) {
        Some(change) => restore(flow, &mut transaction, &change).await,
        None => Err(UndoEmailChangeError::InvalidToken),
    };
    let outcome = match undone {
        Ok(reset) => {
            transaction.commit().await?;
            return Ok(reset);
        }
        Err(UndoEmailChangeError::InvalidToken) => Outcome::InvalidToken,
        Err(UndoEmailChangeError::EmailTaken) => Outcome::AccountExists,
        Err(UndoEmailChangeError::Store(_)) => return undone,
    };
    transaction.rollback().await?;
    record_failure(flow, (Event::EmailChangeUndone, outcome), Some(&user)).await?;
    undone
}

async fn restore(
    flow: Flow<'_>,
    transaction: &mut Tx,
    change: &EmailChange,
) -> Result<MailToken, UndoEmailChangeError> {
    let id = &change.user_id;
    // The user is locked, so nothing that hangs on them is changed meanwhile, whatever the order here.
    identities::delete_linked_since(transaction, id, change.changed_at).await?;
    match &change.password_hash {
        Some(hash) => credentials::upsert(transaction, &AccountId::generate(), id, hash, flow.now).await?,
        None => credentials::delete(transaction, id).await?,
    }
    let current = users::find_email_locked(transaction, id).await?;
    let current = current.ok_or(UndoEmailChangeError::InvalidToken)?;
    let user = match users::update_email(transaction, id, &current, &change.old_email, flow.now).await {
        Err(StoreError::Conflict(Constraint::UserEmail)) => return Err(UndoEmailChangeError::EmailTaken),
        updated => updated?.ok_or(UndoEmailChangeError::InvalidToken)?,
    };
    two_factor::delete_enabled_since(transaction, id, change.changed_at).await?;
    passkeys::delete_added_since(transaction, id, Some(change.changed_at)).await?;
    api_keys::delete_made_since(transaction, id, Some(change.changed_at)).await?;
    trusted_devices::delete_all_but(transaction, id, None).await?;
    sessions::delete_all_but(transaction, id, None).await?;
    verifications::delete_of_user(transaction, id, &Purpose::ALL).await?;
    email_changes::delete_since(transaction, id, change.changed_at).await?;
    if let Some(closed_at) = change.closed_at {
        admin::delete_ban(transaction, id, closed_at, flow.now).await?;
        email_changes::update_closed(transaction, id, None).await?;
    }
    forget_failures(transaction, &user.email, id).await?;
    // The one that it has now, and the one that it got by this change, where these are two.
    let mut told = vec![&current, &change.new_email];
    told.dedup();
    for told in told.into_iter().filter(|told| **told != user.email) {
        let message =
            Message::EmailChangeUndone { name: user.name.clone(), link: flow.auth.settings.public_url.join("/") };
        flow.auth.outbox.enqueue(transaction, told, (&message, flow.reader(Some(id))), flow.now).await?;
    }
    record(flow, transaction, (Event::EmailChangeUndone, Outcome::Success), Some(id)).await?;
    // The page that says it is done needs this: whoever changed the address may know the old password.
    Ok(insert_reset_token(flow, transaction, &user.id).await?)
}
