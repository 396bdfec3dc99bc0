//! Mails codes, and links that do as codes do.

use time::Duration;

use crate::{
    auth::{
        EmailOtpSettings, Flow,
        email::link::whole_minutes,
        limits::mails::{Asker, MailLimit},
    },
    mail::{CodeUse, Message},
    store::{
        StoreError, Tx,
        verifications::{self, NewMail, Payload, Purpose},
    },
    types::{Email, MailedCode, UserId, VerificationId},
};

/// Is the name of the key's purpose; part of the stored format.
pub const CODE_PURPOSE: &str = "mailed-codes";

/// Returns the settings; the routes are there only where there are some.
pub(crate) fn settings(flow: Flow<'_>) -> EmailOtpSettings {
    flow.auth.settings.email_otp.unwrap_or_default()
}

/// Returns what is hashed of a code: the row is part of it, so that two with the same code differ.
pub(crate) fn hashed_text(id: &VerificationId, code: &str) -> String {
    format!("{id}:{code}")
}

/// Describes a code to mail.
#[derive(Debug)]
pub(crate) struct CodeMail<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) to: &'a Email,
    pub(crate) user: Option<&'a UserId>,
    pub(crate) payload: Payload,
    /// Is what the code is mailed for, and whom the mail greets. `None` where nobody is to get a code and nobody is to
    /// tell: the same row is written, which no code spends.
    pub(crate) mailed: Option<(CodeUse, &'a str)>,
}

/// Writes the code's row and the mail; older codes of the purpose end. Nothing happens beyond the limit; whether it did is
/// the answer. The user has to be locked, where there is one.
pub(crate) async fn queue_code(
    flow: Flow<'_>,
    transaction: &mut Tx,
    mail: CodeMail<'_>,
    limit: &MailLimit<'_>,
) -> Result<bool, StoreError> {
    let settings = settings(flow);
    let (id, code) = (VerificationId::generate(), MailedCode::generate(settings.length));
    let hash = mail.mailed.is_some().then(|| flow.auth.codes.make(&hashed_text(&id, code.expose())));
    let message = mail.mailed.map(|(code_use, name)| Message::Code {
        name: name.to_owned(),
        code: code.expose().to_owned(),
        code_use,
        expires_in_minutes: whole_minutes(settings.expires_in),
    });
    let row = NewMail {
        id,
        purpose: mail.purpose,
        hash,
        user_id: mail.user,
        payload: mail.payload,
        recipient: mail.to,
        asked_by: limit.asker.as_ref().map(Asker::name),
        created_at: flow.now,
        expires_at: flow.now + settings.expires_in,
    };
    let of_user = mail.user.filter(|_| mail.purpose == Purpose::ChangeEmailCode);
    queue_mail(flow, transaction, QueuedMail { row, of_user, message }, limit).await
}

/// Describes a mail with a code or a link for an address that may have no account.
#[derive(Debug)]
pub(crate) struct QueuedMail<'a> {
    pub(crate) row: NewMail<'a>,
    /// Counts and replaces what this user asked for, rather than what was mailed to the address.
    pub(crate) of_user: Option<&'a UserId>,
    /// Is `None` where nobody is to get a mail.
    pub(crate) message: Option<Message>,
}

/// Writes the row and the mail; what was mailed for the purpose before ends. Nothing happens beyond the limit; whether it
/// did is the answer. The user has to be locked, where there is one.
pub(crate) async fn queue_mail(
    flow: Flow<'_>,
    transaction: &mut Tx,
    QueuedMail { row, of_user, message }: QueuedMail<'_>,
    limit: &MailLimit<'_>,
) -> Result<bool, StoreError> {
    verifications::lock_recipient(transaction, row.recipient).await?;
    let whom = (of_user, row.recipient);
    let mailed = verifications::list_mailed_since(transaction, row.purpose, whom, flow.now - Duration::DAY).await?;
    if !limit.allows(&mailed, flow.now) {
        return Ok(false);
    }
    let of = (row.purpose, row.recipient, of_user);
    verifications::update_other_codes_expired(transaction, of, &row.id).await?;
    verifications::insert_mailed(transaction, &row).await?;
    if let Some(message) = &message {
        flow.auth.outbox.enqueue(transaction, row.recipient, (message, flow.reader(row.user_id)), flow.now).await?;
    }
    Ok(true)
}
