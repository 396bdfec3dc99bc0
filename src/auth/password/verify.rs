//! Proves a password once more, before something sensitive.

use crate::{
    auth::{
        Flow, FlowError, FoundSession, RateClass, Verified, password::proof::PasswordAttempt,
        session::find::still_signed_in,
    },
    store::{StoreError, retry_once, sessions, users::credentials},
    types::Password,
};

/// Describes why nothing is proved.
#[derive(Debug, thiserror::Error)]
pub enum VerifyPasswordError {
    /// The password is wrong, or the account has none.
    #[error("the password is another")]
    WrongPassword,
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for VerifyPasswordError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// Verifies a password against the user's; the session that asks counts as proved from then on. Failures are counted
/// like those of a sign-in.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn verify_password(
    flow: Flow<'_>,
    current: &FoundSession,
    password: &Password,
) -> Result<(), VerifyPasswordError> {
    let user = &current.user.id;
    let attempt = PasswordAttempt::begin(flow, RateClass::VerifyPassword, user).await?;
    // The response takes as long where there is no password.
    let stored = credentials::find(&mut *flow.auth.db.acquire().await?, user).await?.map(|(_, hash)| hash);
    if attempt.verify(flow, password, stored).await? == Verified::Mismatch {
        return Err(VerifyPasswordError::WrongPassword);
    }
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        sessions::update_proved(&mut transaction, &current.session.id, flow.now).await?;
        attempt.succeeded(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}
