//! Holds the providers that are configured, and the keys that seal what is kept of them.

use std::collections::BTreeMap;

use crate::{
    auth::oauth::provider::{
        client::Provider,
        error::OAuthError,
        http_client::{self, ClientError},
        settings::ProviderSettings,
    },
    crypto::{Keyring, Sealer},
    tasks::Tasks,
};

/// Is one of the names of the sealing keys' purposes; they are part of the stored format.
const STATE_PURPOSE: &str = "oauth-state";
/// Is what the key of stored tokens is for.
pub const PROVIDER_TOKEN_PURPOSE: &str = "provider-tokens";

/// Holds the configured providers.
#[derive(Debug)]
pub struct OAuth {
    providers: BTreeMap<String, Provider>,
    pub(crate) states: Sealer,
    pub(crate) tokens: Sealer,
    /// Refreshes of tokens, which outlive the requests that began them.
    pub(crate) refreshes: Tasks,
}

impl OAuth {
    /// Creates the clients, and calls nobody yet. Fails where the system's certificates cannot be read.
    pub fn new(settings: &[ProviderSettings], keyring: &Keyring, refreshes: Tasks) -> Result<Self, ClientError> {
        let mut providers = BTreeMap::new();
        if !settings.is_empty() {
            let client = http_client::shared_client()?;
            for settings in settings {
                providers.insert(settings.id.clone(), Provider::new(settings.clone(), client.clone()));
            }
        }
        let (states, tokens) = (keyring.sealer(STATE_PURPOSE), keyring.sealer(PROVIDER_TOKEN_PURPOSE));
        Ok(Self { providers, states, tokens, refreshes })
    }

    /// Tells whether a provider of this name is configured.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.providers.contains_key(id)
    }

    pub(crate) fn provider(&self, id: &str) -> Result<&Provider, OAuthError> {
        self.providers.get(id).ok_or(OAuthError::UnknownProvider)
    }
}
