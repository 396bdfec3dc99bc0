//! Reads what is stored about somebody and shown nowhere else, for the export of their own data.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::{Email, UserId},
};

/// Describes a kind of device that somebody signed in from.
#[derive(Debug)]
pub struct KnownDevice {
    pub device: String,
    pub last_seen_at: OffsetDateTime,
}

/// Lists the kinds of devices that somebody signed in from, the latest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_known_devices(connection: &mut PgConnection, user: &UserId) -> Result<Vec<KnownDevice>, StoreError> {
    let devices = sqlx::query_as!(
        KnownDevice,
        r#"
        select device, last_seen_at as "last_seen_at: Timestamp" from auth.known_devices
        where user_id = $1
        order by last_seen_at desc, device
        "#,
        user.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(devices)
}

/// Describes a change of somebody's address that can still be undone.
#[derive(Debug)]
pub struct FormerAddress {
    pub email: Email,
    pub changed_at: OffsetDateTime,
}

/// Lists the former addresses of somebody that are still known, the latest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_former_addresses(
    connection: &mut PgConnection,
    user: &UserId,
) -> Result<Vec<FormerAddress>, StoreError> {
    let addresses = sqlx::query_as!(
        FormerAddress,
        r#"
        select old_email as "email: Email", changed_at as "changed_at: Timestamp" from auth.email_changes
        where user_id = $1
        order by changed_at desc
        "#,
        user.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(addresses)
}
