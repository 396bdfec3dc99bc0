//! Shows operators the second factor of a user, and takes it away from whoever has lost everything.

use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{
        Settings,
        admin::administration::{Administration, AdministrationError, find_locked},
        email::link::link_of,
        session::end::end_sessions,
    },
    mail::{Message, Reader},
    store::{
        StoreError,
        audit::Event,
        passkeys::{self, Passkey},
        retry_once,
        two_factor::{
            self, TwoFactor, backup_codes,
            trusted_devices::{self, TrustedDevice},
        },
        users::admin::{self, UserRecord, UserRef},
    },
    types::UserId,
};

/// Describes what a user proves themselves with beside the first factor.
#[derive(Debug)]
pub struct Factors {
    /// Is `None` where nothing is set up.
    pub second: Option<Factor>,
    pub backup_codes: i64,
    /// Lists the passkeys, which are a way in by themselves and stay with a reset, oldest first.
    pub passkeys: Vec<Passkey>,
    /// Lists the browsers that are spared the second factor, newest first.
    pub trusted_browsers: Vec<TrustedDevice>,
}

/// Describes a second factor.
#[derive(Debug)]
pub struct Factor {
    /// Tells whether it is an authenticator app; otherwise codes are mailed.
    pub is_totp: bool,
    /// Is `None` where the first code was not proved yet: nobody is asked for it.
    pub enabled_at: Option<OffsetDateTime>,
}

/// Shows the second factor of a user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_factors(
    administration: &Administration,
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<(UserRecord, Factors), AdministrationError> {
    let mut connection = administration.db.acquire().await?;
    let record = admin::find(&mut connection, who).await?.ok_or(AdministrationError::UnknownUser)?;
    let factors = find(&mut connection, &record.user.id, now).await?;
    Ok((record, factors))
}

/// Describes what was taken away.
#[derive(Debug)]
pub struct FactorsReset {
    pub record: UserRecord,
    /// Describes them as they were.
    pub factors: Factors,
    pub sessions_ended: u64,
}

/// Takes the second factor of a user away with everything that belongs to it, and ends their sessions: whoever asks an
/// operator for it may be somebody else. The owner is told by mail. Without a second factor nothing changes.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn reset_factors(
    administration: &Administration,
    settings: &Settings,
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<FactorsReset, AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let record = find_locked(&mut transaction, who).await?;
        let user = &record.user;
        let factors = find(&mut transaction, &user.id, now).await?;
        if factors.second.is_none() {
            return Ok(FactorsReset { record, factors, sessions_ended: 0 });
        }
        two_factor::delete(&mut transaction, &user.id).await?;
        let sessions_ended = end_sessions(&mut transaction, &user.id, None, now).await?;
        let reset_link = link_of(settings, "/reset-password/request", None);
        let message = Message::TwoFactorDisabled { name: user.name.clone(), reset_link };
        administration
            .outbox
            .enqueue(&mut transaction, &user.email, (&message, Reader::absent(&user.id, &settings.languages)), now)
            .await?;
        let detail = json!({ "sessions": sessions_ended });
        administration.record(&mut transaction, Event::TwoFactorDisabled, Some(&user.id), detail, now).await?;
        transaction.commit().await?;
        Ok(FactorsReset { record, factors, sessions_ended })
    })
    .await
}

async fn find(connection: &mut PgConnection, user: &UserId, now: OffsetDateTime) -> Result<Factors, StoreError> {
    let second = two_factor::find(connection, user).await?;
    Ok(Factors {
        second: second.map(|TwoFactor { secret, enabled_at }| Factor { is_totp: secret.is_some(), enabled_at }),
        backup_codes: backup_codes::count(connection, user).await?,
        passkeys: passkeys::list_of_user(connection, user).await?,
        trusted_browsers: trusted_devices::list_of_user(connection, user, now).await?,
    })
}
