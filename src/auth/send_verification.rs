//! The mail that proves an address: queued at sign-up, at a sign-in before the proof, and on request.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::{
    mail::Message,
    store::{
        StoreError,
        users::{self, User},
        verifications::{self, NewVerification, Purpose},
    },
    types::{Email, MailToken, SessionToken, VerificationId},
};

use super::{Auth, CallbackUrl, find_session};

/// Mails of a kind to one person, at most this many in this time; further ones are not sent, and nobody is told
/// (MAIL-13).
const LIMIT: i64 = 3;
const PERIOD: Duration = Duration::minutes(15);

/// Why no mail was asked for. Only the owner of a session gets to see the first two.
#[derive(Debug, thiserror::Error)]
pub enum SendVerificationError {
    #[error("the address is not the signed-in user's")]
    EmailMismatch,
    #[error("the signed-in user's address is verified already")]
    AlreadyVerified,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Queues a fresh mail for an address that has an unverified account, and does not say whether it did, unless the
/// caller is signed in and asks for the wrong thing.
pub async fn send_verification(
    auth: &Auth,
    email: &Email,
    callback_url: Option<&CallbackUrl>,
    signed_in: Option<&SessionToken>,
    now: OffsetDateTime,
) -> Result<(), SendVerificationError> {
    if let Some(token) = signed_in
        && let Some(found) = find_session(auth, token).await?
    {
        if found.user.email != *email {
            return Err(SendVerificationError::EmailMismatch);
        }
        if found.user.email_verified {
            return Err(SendVerificationError::AlreadyVerified);
        }
    }
    let mut transaction = auth.db.begin().await?;
    if let Some(user) = users::find_by_email(&mut transaction, email).await?
        && !user.email_verified
    {
        queue_verification(auth, &mut transaction, &user, callback_url, now).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    auth.outbox.wake();
    Ok(())
}

/// Writes the token and the mail that carries it; older links end. Nothing happens beyond [`LIMIT`]; whether it did is
/// the answer.
pub(super) async fn queue_verification(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    callback_url: Option<&CallbackUrl>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    queue_link(auth, connection, user, callback_url, (now - PERIOD, LIMIT), now).await
}

/// The same for somebody who has a link already, as long as that one still works: nothing happens, and the mail that is
/// on its way keeps its use.
pub(super) async fn queue_reminder(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    callback_url: Option<&CallbackUrl>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let since = now - auth.settings.verification.expires_in;
    queue_link(auth, connection, user, callback_url, (since, 1), now).await
}

async fn queue_link(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    callback_url: Option<&CallbackUrl>,
    limit: (OffsetDateTime, i64),
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let token = MailToken::generate();
    let payload = json!({ "callbackURL": callback_url.map(CallbackUrl::as_str) });
    let message = Message::VerifyEmail {
        name: user.name.clone(),
        link: verification_link(auth, &token, callback_url),
        expires_in_minutes: auth.settings.verification.expires_in.as_secs().div_ceil(60),
    };
    let row = new_row(auth, user, (Purpose::VerifyEmail, &token, payload), now);
    queue(auth, connection, user, &row, limit, &message).await
}

/// Tells the owner of a verified account that somebody tried to sign up with the address (ENUM-03). Does the same
/// statements as a verification mail.
pub(super) async fn queue_account_exists(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let message = Message::AccountExists { name: user.name.clone(), sign_in_link: auth.settings.public_url.join("/") };
    // The token goes nowhere; the row is what counts these mails.
    let token = MailToken::generate();
    let row = new_row(auth, user, (Purpose::AccountExists, &token, json!({})), now);
    queue(auth, connection, user, &row, (now - PERIOD, LIMIT), &message).await
}

fn new_row<'a>(
    auth: &Auth,
    user: &'a User,
    (purpose, token, payload): (Purpose, &MailToken, serde_json::Value),
    now: OffsetDateTime,
) -> NewVerification<'a> {
    NewVerification {
        id: VerificationId::generate(),
        purpose,
        token: token.hash(),
        user_id: &user.id,
        payload,
        created_at: now,
        expires_at: now + auth.settings.verification.expires_in,
    }
}

/// Writes row and mail, unless there were as many as the limit since its time.
async fn queue(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    row: &NewVerification<'_>,
    (since, limit): (OffsetDateTime, i64),
    message: &Message,
) -> Result<bool, StoreError> {
    let is_new = verifications::insert_below_limit(connection, row, since, limit).await?;
    if is_new {
        verifications::update_others_expired(connection, &user.id, row.purpose, &row.id, row.created_at).await?;
        auth.outbox.enqueue(connection, &user.email, message, row.created_at).await?;
    }
    Ok(is_new)
}

/// Built from the configuration alone (MAIL-04). It leads to a page; nothing happens before its button is pressed.
fn verification_link(auth: &Auth, token: &MailToken, callback_url: Option<&CallbackUrl>) -> String {
    let mut path = format!("{}/verify-email/confirm?token={}", auth.settings.base_path, token.expose());
    if let Some(callback_url) = callback_url {
        path.push_str("&callbackURL=");
        path.extend(utf8_percent_encode(callback_url.as_str(), NON_ALPHANUMERIC));
    }
    auth.settings.public_url.join(&path)
}
