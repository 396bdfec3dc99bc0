//! Keeps `auth.trusted_devices`: browsers that need no second factor for a while.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::StoreError,
    types::{TokenHash, TrustedDeviceId, UserId},
};

/// Finds the trusted device of a user that one of the tokens names, and records its use.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_used(
    connection: &mut PgConnection,
    user: &UserId,
    tokens: &[TokenHash],
    now: OffsetDateTime,
) -> Result<Option<TrustedDeviceId>, StoreError> {
    let tokens: Vec<&[u8]> = tokens.iter().map(|token| token.as_bytes().as_slice()).collect();
    let found = sqlx::query_scalar!(
        r#"
        update auth.trusted_devices set last_used_at = greatest(last_used_at, $3)
        where user_id = $1 and token_hash = any($2) and expires_at > $3
        returning id as "id: TrustedDeviceId"
        "#,
        user.as_str(),
        &tokens as &[&[u8]],
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().next())
}
