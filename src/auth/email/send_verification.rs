//! Sends the mail that proves an address: queued at sign-up, at a sign-in before the proof, and on request.

use crate::{
    auth::{
        CallbackUrl, DeviceCookie, Flow,
        email::link::{MailedLink, link_to, queue_link, queue_notice, whole_minutes},
        find_session,
        limits::mails::{Asker, MailLimit},
    },
    mail::Message,
    store::{
        StoreError, Tx, retry_once,
        users::{self, User},
        verifications::{Payload, Purpose},
    },
    types::{Email, MailToken, SessionToken},
};

/// Describes why no mail was requested. Only the owner of a session gets to see the first two.
#[derive(Debug, thiserror::Error)]
pub enum SendVerificationError {
    #[error("the address is not the signed-in user's")]
    EmailMismatch,
    #[error("the signed-in user's address is verified already")]
    AlreadyVerified,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Describes the browser that asks.
#[derive(Debug, Default, Clone, Copy)]
pub struct Asking<'a> {
    pub session: Option<&'a SessionToken>,
    pub device: Option<&'a DeviceCookie>,
}

/// Queues a fresh mail for an address that has an unverified account, and does not say whether it did, unless the
/// caller is signed in and asks for the wrong thing.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn send_verification(
    flow: Flow<'_>,
    email: &Email,
    callback_url: Option<&CallbackUrl>,
    asking: Asking<'_>,
) -> Result<(), SendVerificationError> {
    if let Some(token) = asking.session
        && let Some(found) = find_session(flow.auth, token).await?
    {
        if found.user.email != *email {
            return Err(SendVerificationError::EmailMismatch);
        }
        if found.user.email_verified {
            return Err(SendVerificationError::AlreadyVerified);
        }
    }
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        if let Some(found) = users::find_with_password(&mut transaction, email).await?
            && !found.user.email_verified
        {
            let asker = Asker::new(&found, asking.device, flow.client);
            queue_verification(flow, &mut transaction, &found.user, callback_url, asker).await?;
        }
        transaction.commit().await?;
        Ok(())
    })
    .await
}

/// Writes the token and the mail that carries it; older links end. Nothing happens beyond the usual limit; whether it
/// did is the answer.
pub(crate) async fn queue_verification(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    callback_url: Option<&CallbackUrl>,
    asker: Asker,
) -> Result<bool, StoreError> {
    queue(flow, transaction, user, callback_url, MailLimit::asked(asker, flow.now)).await
}

/// Does the same for somebody who has a link already, as long as that one still works: nothing happens, and the mail
/// that is on its way keeps its use.
pub(crate) async fn queue_reminder(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    callback_url: Option<&CallbackUrl>,
) -> Result<bool, StoreError> {
    let limit = MailLimit::new(1, flow.now - flow.auth.settings.verification.expires_in);
    queue(flow, transaction, user, callback_url, limit).await
}

async fn queue(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    callback_url: Option<&CallbackUrl>,
    limit: MailLimit<'_>,
) -> Result<bool, StoreError> {
    let expires_in = flow.auth.settings.verification.expires_in;
    let link = MailedLink {
        purpose: Purpose::VerifyEmail,
        user: &user.id,
        to: &user.email,
        payload: Payload::link(callback_url.map(CallbackUrl::as_str)),
        expires_in,
    };
    // It leads to a page; nothing happens before its button is pressed.
    let message = |token: &MailToken| Message::VerifyEmail {
        name: user.name.clone(),
        link: link_to(flow.auth, &format!("/verify-email/confirm?token={}", token.expose()), callback_url),
        expires_in_minutes: whole_minutes(expires_in),
    };
    queue_link(flow, transaction, link, limit, message).await
}

/// Tells the owner of a verified account that somebody tried to sign up with the address (ENUM-03). Does the same
/// statements as a verification mail.
pub(crate) async fn queue_account_exists(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
) -> Result<bool, StoreError> {
    let link = MailedLink {
        purpose: Purpose::AccountExists,
        user: &user.id,
        to: &user.email,
        payload: Payload::empty(),
        expires_in: flow.auth.settings.verification.expires_in,
    };
    let message =
        Message::AccountExists { name: user.name.clone(), sign_in_link: flow.auth.settings.public_url.join("/") };
    queue_notice(flow, transaction, link, MailLimit::usual(flow.now), &message).await
}
