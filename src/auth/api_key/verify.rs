//! Tells what a key is worth, by the same rule as at the proxy, and counts the use.

use std::collections::BTreeMap;

use crate::{
    auth::Auth,
    sessions::QuotaExceeded,
    store::{
        StoreError,
        api_keys::{self, StoredApiKey},
        sessions::lookup,
    },
    types::{ApiKey, ApiKeyRejection, ApiKeyState, SessionKey, Told},
};

/// Says why a key does not do.
#[derive(Debug, thiserror::Error)]
pub enum VerifyApiKeyError {
    #[error("the key opens nothing")]
    Rejected(ApiKeyRejection),
    /// The key lacks something that was asked for.
    #[error("the key may not do this")]
    MissingScope,
    #[error("the key's uses are gone")]
    Exceeded(QuotaExceeded),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Verifies a key that a backend or a script was handed, and what it may: actions by resource.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn verify_api_key(
    auth: &Auth,
    text: &str,
    permissions: &BTreeMap<String, Vec<String>>,
) -> Result<StoredApiKey, VerifyApiKeyError> {
    use VerifyApiKeyError::{Exceeded, MissingScope, Rejected};
    let takes_foreign = auth.settings.cookie.better_auth.is_some();
    let foreign = |error| if takes_foreign { ApiKey::parse_foreign(text.as_bytes()) } else { Err(error) };
    let key = ApiKey::parse(text.as_bytes()).or_else(foreign).map_err(|_| Rejected(ApiKeyRejection::Invalid))?;
    let key = SessionKey::ApiKey(key.hash());
    let extension = auth.settings.session.extension();
    let told = Told { organization: auth.settings.organizations.is_some(), ..Told::default() };
    let mut found = lookup::list_active(&mut *auth.db.acquire().await?, &[&key], extension, &told).await?;
    let invalid = || Rejected(ApiKeyRejection::Invalid);
    let (_, session) = found.pop().ok_or_else(invalid)?;
    let grant = session.api_key().cloned().ok_or_else(invalid)?;
    match grant.state {
        ApiKeyState::Active => {}
        ApiKeyState::Disabled => return Err(Rejected(ApiKeyRejection::Disabled)),
        ApiKeyState::Expired => return Err(Rejected(ApiKeyRejection::Expired)),
    }
    let asked = permissions.iter().flat_map(|(resource, actions)| actions.iter().map(move |action| (resource, action)));
    let lacks = |(resource, action): (&String, &String)| !grant.scopes.contains(&format!("{resource}:{action}"));
    if asked.into_iter().any(lacks) {
        return Err(MissingScope);
    }
    auth.key_quotas.take(&session, &grant).await.map_err(Exceeded)?;
    api_keys::find(&mut *auth.db.acquire().await?, &grant.id).await?.ok_or_else(invalid)
}
