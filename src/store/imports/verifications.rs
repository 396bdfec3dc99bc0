//! Writes imported links and codes. Each comes once: one that was used here does not come back with the next run.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};
use sqlx::PgConnection;
use time::{OffsetDateTime, serde::rfc3339};

use crate::{
    store::{
        StoreError,
        imports::rows,
        verifications::{Payload, Purpose, hash_of},
    },
    types::{Email, VerificationId},
};

/// Is a link or a code as the table takes it.
#[derive(Debug, Clone, Serialize)]
pub struct NewVerification {
    /// Is its id in the origin.
    pub source_id: String,
    #[serde(serialize_with = "id")]
    pub id: VerificationId,
    #[serde(serialize_with = "purpose")]
    pub purpose: Purpose,
    /// Is in hexadecimal digits.
    pub token_hash: String,
    pub user_id: String,
    pub payload: Payload,
    /// It was mailed there, and is found by that where it is a code.
    #[serde(serialize_with = "recipient", rename = "recipient_hash")]
    pub recipient: Option<Email>,
    pub tries: i16,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub expires_at: OffsetDateTime,
}

fn id<S: Serializer>(id: &VerificationId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.as_str())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references over")]
fn purpose<S: Serializer>(purpose: &Purpose, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(purpose.as_str())
}

#[expect(clippy::ref_option, reason = "serde hands references over")]
fn recipient<S: Serializer>(email: &Option<Email>, serializer: S) -> Result<S::Ok, S::Error> {
    let digits = |email: &Email| {
        hash_of(email).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    };
    email.as_ref().map(digits).serialize(serializer)
}

/// Says who has an address.
#[derive(Debug)]
pub struct Owner {
    pub email: String,
    pub user_id: String,
}

/// Lists who has these addresses, of those who came from the origin.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_owners(
    connection: &mut PgConnection,
    origin: &str,
    emails: &[String],
) -> Result<Vec<Owner>, StoreError> {
    let owners = sqlx::query_as!(
        Owner,
        "
        select email, id as user_id
        from auth.users
        where email = any($2) and exists (
            select from auth.imported_ids i where i.origin = $1 and i.kind = 'user' and i.local_id = users.id
        )
        ",
        origin,
        emails,
    )
    .fetch_all(connection)
    .await?;
    Ok(owners)
}

/// Adds links and codes that never came before, and returns the ids of those that are new.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    origin: &str,
    verifications: &[NewVerification],
) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        with r as (
            select *
            from jsonb_to_recordset($2) r (
                source_id text, id text, purpose text, token_hash text, user_id text, payload jsonb, recipient_hash text,
                tries smallint, created_at timestamptz, expires_at timestamptz
            )
        ),
        fresh as (
            insert into auth.imported_ids (origin, kind, source_id, local_id, is_merged)
            select $1, 'verification', source_id, id, false
            from r
            on conflict on constraint imported_ids_pkey do nothing
            returning source_id
        )
        insert into auth.verifications (
            id, purpose, token_hash, user_id, payload, recipient_hash, tries, foreign_tries, created_at, expires_at
        )
        select
            id, purpose, decode(token_hash, 'hex'), user_id, payload, decode(recipient_hash, 'hex'), tries, tries,
            created_at, expires_at
        from r
        join fresh using (source_id)
        on conflict do nothing
        returning id
        ",
        origin,
        rows(verifications) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}
