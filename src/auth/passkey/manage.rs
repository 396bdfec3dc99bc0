//! Shows the passkeys of whoever is signed in, and lets them be renamed and removed.

use crate::{
    auth::{
        Auth, Flow, FoundSession, ManagePasskeyError,
        audit::record::record,
        passkey::notice::{Notice, announce},
        session::find::still_signed_in,
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
        passkeys::{self, Passkey},
        retry_once,
        users::accounts,
    },
    types::{PasskeyId, UserId},
};

/// Lists the passkeys of a user, oldest first.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %user))]
pub async fn list_passkeys(auth: &Auth, user: &UserId) -> Result<Vec<Passkey>, StoreError> {
    passkeys::list_of_user(&mut *auth.db.acquire().await?, user).await
}

/// Renames a passkey.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn rename_passkey(
    flow: Flow<'_>,
    current: &FoundSession,
    id: &PasskeyId,
    name: &str,
) -> Result<Passkey, ManagePasskeyError> {
    let user = &current.user.id;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let renamed = passkeys::update_name(&mut transaction, user, id, name).await?;
        let renamed = renamed.ok_or(ManagePasskeyError::UnknownPasskey)?;
        record(flow, &mut transaction, (Event::PasskeyRenamed, Outcome::Success), Some(user)).await?;
        transaction.commit().await?;
        Ok(renamed)
    })
    .await
}

/// Removes a passkey, but never the last way to sign in: of two at once, the second finds itself with the last.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn remove_passkey(flow: Flow<'_>, current: &FoundSession, id: &PasskeyId) -> Result<(), ManagePasskeyError> {
    let user = &current.user;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let own = passkeys::count_of_user(&mut transaction, &user.id).await?;
        if !passkeys::delete(&mut transaction, &user.id, id).await? {
            return Err(ManagePasskeyError::UnknownPasskey);
        }
        if own <= 1 && !accounts::has_any(&mut transaction, &user.id).await? {
            return Err(ManagePasskeyError::LastWayIn);
        }
        announce(flow, &mut transaction, user, Notice::Removed).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}
