//! Takes the proof of a new address, with which the change takes effect. The old address is told, and where it was the
//! owner's for sure, it gets a link that undoes the change (MAIL-15).

use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::{
    auth::{
        Flow, VerifiedEmail, VerifyEmailError,
        audit::record::{record, record_failure},
        email::{
            change::{RequestedChange, consent_to_email_change},
            link::link_to,
        },
        session::find::is_live,
    },
    mail::Message,
    store::{
        Constraint, StoreError, Tx,
        audit::{Event, Outcome},
        retry_once, sessions,
        users::{
            self, User, accounts, credentials,
            email_changes::{self, NewEmailChange},
        },
        verifications::{self, Purpose, Spent},
    },
    types::{MailToken, PasswordHash, SessionId, UserId},
};

/// This is how long the old address can undo a change.
const UNDO_EXPIRES_IN: Duration = Duration::days(7);
/// Tells how old a password without the proof of a mail has to be for the undo to bring it back.
const MIN_PASSWORD_AGE: Duration = Duration::days(1);

/// Lists whatever was mailed to the old address.
const MAILED: [Purpose; 10] = [
    Purpose::VerifyEmail,
    Purpose::ResetPassword,
    Purpose::ChangeEmail,
    Purpose::ConsentEmailChange,
    Purpose::DeleteUser,
    Purpose::SignInCode,
    Purpose::VerifyEmailCode,
    Purpose::ResetPasswordCode,
    Purpose::ChangeEmailCode,
    Purpose::MagicLink,
];

/// Makes the proved address the account's. In one transaction every session but the one that asked ends, whatever was
/// mailed before dies, and the old address is told. Of several requests with one token, one succeeds. A token that asks
/// the old address for its consent gives that consent, as clients know it (contract §3.5).
pub(crate) async fn confirm_email_change(flow: Flow<'_>, token: &MailToken) -> Result<VerifiedEmail, VerifyEmailError> {
    retry_once(|| apply_link(flow, token)).await
}

async fn apply_link(flow: Flow<'_>, token: &MailToken) -> Result<VerifiedEmail, VerifyEmailError> {
    let hash = token.hash();
    let mut connection = flow.auth.db.acquire().await?;
    let Some(user) = verifications::find_user(&mut connection, Purpose::ChangeEmail, &hash, flow.now).await? else {
        let spent = verifications::delete_by_token(&mut connection, Purpose::ChangeEmail, &hash).await?;
        drop(connection);
        if spent.is_none() {
            match consent_to_email_change(flow, token).await {
                Ok(()) => return Ok(VerifiedEmail { changed: None, session: None, choose_password: None }),
                Err(VerifyEmailError::Invalid) => {}
                Err(error) => return Err(error),
            }
        }
        record_failure(flow, (Event::EmailChanged, Outcome::InvalidToken), None).await?;
        let is_expired = spent.is_some_and(|spent| spent.expires_at <= flow.now);
        return Err(if is_expired { VerifyEmailError::Expired } else { VerifyEmailError::Invalid });
    };
    drop(connection);
    let mut transaction = flow.auth.db.begin().await?;
    // The lock comes first of all, so that what happens to one account happens one after the other.
    users::find_locked(&mut transaction, &user.id).await?;
    let spent = verifications::delete_by_token(&mut transaction, Purpose::ChangeEmail, &hash).await?;
    let changed = match spent {
        Some(spent) if spent.expires_at > flow.now => apply(flow, &mut transaction, &user.id, &spent).await,
        _ => Err(VerifyEmailError::Invalid),
    };
    match changed {
        Ok(changed) => {
            transaction.commit().await?;
            Ok(changed)
        }
        Err(error @ (VerifyEmailError::Invalid | VerifyEmailError::Expired)) => {
            transaction.rollback().await?;
            record_failure(flow, (Event::EmailChanged, Outcome::InvalidToken), Some(&user.id)).await?;
            Err(error)
        }
        Err(VerifyEmailError::EmailTaken) => {
            transaction.rollback().await?;
            record_failure(flow, (Event::EmailChanged, Outcome::AccountExists), Some(&user.id)).await?;
            Err(VerifyEmailError::EmailTaken)
        }
        Err(error) => Err(error),
    }
}

/// Makes the address that a spent token or code was mailed to the account's. The user has to be locked.
pub(crate) async fn apply(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &UserId,
    spent: &Spent,
) -> Result<VerifiedEmail, VerifyEmailError> {
    let change = RequestedChange::read(flow.auth, spent).ok_or(VerifyEmailError::Invalid)?;
    // The configuration may have changed since it was asked for.
    if !flow.auth.settings.sign_up.allows_address(&change.to) {
        return Err(VerifyEmailError::Invalid);
    }
    // The person who ended the session that asked did not want what it asked for.
    if !is_live(transaction, &change.session, user).await? {
        return Err(VerifyEmailError::Invalid);
    }
    // The account is read again, now that nobody else can change it. It may have got another address since: then what was asked
    // for is out of date.
    let former = users::find_by_email(transaction, &change.from).await?.filter(|found| found.id == *user);
    let former = former.ok_or(VerifyEmailError::Invalid)?;
    let changed = match users::update_email(transaction, user, &change.from, &change.to, flow.now).await {
        Err(StoreError::Conflict(Constraint::UserEmail)) => return Err(VerifyEmailError::EmailTaken),
        updated => updated?.ok_or(VerifyEmailError::Invalid)?,
    };
    if email_changes::is_reserved_for_other(transaction, &change.to, user).await? {
        return Err(VerifyEmailError::EmailTaken);
    }
    sessions::delete_all_but(transaction, user, Some(&change.session)).await?;
    verifications::delete_of_user(transaction, user, &MAILED).await?;
    // Somebody who comes back to an address has undone the change themselves: the address in between gets no say in it.
    let is_return = email_changes::delete_since_leaving(transaction, user, &change.to, flow.now).await? > 0;
    let name = changed.name.clone();
    let notice = if former.email_verified && !is_return {
        let link = keep_way_back(flow, transaction, (&former, &changed), &change.session).await?;
        Message::EmailChangedWithUndo { name, link }
    } else {
        // Nobody has ever proved that address: whoever reads its mail may be a stranger, and gets no key to the
        // account.
        Message::EmailChanged { name, link: flow.auth.settings.public_url.join("/") }
    };
    flow.auth.outbox.enqueue(transaction, &former.email, (&notice, flow.reader(Some(user))), flow.now).await?;
    record(flow, transaction, (Event::EmailChanged, Outcome::Success), Some(user)).await?;
    Ok(VerifiedEmail { changed: Some(changed), session: None, choose_password: None })
}

/// Writes down what the account was; the link that brings it back.
async fn keep_way_back(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    (former, changed): (&User, &User),
    session: &SessionId,
) -> Result<String, StoreError> {
    let token = MailToken::generate();
    let change = NewEmailChange {
        user_id: &changed.id,
        old_email: &former.email,
        new_email: &changed.email,
        password_hash: find_password_to_restore(connection, former, session, flow.now).await?,
        expires_at: flow.now + UNDO_EXPIRES_IN,
    };
    email_changes::insert(connection, &token.hash(), &change).await?;
    Ok(link_to(flow.auth, &format!("/change-email/undo?token={}", token.expose()), None))
}

/// Finds the password that the undo brings back: none that came after the session which asked was opened, and none that
/// came to the account within the last day unless a mail to the former address proves it. A thief of a session may have
/// set either.
async fn find_password_to_restore(
    connection: &mut PgConnection,
    user: &User,
    requesting_session: &SessionId,
    now: OffsetDateTime,
) -> Result<Option<PasswordHash>, StoreError> {
    let Some((id, hash)) = credentials::find(connection, &user.id).await? else { return Ok(None) };
    let own = accounts::list_of_user(connection, &user.id).await?;
    let live = sessions::list_active_of_user(connection, &user.id).await?;
    let credential = own.into_iter().find(|account| account.id == id);
    let requesting = live.into_iter().find(|listed| listed.session.id == *requesting_session);
    let (Some(credential), Some(requesting)) = (credential, requesting) else { return Ok(None) };
    let is_vouched_for = credential.created_at <= (now - MIN_PASSWORD_AGE).max(user.created_at)
        || credentials::is_proved(connection, &user.id).await?;
    let is_restorable = credential.updated_at <= requesting.session.created_at && is_vouched_for;
    Ok(is_restorable.then_some(hash))
}
