//! Holds `auth.social:` of gateway.yaml, compiled.

use std::{fmt, sync::Arc};

use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};

use crate::{
    crypto::jwt::{JwtEncoder, JwtKey},
    types::Secret,
};

/// Describes a provider as configured.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Is the key in gateway.yaml: it names the provider in paths, accounts and sessions.
    pub id: String,
    pub kind: ProviderKind,
    /// Says where the provider is, as configured or usual: an https URL, or http on loopback.
    pub issuer: String,
    /// Is the client that begins flows.
    pub client_id: String,
    /// Lists the clients of apps, whose id tokens are accepted when they bring them.
    pub further_client_ids: Vec<String>,
    /// Takes the place of the provider's usual ones.
    pub scopes: Option<Vec<String>>,
    /// Says whether the provider's tokens are kept, sealed, for `get-access-token`. Default false.
    pub store_tokens: bool,
}

/// Tells what protocol a provider speaks.
#[derive(Debug, Clone)]
pub enum ProviderKind {
    /// Is OpenID Connect with discovery.
    Oidc { client_secret: Secret },
    /// Is the same, for one Workspace domain where `hosted_domain` names it, or any where it is `*`.
    Google { client_secret: Secret, hosted_domain: Option<String> },
    /// Is no OpenID Connect: the profile is asked for.
    GitHub { client_secret: Secret },
    /// Is OpenID Connect without discovery; the client secret is signed on demand.
    Apple(AppleKey),
}

impl ProviderKind {
    pub const GOOGLE: &'static str = "https://accounts.google.com";
    pub const GITHUB: &'static str = "https://github.com";
    pub const APPLE: &'static str = "https://appleid.apple.com";

    pub(crate) fn usual_scopes(&self) -> &'static [&'static str] {
        match self {
            Self::Oidc { .. } | Self::Google { .. } => &["openid", "email", "profile"],
            Self::GitHub { .. } => &["read:user", "user:email"],
            Self::Apple(_) => &["name", "email"],
        }
    }
}

/// Means that the file from Apple is not a private key of the kind that Apple gives.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("is not an EC P-256 private key in PEM form, as in the .p8 file from Apple")]
pub struct InvalidAppleKey;

/// Is the key that signs Apple's client secrets.
#[derive(Clone)]
pub struct AppleKey {
    pub team_id: String,
    pub(crate) encoder: Arc<JwtEncoder>,
}

impl AppleKey {
    /// Takes the content of the .p8 file.
    pub fn parse(team_id: &str, key_id: &str, pem: &Secret) -> Result<Self, InvalidAppleKey> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| InvalidAppleKey)?;
        let key = JwtKey::from_es256_pkcs8(der.secret_pkcs8_der()).map_err(|_| InvalidAppleKey)?;
        // Apple's own examples have no `typ`.
        Ok(Self { team_id: team_id.to_owned(), encoder: Arc::new(JwtEncoder::without_type(key, key_id)) })
    }
}

impl fmt::Debug for AppleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppleKey")
    }
}
