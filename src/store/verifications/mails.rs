//! Keeps the rows of mails, which also count how many somebody got (MAIL-13, MAIL-14). The row of a mail with a link
//! or a code makes it work; the row of a notice counts and nothing else, by the same statements.

use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{
        StoreError, Timestamp,
        verifications::{payload::Payload, purpose::Purpose},
    },
    types::{Email, UserId, VerificationId},
};

/// Describes a mail that is about to be sent.
#[derive(Debug)]
pub struct NewMail<'a> {
    pub id: VerificationId,
    pub purpose: Purpose,
    /// Is the hash of the link's token, or of the code with its row. `None` makes a row that nothing spends: a notice's,
    /// or that of a mail that nobody is to get, and nobody to tell.
    pub hash: Option<[u8; 32]>,
    /// Is `None` where the address has no account.
    pub user_id: Option<&'a UserId>,
    pub payload: Payload,
    /// The mail counts for this address.
    pub recipient: &'a Email,
    /// This client asked for it, where that is not the user.
    pub asked_by: Option<String>,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Describes a mail of the last day, as far as it counts for the next one.
#[derive(Debug, Clone)]
pub struct MailedBefore {
    /// The mail was asked for in the name of this user.
    pub is_of_user: bool,
    /// Tells whether it was sent to this recipient.
    pub is_to_recipient: bool,
    /// This client asked for it, where that is known.
    pub asked_by: Option<String>,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Waits for others who write mails to this recipient, and makes them wait until the transaction ends.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn lock_recipient(connection: &mut PgConnection, recipient: &Email) -> Result<(), StoreError> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('mail:' || $1, 0))", recipient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Lists what was mailed of a purpose since then to this recipient or, where one is given, for this user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_mailed_since(
    connection: &mut PgConnection,
    purpose: Purpose,
    (user, recipient): (Option<&UserId>, &Email),
    since: OffsetDateTime,
) -> Result<Vec<MailedBefore>, StoreError> {
    let recipient = hash_of(recipient);
    let mailed = sqlx::query_as!(
        MailedBefore,
        r#"
        select
            coalesce(user_id = $2, false) as "is_of_user!",
            (recipient_hash is not distinct from $3) as "is_to_recipient!",
            asked_by,
            created_at as "created_at: Timestamp", expires_at as "expires_at: Timestamp"
        from auth.verifications
        where purpose = $1 and created_at > $4 and (user_id = $2 or recipient_hash = $3)
        "#,
        purpose.as_str(),
        user.map(UserId::as_str),
        recipient.as_slice(),
        since,
    )
    .fetch_all(connection)
    .await?;
    Ok(mailed)
}

/// Writes the row of a mail.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_mailed(connection: &mut PgConnection, mail: &NewMail<'_>) -> Result<(), StoreError> {
    let recipient = hash_of(mail.recipient);
    let hash = mail.hash.unwrap_or_else(|| unspendable_hash(&mail.id));
    sqlx::query!(
        "
        insert into auth.verifications (
            id, purpose, token_hash, user_id, payload, created_at, expires_at, recipient_hash, asked_by
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ",
        mail.id.as_str(),
        mail.purpose.as_str(),
        hash.as_slice(),
        mail.user_id.map(UserId::as_str),
        mail.payload.to_json(),
        mail.created_at,
        mail.expires_at,
        recipient.as_slice(),
        mail.asked_by.as_deref(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(in crate::store) fn hash_of(recipient: &Email) -> [u8; 32] {
    Sha256::digest(recipient.as_str()).into()
}

/// Returns what stands in the place of a hash where there is neither token nor code: the column takes no null, and every
/// row's value has to differ. No token hashes to it, as none has a colon.
fn unspendable_hash(id: &VerificationId) -> [u8; 32] {
    Sha256::digest(format!("counted:{id}")).into()
}
