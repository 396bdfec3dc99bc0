//! Lets operators make, see and revoke API keys of users and organizations. What a key may and how often is theirs alone to say.

use std::time::Duration;

use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{
        ApiKeySettings, KeyRateLimit,
        admin::{
            Administration, AdministrationError,
            administration::find_locked,
            operator::organizations::{self, OrganizationAdministrationError},
        },
        api_key::create::{detail, new_stored_key, permissions},
    },
    store::{
        api_keys::{self, StoredApiKey},
        audit::Event,
        retry_once,
        users::admin::{self, UserRef},
    },
    types::{ApiKey, ApiKeyId, ApiKeyOwner},
};

/// Names whose keys something is done with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKeyOwnerRef {
    User(UserRef),
    /// Is the id or the slug of an organization.
    Organization(String),
}

impl ApiKeyOwnerRef {
    async fn find(&self, connection: &mut PgConnection) -> Result<ApiKeyOwner, AdministrationError> {
        match self {
            Self::User(who) => {
                let found = admin::find(connection, who).await?.ok_or(AdministrationError::UnknownUser)?;
                Ok(ApiKeyOwner::User(found.user.id))
            }
            Self::Organization(name) => {
                let found = organizations::find(connection, name).await.map_err(unknown)?;
                Ok(ApiKeyOwner::Organization(found.id))
            }
        }
    }

    /// Finds the owner, who stays until the transaction ends.
    async fn find_locked(&self, connection: &mut PgConnection) -> Result<ApiKeyOwner, AdministrationError> {
        match self {
            Self::User(who) => Ok(ApiKeyOwner::User(find_locked(connection, who).await?.user.id)),
            Self::Organization(name) => {
                let found = organizations::find_locked(connection, name).await.map_err(unknown)?;
                Ok(ApiKeyOwner::Organization(found.id))
            }
        }
    }
}

fn unknown(error: OrganizationAdministrationError) -> AdministrationError {
    match error {
        OrganizationAdministrationError::Store(error) => error.into(),
        _ => AdministrationError::UnknownOrganization,
    }
}

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

/// Makes a key of a user or an organization, however many they have. The key itself is told here and nowhere else.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn create_key(
    administration: &Administration,
    settings: &ApiKeySettings,
    (who, new): (&ApiKeyOwnerRef, &OperatorApiKey),
    now: OffsetDateTime,
) -> Result<(StoredApiKey, ApiKey), AdministrationError> {
    let prefix = new.prefix.as_ref().unwrap_or(&settings.prefix);
    let key = ApiKey::generate(prefix);
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let owner = who.find_locked(&mut transaction).await?;
        let mut stored = StoredApiKey {
            name: new.name.clone(),
            expires_at: new.expires_in.or(settings.expires_in).map(|lifetime| now + lifetime),
            remaining: new.remaining.map(Into::into),
            refill_amount: new.refill.map(|(amount, _)| amount.into()),
            refill_interval_ms: new.refill.map(|(_, every)| milliseconds(every)),
            ..new_stored_key(owner, (prefix, &key), settings, now)
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
        let (user, _) = stored.owner.ids();
        administration.record(&mut transaction, Event::ApiKeyCreated, user, detail(&stored), now).await?;
        transaction.commit().await?;
        Ok((stored, key.clone()))
    })
    .await
}

fn milliseconds(duration: Duration) -> i64 {
    duration.as_millis().try_into().unwrap_or(i64::MAX)
}

/// Lists the keys of a user or an organization, oldest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_keys(
    administration: &Administration,
    who: &ApiKeyOwnerRef,
) -> Result<(ApiKeyOwner, Vec<StoredApiKey>), AdministrationError> {
    let mut connection = administration.db.acquire().await?;
    let owner = who.find(&mut connection).await?;
    let keys = api_keys::list(&mut connection, &owner).await?;
    Ok((owner, keys))
}

/// Describes the keys that were revoked.
#[derive(Debug)]
pub struct KeyRevocation {
    pub owner: ApiKeyOwner,
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
        if let ApiKeyOwner::User(user) = &found.owner {
            find_locked(&mut transaction, &UserRef::Id(user.clone())).await?;
        }
        if !api_keys::delete(&mut transaction, id).await? {
            return Err(AdministrationError::UnknownApiKey);
        }
        let (user, _) = found.owner.ids();
        administration.record(&mut transaction, Event::ApiKeyDeleted, user, detail(&found), now).await?;
        transaction.commit().await?;
        Ok(KeyRevocation { owner: found.owner, keys_revoked: 1 })
    })
    .await
}

/// Revokes every key of a user or an organization.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn revoke_keys(
    administration: &Administration,
    who: &ApiKeyOwnerRef,
    now: OffsetDateTime,
) -> Result<KeyRevocation, AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let owner = who.find_locked(&mut transaction).await?;
        let (keys_revoked, detail) = match &owner {
            ApiKeyOwner::User(user) => {
                let count = api_keys::delete_made_since(&mut transaction, user, None).await?;
                (count, json!({ "keys": count }))
            }
            ApiKeyOwner::Organization(organization) => {
                let count = api_keys::delete_of_organization(&mut transaction, organization).await?;
                (count, json!({ "keys": count, "organization": organization }))
            }
        };
        let (user, _) = owner.ids();
        administration.record(&mut transaction, Event::ApiKeyDeleted, user, detail, now).await?;
        transaction.commit().await?;
        Ok(KeyRevocation { owner, keys_revoked })
    })
    .await
}
