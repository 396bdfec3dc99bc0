//! Shows the keys of whoever is signed in and those of their organizations, and lets them be changed and deleted.

use serde_json::Value;

use crate::{
    auth::{
        ApiKeyError, Auth, Flow, FoundSession,
        api_key::{
            create::{detail, expires_at},
            owner::{self, KeyAction},
        },
        audit::record::record_about,
        session::find::still_signed_in,
    },
    store::{
        StoreError,
        api_keys::{self, KeyChange, StoredApiKey},
        audit::{Event, Outcome},
        retry_once,
    },
    types::{ApiKeyId, ApiKeyOwner, OrganizationId, UserId},
};

/// Lists the keys of a user, oldest first.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %user))]
pub async fn list_api_keys(auth: &Auth, user: &UserId) -> Result<Vec<StoredApiKey>, StoreError> {
    api_keys::list(&mut *auth.db.acquire().await?, &ApiKeyOwner::User(user.clone())).await
}

/// Lists the keys of an organization, oldest first, for a member who may read them.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %user))]
pub async fn list_organization_api_keys(
    auth: &Auth,
    user: &UserId,
    organization: &OrganizationId,
) -> Result<Vec<StoredApiKey>, ApiKeyError> {
    let mut connection = auth.db.acquire().await?;
    owner::require(auth, &mut connection, (user, organization), KeyAction::Read).await?;
    Ok(api_keys::list(&mut connection, &ApiKeyOwner::Organization(organization.clone())).await?)
}

/// Finds a key of a user, or of an organization whose keys they may read.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %user))]
pub async fn find_api_key(auth: &Auth, user: &UserId, id: &ApiKeyId) -> Result<StoredApiKey, ApiKeyError> {
    owner::find(auth, &mut *auth.db.acquire().await?, (user, id), KeyAction::Read).await
}

/// Says what the owner changes; `None` leaves as it is.
#[derive(Debug, Clone, Default)]
pub struct ApiKeyUpdate<'a> {
    pub name: Option<&'a str>,
    pub enabled: Option<bool>,
    /// Is in seconds from now; `Some(None)` lets the key last.
    pub expires_in: Option<Option<u64>>,
    /// Is the new metadata; `Some(None)` takes it away.
    pub metadata: Option<Option<&'a Value>>,
}

/// Changes a key.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn update_api_key(
    flow: Flow<'_>,
    current: &FoundSession,
    id: &ApiKeyId,
    update: &ApiKeyUpdate<'_>,
) -> Result<StoredApiKey, ApiKeyError> {
    let expires_at = update.expires_in.map(|seconds| expires_at(seconds, None, flow.now)).transpose()?;
    let ApiKeyUpdate { name, enabled, metadata, .. } = *update;
    let change = KeyChange { name, enabled, expires_at, metadata };
    let user = &current.user.id;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        owner::find(flow.auth, &mut transaction, (user, id), KeyAction::Update).await?;
        let changed = api_keys::update(&mut transaction, id, &change, flow.now).await?;
        let changed = changed.ok_or(ApiKeyError::UnknownKey)?;
        let mut detail = detail(&changed);
        detail["enabled"] = changed.enabled.into();
        let event = (Event::ApiKeyUpdated, Outcome::Success);
        record_about(flow, &mut transaction, event, Some(user), detail).await?;
        transaction.commit().await?;
        Ok(changed)
    })
    .await
}

/// Deletes a key: the next request with it is rejected on every replica, and what is open with it ends.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn delete_api_key(flow: Flow<'_>, current: &FoundSession, id: &ApiKeyId) -> Result<(), ApiKeyError> {
    let user = &current.user.id;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let key = owner::find(flow.auth, &mut transaction, (user, id), KeyAction::Delete).await?;
        if !api_keys::delete(&mut transaction, id).await? {
            return Err(ApiKeyError::UnknownKey);
        }
        let event = (Event::ApiKeyDeleted, Outcome::Success);
        record_about(flow, &mut transaction, event, Some(user), detail(&key)).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}
