//! Holds what the handlers of every provider share.

use std::sync::Arc;

use url::Url;

use crate::dev::{
    provider::{apple_credentials::AppleCredentials, grants::Grants, protocol::Protocol},
    signing_key::SigningKey,
};

/// Holds what the providers share.
pub(super) struct Provider {
    pub(super) origin: String,
    pub(super) callbacks: String,
    pub(super) key: SigningKey,
    pub(super) grants: Grants,
    pub(super) apple: AppleCredentials,
}

impl Provider {
    /// Codes go to this gateway's own callbacks and nowhere else.
    pub(super) fn callback(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let is_own = url.origin().ascii_serialization() == self.origin && url.path().starts_with(&self.callbacks);
        (is_own && url.query().is_none()).then_some(url)
    }
}

/// Is one of them.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) provider: Arc<Provider>,
    pub(super) protocol: Protocol,
}

impl Endpoint {
    pub(super) fn issuer(&self) -> String {
        self.protocol.issuer(&self.provider.origin)
    }
}
