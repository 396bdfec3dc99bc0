//! Another address for an account: asked for by its owner, proved by a mail to the new address (MAIL-12).

use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    mail::Message,
    store::{
        Constraint, StoreError,
        audit::{Event, Outcome},
        retry_once, sessions,
        users::{self, User},
        verifications::{self, Purpose, Spent},
    },
    types::{Email, MailToken, SessionId, UserId},
};

use super::{
    Auth, CallbackUrl, Client, FoundSession, LimitError, RateClass, VerifiedEmail, VerifyEmailError,
    journal::record,
    limit_user,
    mailed_link::{MailLimit, MailedLink, callback_of, link_to, queue_link, whole_minutes},
};

/// Whatever was mailed to the old address.
const MAILED: [Purpose; 4] = [Purpose::VerifyEmail, Purpose::ResetPassword, Purpose::ChangeEmail, Purpose::DeleteUser];

/// Why no change was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ChangeEmailError {
    #[error("it is the account's address already")]
    SameEmail,
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Queues the mail that proves the new address, and a notice to the old one, which stays in force until then. Where the
/// new address has an account, the notice is all that is sent, and nobody can tell.
pub async fn change_email(
    auth: &Auth,
    new: &Email,
    callback_url: Option<&CallbackUrl>,
    asking: &FoundSession,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), ChangeEmailError> {
    let user = &asking.user;
    if user.email == *new {
        return Err(ChangeEmailError::SameEmail);
    }
    // Counted alone: nothing is guessed here, so there is no success that would clear it.
    let _ = limit_user(auth, RateClass::ChangeEmail, &user.id, client, now).await?;
    retry_once(|| queue_change(auth, new, callback_url, asking, client, now)).await
}

async fn queue_change(
    auth: &Auth,
    new: &Email,
    callback_url: Option<&CallbackUrl>,
    asking: &FoundSession,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), ChangeEmailError> {
    let user = &asking.user;
    let mut transaction = auth.db.begin().await?;
    users::find_locked(&mut transaction, &user.id).await?.ok_or(StoreError::UserGone)?;
    let is_taken = users::find_by_email(&mut transaction, new).await?.is_some();
    let expires_in = auth.settings.verification.expires_in;
    let payload = json!({
        "from": user.email,
        "to": new,
        "sessionId": asking.session.id,
        "callbackURL": callback_url.map(CallbackUrl::as_str),
    });
    let reset_link = link_to(auth, "/reset-password/request", None);
    let notice =
        Message::EmailChangeRequested { name: user.name.clone(), new_email: new.as_str().to_owned(), reset_link };
    let message = |token: &MailToken| Message::ChangeEmail {
        name: user.name.clone(),
        link: link_to(auth, &format!("/verify-email/confirm?token={}", token.expose()), callback_url),
        expires_in_minutes: whole_minutes(expires_in),
    };
    // For a taken address the same row is written, whose token goes nowhere, and the notice is the one mail.
    let (to, limit) = (if is_taken { &user.email } else { new }, MailLimit::usual(now));
    let link = MailedLink { purpose: Purpose::ChangeEmail, user: &user.id, to, payload, expires_in };
    let is_sent = if is_taken {
        queue_link(auth, &mut transaction, link, limit, |_| notice, now).await?
    } else {
        let is_sent = queue_link(auth, &mut transaction, link, limit, message, now).await?;
        if is_sent {
            auth.outbox.enqueue(&mut transaction, &user.email, &notice, now).await?;
        }
        is_sent
    };
    let outcome = match (is_taken, is_sent) {
        (true, _) => Outcome::AccountExists,
        (false, true) => Outcome::Success,
        (false, false) => Outcome::Refused,
    };
    record(&mut transaction, (Event::EmailChangeRequested, outcome), Some(&user.id), client, now).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    auth.outbox.wake();
    Ok(())
}

/// Makes the proved address the account's. In one transaction every session but the one that asked ends, whatever was
/// mailed before dies, and the old address is told. Of several requests with one token, one succeeds.
pub(super) async fn confirm_email_change(
    auth: &Auth,
    token: &MailToken,
    client: &Client,
    now: OffsetDateTime,
) -> Result<VerifiedEmail, VerifyEmailError> {
    retry_once(|| apply_link(auth, token, client, now)).await
}

async fn apply_link(
    auth: &Auth,
    token: &MailToken,
    client: &Client,
    now: OffsetDateTime,
) -> Result<VerifiedEmail, VerifyEmailError> {
    let token = token.hash();
    let mut connection = auth.db.acquire().await?;
    let Some(user) = verifications::find_user(&mut connection, Purpose::ChangeEmail, &token, now).await? else {
        let spent = verifications::delete_by_token(&mut connection, Purpose::ChangeEmail, &token).await?;
        record(&mut connection, (Event::EmailChanged, Outcome::InvalidToken), None, client, now).await?;
        let is_expired = spent.is_some_and(|spent| spent.expires_at <= now);
        return Err(if is_expired { VerifyEmailError::Expired } else { VerifyEmailError::Invalid });
    };
    drop(connection);
    let mut transaction = auth.db.begin().await?;
    // First of all, so that what happens to one account happens one after the other.
    users::find_locked(&mut transaction, &user.id).await?;
    let spent = verifications::delete_by_token(&mut transaction, Purpose::ChangeEmail, &token).await?;
    let changed = match spent {
        Some(spent) if spent.expires_at > now => apply(auth, &mut transaction, &user, &spent, client, now).await,
        _ => Err(VerifyEmailError::Invalid),
    };
    match changed {
        Ok(changed) => {
            transaction.commit().await.map_err(StoreError::from)?;
            auth.outbox.wake();
            Ok(changed)
        }
        Err(error @ (VerifyEmailError::Invalid | VerifyEmailError::Expired)) => {
            transaction.rollback().await.map_err(StoreError::from)?;
            refuse(auth, Outcome::InvalidToken, &user.id, client, now).await?;
            Err(error)
        }
        Err(VerifyEmailError::EmailTaken) => {
            transaction.rollback().await.map_err(StoreError::from)?;
            refuse(auth, Outcome::AccountExists, &user.id, client, now).await?;
            Err(VerifyEmailError::EmailTaken)
        }
        Err(error) => Err(error),
    }
}

async fn apply(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    spent: &Spent,
    client: &Client,
    now: OffsetDateTime,
) -> Result<VerifiedEmail, VerifyEmailError> {
    let (from, to) = (address(spent, "from")?, address(spent, "to")?);
    let changed = match users::update_email(connection, &user.id, &from, &to, now).await {
        Err(StoreError::Conflict(Constraint::UserEmail)) => return Err(VerifyEmailError::EmailTaken),
        // The account has got another address since: what was asked for is out of date.
        updated => updated?.ok_or(VerifyEmailError::Invalid)?,
    };
    let keep = spent.payload.get("sessionId").and_then(serde_json::Value::as_str);
    let keep: Option<SessionId> = keep.and_then(|id| id.parse().ok());
    sessions::delete_all_but(connection, &user.id, keep.as_ref()).await?;
    verifications::delete_of_user(connection, &user.id, &MAILED).await?;
    let notice = Message::EmailChanged { name: changed.name.clone(), link: auth.settings.public_url.join("/") };
    auth.outbox.enqueue(connection, &from, &notice, now).await?;
    record(connection, (Event::EmailChanged, Outcome::Success), Some(&user.id), client, now).await?;
    Ok(VerifiedEmail { changed: Some(changed), callback_url: callback_of(auth, &spent.payload), choose_password: None })
}

fn address(spent: &Spent, key: &str) -> Result<Email, VerifyEmailError> {
    let text = spent.payload.get(key).and_then(serde_json::Value::as_str);
    text.and_then(|text| text.parse().ok()).ok_or(VerifyEmailError::Invalid)
}

async fn refuse(
    auth: &Auth,
    outcome: Outcome,
    user: &UserId,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let mut connection = auth.db.acquire().await?;
    record(&mut connection, (Event::EmailChanged, outcome), Some(user), client, now).await
}
