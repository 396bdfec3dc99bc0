//! Sets a first password, for who signed up in another way.

use crate::{
    auth::{
        Flow, FlowError, FoundSession,
        password::{notice::announce, proof::hash_new_password},
        session::find::still_signed_in,
    },
    store::{
        Constraint, StoreError,
        audit::Event,
        retry_once,
        users::credentials,
        verifications::{self, Purpose},
    },
    types::{AccountId, Password},
};

/// Describes why no password was set.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// It can be changed, by who knows it.
    #[error("the account has a password")]
    AlreadySet,
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for SetPasswordError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// Gives the user a password. Mailed reset links end; sessions go on, since none was opened with a password.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn set_password(flow: Flow<'_>, password: Password, current: &FoundSession) -> Result<(), SetPasswordError> {
    let user = &current.user;
    if credentials::find(&mut *flow.auth.db.acquire().await?, &user.id).await?.is_some() {
        return Err(SetPasswordError::AlreadySet);
    }
    let hash = hash_new_password(flow, password).await?;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        match credentials::insert(&mut transaction, &AccountId::generate(), &user.id, &hash, flow.now).await {
            Err(StoreError::Conflict(Constraint::ProviderAccount)) => return Err(SetPasswordError::AlreadySet),
            inserted => inserted?,
        }
        verifications::delete_of_user(&mut transaction, &user.id, &[Purpose::ResetPassword]).await?;
        announce(flow, &mut transaction, user, Event::PasswordSet).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}
