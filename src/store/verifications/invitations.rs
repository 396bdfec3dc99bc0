//! Keeps the rows of invitations. They belong to nobody yet: the hash of the address says whom one is for.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{
        StoreError,
        verifications::{mails::hash_of, payload::Payload, purpose::Purpose},
    },
    types::{Email, TokenHash, VerificationId},
};

/// Writes the row of an invitation.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_invitation(
    connection: &mut PgConnection,
    token: &TokenHash,
    email: &Email,
    (created_at, expires_at): (OffsetDateTime, OffsetDateTime),
) -> Result<(), StoreError> {
    let (id, recipient) = (VerificationId::generate(), hash_of(email));
    sqlx::query!(
        "
        insert into auth.verifications (id, purpose, token_hash, payload, created_at, expires_at, recipient_hash)
        values ($1, $2, $3, $4, $5, $6, $7)
        ",
        id.as_str(),
        Purpose::Invitation.as_str(),
        token.as_bytes().as_slice(),
        Payload::empty().to_json(),
        created_at,
        expires_at,
        recipient.as_slice(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns whether an invitation of the address is open; with a token, whether it is that one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn is_invited(
    connection: &mut PgConnection,
    email: &Email,
    token: Option<&TokenHash>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let recipient = hash_of(email);
    let is_invited = sqlx::query_scalar!(
        r#"
        select exists (
            select from auth.verifications
            where purpose = 'invitation' and recipient_hash = $1 and expires_at > $3
                and ($2::bytea is null or token_hash = $2)
        ) as "is_invited!"
        "#,
        recipient.as_slice(),
        token.map(|token| token.as_bytes().as_slice()),
        now,
    )
    .fetch_one(connection)
    .await?;
    Ok(is_invited)
}

/// Deletes the open invitations of an address, or of those the one with the token, and returns how many there were. Of
/// several requests at once that spend one, one finds it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_invitations(
    connection: &mut PgConnection,
    email: &Email,
    token: Option<&TokenHash>,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let recipient = hash_of(email);
    let result = sqlx::query!(
        "
        delete from auth.verifications
        where purpose = 'invitation' and recipient_hash = $1 and expires_at > $3
            and ($2::bytea is null or token_hash = $2)
        ",
        recipient.as_slice(),
        token.map(|token| token.as_bytes().as_slice()),
        now,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}
