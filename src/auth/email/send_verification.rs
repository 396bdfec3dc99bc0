//! The mail that proves an address: queued at sign-up, at a sign-in before the proof, and on request.

use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{
        Auth, CallbackUrl, Client, DeviceCookie,
        email::link::{MailedLink, link_to, queue_link, whole_minutes},
        find_session,
        limits::mails::{Asker, MailLimit},
    },
    mail::Message,
    store::{
        StoreError, retry_once,
        users::{self, User},
        verifications::Purpose,
    },
    types::{Email, MailToken, SessionToken},
};

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

/// The browser that asks.
#[derive(Debug, Default, Clone, Copy)]
pub struct Asking<'a> {
    pub session: Option<&'a SessionToken>,
    pub device: Option<&'a DeviceCookie>,
}

/// Queues a fresh mail for an address that has an unverified account, and does not say whether it did, unless the
/// caller is signed in and asks for the wrong thing.
pub async fn send_verification(
    auth: &Auth,
    email: &Email,
    callback_url: Option<&CallbackUrl>,
    asking: Asking<'_>,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), SendVerificationError> {
    if let Some(token) = asking.session
        && let Some(found) = find_session(auth, token).await?
    {
        if found.user.email != *email {
            return Err(SendVerificationError::EmailMismatch);
        }
        if found.user.email_verified {
            return Err(SendVerificationError::AlreadyVerified);
        }
    }
    retry_once(|| async {
        let mut transaction = auth.db.begin().await?;
        if let Some(found) = users::find_with_password(&mut transaction, email).await?
            && !found.user.email_verified
        {
            let asker = Asker::new(&found, asking.device, client);
            queue_verification(auth, &mut transaction, &found.user, callback_url, asker, now).await?;
        }
        transaction.commit().await.map_err(StoreError::from)?;
        auth.outbox.wake();
        Ok(())
    })
    .await
}

/// Writes the token and the mail that carries it; older links end. Nothing happens beyond the usual limit; whether it
/// did is the answer.
pub(crate) async fn queue_verification(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    callback_url: Option<&CallbackUrl>,
    asker: Asker,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    queue(auth, connection, user, callback_url, MailLimit::asked(asker, now), now).await
}

/// The same for somebody who has a link already, as long as that one still works: nothing happens, and the mail that is
/// on its way keeps its use.
pub(crate) async fn queue_reminder(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    callback_url: Option<&CallbackUrl>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let limit = MailLimit::new(1, now - auth.settings.verification.expires_in);
    queue(auth, connection, user, callback_url, limit, now).await
}

async fn queue(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    callback_url: Option<&CallbackUrl>,
    limit: MailLimit<'_>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let expires_in = auth.settings.verification.expires_in;
    let link = MailedLink {
        purpose: Purpose::VerifyEmail,
        user: &user.id,
        to: &user.email,
        payload: json!({ "callbackURL": callback_url.map(CallbackUrl::as_str) }),
        expires_in,
    };
    // It leads to a page; nothing happens before its button is pressed.
    let message = |token: &MailToken| Message::VerifyEmail {
        name: user.name.clone(),
        link: link_to(auth, &format!("/verify-email/confirm?token={}", token.expose()), callback_url),
        expires_in_minutes: whole_minutes(expires_in),
    };
    queue_link(auth, connection, link, limit, message, now).await
}

/// Tells the owner of a verified account that somebody tried to sign up with the address (ENUM-03). Does the same
/// statements as a verification mail; the token goes nowhere, its row is what counts these mails.
pub(crate) async fn queue_account_exists(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let link = MailedLink {
        purpose: Purpose::AccountExists,
        user: &user.id,
        to: &user.email,
        payload: json!({}),
        expires_in: auth.settings.verification.expires_in,
    };
    let message =
        |_: &_| Message::AccountExists { name: user.name.clone(), sign_in_link: auth.settings.public_url.join("/") };
    queue_link(auth, connection, link, MailLimit::usual(now), message, now).await
}
