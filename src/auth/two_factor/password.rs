//! Proves the password before a second factor is set up or changed.

use sqlx::PgConnection;

use crate::{
    auth::{
        Flow, FoundSession, RateClass, TwoFactorError,
        password::proof::{PasswordAttempt, PasswordProof},
    },
    store::{StoreError, users::credentials},
    types::Password,
};

/// Proves the password of whoever asks. Who has none shows instead that the session was opened or proved lately, and
/// gets `None`.
pub(crate) async fn prove_password(
    flow: Flow<'_>,
    current: &FoundSession,
    password: Option<&Password>,
) -> Result<Option<PasswordAttempt>, TwoFactorError> {
    let user = &current.user.id;
    let is_lately = current.is_proved_lately(&flow.auth.settings.session, flow.now);
    let without = || if is_lately { Ok(None) } else { Err(TwoFactorError::NotFresh) };
    let Some(password) = password else {
        let found = credentials::find(&mut *flow.auth.db.acquire().await?, user).await?;
        return if found.is_some() { Err(TwoFactorError::WrongPassword) } else { without() };
    };
    let attempt = match PasswordAttempt::begin(flow, RateClass::VerifyPassword, user).await {
        Ok(attempt) => attempt,
        // It is the password that is locked, not the second factor.
        Err(error) => return Err(TwoFactorError::Flow(error)),
    };
    match attempt.prove(flow, user, password).await.map_err(TwoFactorError::Flow)? {
        PasswordProof::Proved { .. } => Ok(Some(attempt)),
        PasswordProof::WrongPassword => Err(TwoFactorError::WrongPassword),
        PasswordProof::NoPassword => without(),
    }
}

/// Ends the row of wrong passwords, in the transaction of what follows the right one.
pub(crate) async fn succeeded(
    attempt: Option<&PasswordAttempt>,
    connection: &mut PgConnection,
) -> Result<(), StoreError> {
    match attempt {
        Some(attempt) => attempt.succeeded(connection).await,
        None => Ok(()),
    }
}
