//! Keeps second factors: `auth.two_factors` and what belongs to it. Whoever writes here has locked the user.

pub mod challenges;
pub mod trusted_devices;

use sqlx::PgConnection;

use crate::{store::StoreError, types::UserId};

/// Describes a second factor that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnabledFactor {
    /// Tells whether there is an authenticator app; otherwise codes are mailed.
    pub has_totp: bool,
}

/// Finds out whether a user's sign-in needs a second factor.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_enabled(connection: &mut PgConnection, user: &UserId) -> Result<Option<EnabledFactor>, StoreError> {
    let found = sqlx::query_as!(
        EnabledFactor,
        r#"
        select secret is not null as "has_totp!" from auth.two_factors where user_id = $1 and enabled_at is not null
        "#,
        user.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}
