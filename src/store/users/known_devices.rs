//! Keeps `auth.known_devices`: what kinds of device each user has signed in from.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{store::StoreError, types::UserId};

/// Describes what was known of a device before it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    pub is_new: bool,
    /// The user has devices, this one included where it is not new.
    pub has_known: bool,
}

/// Records that a user signs in from a device. Of several at once from a new one, one finds it new.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn upsert(
    connection: &mut PgConnection,
    user: &UserId,
    device: &str,
    now: OffsetDateTime,
) -> Result<Noted, StoreError> {
    // xmax is 0 in a row that no statement has touched yet. The subquery does not see the row that is being written.
    let noted = sqlx::query_as!(
        Noted,
        r#"
        insert into auth.known_devices (user_id, device, last_seen_at)
        values ($1, $2, $3)
        on conflict (user_id, device) do update set last_seen_at = excluded.last_seen_at
        returning
            xmax = 0 as "is_new!",
            exists (select from auth.known_devices known where known.user_id = $1) as "has_known!"
        "#,
        user.as_str(),
        device,
        now,
    )
    .fetch_one(connection)
    .await?;
    Ok(noted)
}

/// Deletes the devices that a user was last seen with before then, and returns how many there were.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_unseen_since(
    connection: &mut PgConnection,
    user: &UserId,
    since: OffsetDateTime,
) -> Result<u64, StoreError> {
    let result =
        sqlx::query!("delete from auth.known_devices where user_id = $1 and last_seen_at < $2", user.as_str(), since,)
            .execute(connection)
            .await?;
    Ok(result.rows_affected())
}
