//! Keeps the rows of mailed codes. A code is found by whom it was mailed to, and compared with what stands in the place
//! of a token's hash.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{
        StoreError, Timestamp,
        verifications::{
            mails::hash_of,
            purpose::Purpose,
            spent::{Spent, SpentRow},
        },
    },
    types::{Email, UserId, VerificationId},
};

/// Describes the code that was mailed last.
#[derive(Debug)]
pub struct StoredCode {
    pub id: VerificationId,
    pub hash: Vec<u8>,
    pub user_id: Option<UserId>,
    pub asked_by: Option<String>,
    pub expires_at: OffsetDateTime,
}

/// Ends all codes of a purpose and recipient but the named one, with a user those that the user asked for: the newest
/// counts.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_other_codes_expired(
    connection: &mut PgConnection,
    (purpose, recipient, user): (Purpose, &Email, Option<&UserId>),
    keep: &VerificationId,
) -> Result<(), StoreError> {
    let recipient = hash_of(recipient);
    sqlx::query!(
        "
        update auth.verifications set expires_at = created_at
        where recipient_hash = $1 and purpose = $2 and id <> $3 and expires_at > created_at
            and ($4::text is null or user_id = $4)
        ",
        recipient.as_slice(),
        purpose.as_str(),
        keep.as_str(),
        user.map(UserId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the code that was mailed last and not replaced, with a user that the user asked for. It may be too old.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_code(
    connection: &mut PgConnection,
    (purpose, recipient, user): (Purpose, &Email, Option<&UserId>),
) -> Result<Option<StoredCode>, StoreError> {
    let recipient = hash_of(recipient);
    let found = sqlx::query_as!(
        StoredCode,
        r#"
        select
            id as "id: VerificationId", token_hash as hash, user_id as "user_id: UserId", asked_by,
            expires_at as "expires_at: Timestamp"
        from auth.verifications
        where recipient_hash = $1 and purpose = $2 and expires_at > created_at
            and ($3::text is null or user_id = $3)
        order by created_at desc, id desc
        limit 1
        "#,
        recipient.as_slice(),
        purpose.as_str(),
        user.map(UserId::as_str),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// Counts a try of a code before the code is compared. False where the tries are used up: of many at once, no more than
/// these get through.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_tried(
    connection: &mut PgConnection,
    id: &VerificationId,
    is_foreign: bool,
    max: i16,
) -> Result<bool, StoreError> {
    let result = sqlx::query!(
        "
        update auth.verifications
        set tries = tries + case when $2 then 0 else 1 end, foreign_tries = foreign_tries + case when $2 then 1 else 0 end
        where id = $1 and expires_at > created_at and case when $2 then foreign_tries else tries end < $3
        ",
        id.as_str(),
        is_foreign,
        max,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Gives a try back: the code was right, and goes on to be.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_untried(
    connection: &mut PgConnection,
    id: &VerificationId,
    is_foreign: bool,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.verifications
        set tries = tries - case when $2 then 0 else 1 end, foreign_tries = foreign_tries - case when $2 then 1 else 0 end
        where id = $1
        ",
        id.as_str(),
        is_foreign,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a code that was found too old, so that this is said once. It goes on to count as mailed.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_code_ended(connection: &mut PgConnection, id: &VerificationId) -> Result<(), StoreError> {
    sqlx::query!("update auth.verifications set expires_at = created_at where id = $1", id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Spends a code: of several requests at once with the same one, one gets the row (MAIL-02).
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_code(
    connection: &mut PgConnection,
    purpose: Purpose,
    id: &VerificationId,
    now: OffsetDateTime,
) -> Result<Option<Spent>, StoreError> {
    let spent = sqlx::query_as!(
        SpentRow,
        r#"
        delete from auth.verifications where id = $1 and purpose = $2 and expires_at > $3
        returning user_id as "user_id: UserId", payload, expires_at as "expires_at: Timestamp"
        "#,
        id.as_str(),
        purpose.as_str(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(spent.map(|row| row.read(purpose)))
}
