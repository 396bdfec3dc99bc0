//! Says where people go on after they signed in: where they came from, under the rules of callback URLs (REDIR-01).

use crate::auth::{self, CallbackUrl};

/// Holds such a target, which is a path of the gateway or on a trusted origin.
#[derive(Debug, Clone)]
pub(crate) struct RedirectTarget(CallbackUrl);

impl RedirectTarget {
    /// Parses the parameter `redirect`. What the rules do not allow is left out, so that people end up at home.
    pub(crate) fn parse(text: &str, settings: &auth::Settings) -> Option<Self> {
        CallbackUrl::parse(text, &settings.trusted_origins, &settings.public_url).ok().map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns its origin as a source of the content security policy, where it is another's.
    pub(crate) fn policy_source(&self) -> Option<String> {
        self.0.origin().map(|origin| origin.policy_source().to_owned())
    }
}
