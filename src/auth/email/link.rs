//! Writes mails with a single-use link: the row that makes the link work and the mail that carries it, in one
//! transaction, not more often than the recipient can bear.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::{
    auth::{
        Auth, CallbackUrl, Flow, Settings,
        limits::mails::{Asker, MailLimit},
    },
    mail::Message,
    store::{
        StoreError, Tx, users,
        verifications::{self, NewMail, Payload, Purpose},
    },
    types::{Email, MailToken, TokenHash, UserId, VerificationId},
};

/// Describes what a link does, for whom, and where it is mailed.
#[derive(Debug)]
pub(crate) struct MailedLink<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) user: &'a UserId,
    pub(crate) to: &'a Email,
    /// The flow that spends the token needs to know this.
    pub(crate) payload: Payload,
    pub(crate) expires_in: std::time::Duration,
}

/// Writes the token's row and the mail, made from the token; older links of the purpose end. Nothing happens beyond the
/// limit, or where the user has another address since it was read; whether it did is the answer. Of several at once,
/// one comes after the other.
pub(crate) async fn queue_link(
    flow: Flow<'_>,
    transaction: &mut Tx,
    link: MailedLink<'_>,
    limit: MailLimit<'_>,
    message: impl FnOnce(&MailToken) -> Message,
) -> Result<bool, StoreError> {
    let token = MailToken::generate();
    queue(flow, transaction, link, limit, (Some(token.hash()), &message(&token))).await
}

/// Does the same for a mail without a link of its own. Its row counts it, and no token spends that row.
pub(crate) async fn queue_notice(
    flow: Flow<'_>,
    transaction: &mut Tx,
    link: MailedLink<'_>,
    limit: MailLimit<'_>,
    message: &Message,
) -> Result<bool, StoreError> {
    queue(flow, transaction, link, limit, (None, message)).await
}

async fn queue(
    flow: Flow<'_>,
    transaction: &mut Tx,
    link: MailedLink<'_>,
    limit: MailLimit<'_>,
    (token, message): (Option<TokenHash>, &Message),
) -> Result<bool, StoreError> {
    let recipient = limit.recipient.unwrap_or(link.to);
    // A request that is beyond the limit already is refused by reading, so that a flood does not wait for itself.
    if !has_room(transaction, &link, recipient, &limit, flow.now).await? {
        return Ok(false);
    }
    // The user first, as everywhere; the recipient too, where others may mail to them at the same time.
    let Some(current) = users::find_email_locked(transaction, link.user).await? else { return Ok(false) };
    if link.purpose == Purpose::ChangeEmail {
        verifications::lock_recipient(transaction, recipient).await?;
    } else if current != *link.to {
        // A link that was asked for while the address was being changed must not go to the old one.
        return Ok(false);
    }
    if !has_room(transaction, &link, recipient, &limit, flow.now).await? {
        return Ok(false);
    }
    let mail = NewMail {
        id: VerificationId::generate(),
        purpose: link.purpose,
        hash: token.map(|token| *token.as_bytes()),
        user_id: Some(link.user),
        payload: link.payload,
        recipient,
        asked_by: limit.asker.as_ref().map(Asker::name),
        created_at: flow.now,
        expires_at: flow.now + link.expires_in,
    };
    verifications::insert_mailed(transaction, &mail).await?;
    verifications::update_others_expired(transaction, link.user, mail.purpose, (&mail.id, mail.expires_at), flow.now)
        .await?;
    flow.auth.outbox.enqueue(transaction, link.to, (message, flow.reader(Some(link.user))), flow.now).await?;
    Ok(true)
}

async fn has_room(
    connection: &mut PgConnection,
    link: &MailedLink<'_>,
    recipient: &Email,
    limit: &MailLimit<'_>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let whom = (Some(link.user), recipient);
    let mailed = verifications::list_mailed_since(connection, link.purpose, whom, now - Duration::DAY).await?;
    Ok(limit.allows(&mailed, now))
}

/// Returns a link of the auth API, built from the configuration alone (MAIL-04): `path` below the base path, then the
/// target where there is one.
pub(crate) fn link_to(auth: &Auth, path: &str, callback_url: Option<&CallbackUrl>) -> String {
    link_of(&auth.settings, path, callback_url)
}

/// Does the same where there is no gateway around, as on the command line.
pub(crate) fn link_of(settings: &Settings, path: &str, callback_url: Option<&CallbackUrl>) -> String {
    let mut path = format!("{}{path}", settings.base_path);
    if let Some(callback_url) = callback_url {
        path.push_str(if path.contains('?') { "&callbackURL=" } else { "?callbackURL=" });
        path.extend(utf8_percent_encode(callback_url.as_str(), NON_ALPHANUMERIC));
    }
    settings.public_url.join(&path)
}

/// Returns where the link was asked to lead in the end, checked again against today's configuration.
pub(crate) fn callback_of(auth: &Auth, payload: Option<&Payload>) -> Option<CallbackUrl> {
    let text = payload?.callback_url()?;
    CallbackUrl::parse(text, &auth.settings.trusted_origins, &auth.settings.public_url).ok()
}

/// Returns how long a link works, as mails say it.
pub(crate) fn whole_minutes(duration: std::time::Duration) -> u64 {
    duration.as_secs().div_ceil(60)
}
