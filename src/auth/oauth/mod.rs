//! Signs people in through others: OpenID Connect, and GitHub, which is none. Here flows begin and end, and it is
//! decided whose account an identity opens; what a provider says is believed only as far as it is signed or came over
//! TLS from it.

pub(crate) mod authorization_request;
pub(crate) mod callback;
pub(crate) mod id_token_sign_in;
pub(crate) mod link_rules;
pub(crate) mod provider;
pub(crate) mod providers;
pub(crate) mod sealed_tokens;
pub(crate) mod state;
pub(crate) mod stored_tokens;
pub(crate) mod token_refresh;

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
pub use providers::{OAuth, PROVIDER_TOKEN_PURPOSE};
pub use state::{Targets, flow_same_site, presented_browser};
pub use stored_tokens::{AccessToken, AccountInfo, access_token, account_info, refresh_token};
