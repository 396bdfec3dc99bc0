//! Says where the gateway is reached from outside.

use url::Url;

use crate::types::{Origin, OriginError};

/// Holds `server.public_url`: an origin and nothing else. Every link, redirect URI and cookie attribute is built from
/// this; nothing of a request ever is (MAIL-04, OAUTH-05).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: Origin,
    url: Url,
}

impl PublicUrl {
    /// Parses `https://app.example.com[:port]`.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let origin = Origin::parse(text)?;
        let url = Url::parse(origin.as_str()).map_err(|_| OriginError::Syntax)?;
        Ok(Self { origin, url })
    }

    /// Returns the origin.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Tells whether cookies can be `Secure` and carry the `__Host-` prefix.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Returns the host and, where it is not the scheme's default, port: what the `Host` header holds.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.origin.as_str().split_once("://").map_or("", |(_, authority)| authority)
    }

    /// Returns the host without port, as WebAuthn and cookies know it.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Returns an absolute URL for a path (with query) that begins with `/`.
    #[must_use]
    pub fn join(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.origin)
    }
}
