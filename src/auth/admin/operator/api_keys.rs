//! Lets operators make, see and revoke API keys of users. What a key may and how often is theirs alone to say.

use std::time::Duration;

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::{
        ApiKeySettings, KeyRateLimit,
        admin::{Administration, AdministrationError, administration::find_locked},
        api_key::create::{new_stored_key, permissions},
    },
    store::{
        api_keys::{self, StoredApiKey},
        audit::Event,
        retry_once,
        users::admin::{self, UserRef},
    },
    types::{ApiKey, ApiKeyId, UserId},
};

/// Says what a key is to be like; what is left out is as the configuration has it.
#[derive(Debug, Clone, Default)]
pub struct OperatorApiKey {
    pub name: Option<String>,
    pub prefix: Option<String>,
    pub expires_in: Option<Duration>,
    /// Lists what it may, as `resource:action`.
    pub scopes: Option<Vec<String>>,
    /// Counts its uses, and what they are filled up to how often.
    pub remaining: Option<u32>,
    pub refill: Option<(u32, Duration)>,
    /// Is `Some(None)` where its uses are not limited.
    pub rate_limit: Option<Option<KeyRateLimit>>,
}

/// Makes a key of a user, however many they have. The key itself is told here and nowhere else.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn create_key(
    administration: &Administration,
    settings: &ApiKeySettings,
    (who, new): (&UserRef, &OperatorApiKey),
    now: OffsetDateTime,
) -> Result<(StoredApiKey, ApiKey), AdministrationError> {
    let prefix = new.prefix.as_ref().unwrap_or(&settings.prefix);
    let key = ApiKey::generate(prefix);
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let user = find_locked(&mut transaction, who).await?.user.id;
        let mut stored = StoredApiKey {
            name: new.name.clone(),
            expires_at: new.expires_in.or(settings.expires_in).map(|lifetime| now + lifetime),
            remaining: new.remaining.map(Into::into),
            refill_amount: new.refill.map(|(amount, _)| amount.into()),
            refill_interval_ms: new.refill.map(|(_, every)| milliseconds(every)),
            ..new_stored_key(&user, (prefix, &key), settings, now)
        };
        if let Some(scopes) = &new.scopes {
            stored.permissions = permissions(scopes);
        }
        if let Some(limit) = new.rate_limit {
            let KeyRateLimit { limit, window } = limit.unwrap_or(KeyRateLimit::DEFAULT);
            stored.rate_limit_enabled = new.rate_limit.flatten().is_some();
            stored.rate_limit_max = limit.into();
            stored.rate_limit_window_ms = milliseconds(window);
        }
        api_keys::insert(&mut transaction, &stored, &key.hash()).await?;
        let detail = json!({ "key": stored.id });
        administration.record(&mut transaction, Event::ApiKeyCreated, Some(&user), detail, now).await?;
        transaction.commit().await?;
        Ok((stored, key.clone()))
    })
    .await
}

fn milliseconds(duration: Duration) -> i64 {
    duration.as_millis().try_into().unwrap_or(i64::MAX)
}

/// Lists a user's keys, oldest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_keys(
    administration: &Administration,
    who: &UserRef,
) -> Result<(UserId, Vec<StoredApiKey>), AdministrationError> {
    let mut connection = administration.db.acquire().await?;
    let user = admin::find(&mut connection, who).await?.ok_or(AdministrationError::UnknownUser)?.user.id;
    let keys = api_keys::list_of_user(&mut connection, &user).await?;
    Ok((user, keys))
}

/// Describes the keys that were revoked.
#[derive(Debug)]
pub struct KeyRevocation {
    pub user_id: UserId,
    pub keys_revoked: u64,
}

/// Revokes one key: the next request with it is rejected on every replica, and what is open with it ends.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn revoke_key(
    administration: &Administration,
    id: &ApiKeyId,
    now: OffsetDateTime,
) -> Result<KeyRevocation, AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let found = api_keys::find(&mut transaction, id).await?.ok_or(AdministrationError::UnknownApiKey)?;
        let user = find_locked(&mut transaction, &UserRef::Id(found.user_id)).await?.user.id;
        if !api_keys::delete(&mut transaction, &user, id).await? {
            return Err(AdministrationError::UnknownApiKey);
        }
        let detail = json!({ "key": id });
        administration.record(&mut transaction, Event::ApiKeyDeleted, Some(&user), detail, now).await?;
        transaction.commit().await?;
        Ok(KeyRevocation { user_id: user, keys_revoked: 1 })
    })
    .await
}

/// Revokes every key of a user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn revoke_keys(
    administration: &Administration,
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<KeyRevocation, AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let user = find_locked(&mut transaction, who).await?.user.id;
        let keys_revoked = api_keys::delete_made_since(&mut transaction, &user, None).await?;
        let detail = json!({ "keys": keys_revoked });
        administration.record(&mut transaction, Event::ApiKeyDeleted, Some(&user), detail, now).await?;
        transaction.commit().await?;
        Ok(KeyRevocation { user_id: user, keys_revoked })
    })
    .await
}
