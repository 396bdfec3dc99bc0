//! Signing in through others: OpenID Connect, and GitHub, which is none. Here flows begin and end, and it is decided whose
//! account an identity opens; what a provider says is believed only as far as it is signed or came over TLS from it.

pub(crate) mod authorization_request;
pub(crate) mod callback;
pub(crate) mod id_token_sign_in;
pub(crate) mod link_rules;
pub(crate) mod provider;
pub(crate) mod sealed_tokens;
pub(crate) mod state;
pub(crate) mod stored_tokens;
pub(crate) mod token_refresh;

use crate::{
    auth::{
        Auth,
        oauth::provider::{client::Provider, http_client},
    },
    crypto::Keyring,
    sessions::SameSite,
    tasks::Tasks,
};
use std::collections::BTreeMap;

pub use authorization_request::{Linking, Start, Started, start};
pub use callback::{Callback, CallbackFailure, CallbackOutcome, finish, look_ahead};
pub use id_token_sign_in::{IdToken, link_by_id_token, sign_in_by_id_token};
pub use link_rules::SignInContext;
pub use provider::endpoints::is_acceptable_issuer;
pub use provider::error::{Denied, DiscoveryError, OAuthError, ProviderError, TokenError};
pub use provider::http_client::shared_client as outgoing_client;
pub use provider::http_client::{ClientError, HttpError};
pub use provider::id_token::IdTokenError;
pub use provider::settings::{AppleKey, InvalidAppleKey, ProviderKind, ProviderSettings};
pub use state::{Targets, presented_browser};
pub use stored_tokens::{AccessToken, AccountInfo, access_token, account_info, refresh_token};

/// Names of the sealing keys' purposes; part of the stored format.
const STATE_PURPOSE: &str = "oauth-state";
const TOKEN_PURPOSE: &str = "provider-tokens";

/// The configured providers.
#[derive(Debug)]
pub struct OAuth {
    providers: BTreeMap<String, Provider>,
    states: crate::crypto::Sealer,
    tokens: crate::crypto::Sealer,
    /// Renewals of tokens, which outlive the requests that began them.
    renewals: Tasks,
}

impl OAuth {
    /// Calls nobody yet. Fails where the system's certificates cannot be read.
    pub fn new(settings: &[ProviderSettings], keyring: &Keyring, renewals: Tasks) -> Result<Self, ClientError> {
        let mut providers = BTreeMap::new();
        if !settings.is_empty() {
            let client = http_client::shared_client()?;
            for settings in settings {
                providers.insert(settings.id.clone(), Provider::new(settings.clone(), client.clone()));
            }
        }
        let (states, tokens) = (keyring.sealer(STATE_PURPOSE), keyring.sealer(TOKEN_PURPOSE));
        Ok(Self { providers, states, tokens, renewals })
    }

    /// Whether a provider of this name is configured.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.providers.contains_key(id)
    }

    fn provider(&self, id: &str) -> Result<&Provider, OAuthError> {
        self.providers.get(id).ok_or(OAuthError::UnknownProvider)
    }
}

/// Where a provider sends people back to: from the configuration alone (OAUTH-05).
fn redirect_uri(auth: &Auth, provider: &Provider) -> String {
    auth.settings.public_url.join(&format!("{}/callback/{}", auth.settings.base_path, provider.settings.id))
}

/// The `SameSite` of the cookie that ties flows to a browser. It has to come along from the provider, and to be set at
/// the call of a page of another site where sessions are.
#[must_use]
pub fn flow_same_site(session: SameSite) -> SameSite {
    match session {
        SameSite::Strict | SameSite::Lax => SameSite::Lax,
        SameSite::None => SameSite::None,
    }
}
