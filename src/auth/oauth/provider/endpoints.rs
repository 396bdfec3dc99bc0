//! Finds where a provider's endpoints are: fixed, or by its discovery document (OpenID Connect Discovery), which must speak
//! of the configured issuer and of nothing beside TLS.

use std::{net::IpAddr, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::{sync::Mutex, time::Instant};
use url::{Host, Url};

use crate::auth::oauth::provider::{
    error::{DiscoveryError, ProviderError},
    http_client::HttpClient,
    loggable::loggable,
    settings::{ProviderKind, ProviderSettings},
};

/// A document is asked for again after that.
const KEPT: Duration = Duration::from_hours(1);

/// Describes how a provider is called.
#[derive(Debug)]
pub(crate) struct Endpoints {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) keys: Option<Url>,
    pub(crate) userinfo: Option<Url>,
    /// Is what `iss` is beside a code (RFC 9207).
    pub(crate) response_issuer: String,
    /// The provider always sends it.
    pub(crate) sends_issuer: bool,
    /// The secret goes into the body of token requests rather than into their header.
    pub(crate) takes_secret_in_body: bool,
}

/// Tells whether a provider may be there: over TLS, or on this machine.
#[must_use]
pub fn is_acceptable_issuer(url: &Url) -> bool {
    let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    is_bare && (url.scheme() == "https" || is_loopback(url))
}

fn is_loopback(url: &Url) -> bool {
    let is_this_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_this_machine
}

/// Caches a discovery document, which is requested when it is needed.
#[derive(Debug, Default)]
pub(crate) struct EndpointCache(Mutex<Option<(Arc<Endpoints>, Instant)>>);

impl EndpointCache {
    pub(crate) async fn get(
        &self,
        settings: &ProviderSettings,
        http: &HttpClient,
    ) -> Result<Arc<Endpoints>, ProviderError> {
        let mut cached = self.0.lock().await;
        if let Some((endpoints, at)) = &*cached
            && at.elapsed() < KEPT
        {
            return Ok(Arc::clone(endpoints));
        }
        let issuer = settings.issuer.as_str();
        let endpoints = match &settings.kind {
            ProviderKind::GitHub { .. } => github(issuer),
            ProviderKind::Apple(_) => apple(issuer),
            ProviderKind::Google { .. } | ProviderKind::Oidc { .. } => {
                let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
                let document = http.get_json(&url, None).await;
                discovered(&document.map_err(ProviderError::unavailable("discovery document"))?, issuer)
            }
        };
        let endpoints = Arc::new(endpoints?);
        *cached = Some((Arc::clone(&endpoints), Instant::now()));
        Ok(endpoints)
    }
}

fn github(issuer: &str) -> Result<Endpoints, DiscoveryError> {
    let base = issuer.trim_end_matches('/');
    // GitHub Enterprise Server has its API on the same host.
    let user =
        if base == ProviderKind::GITHUB { "https://api.github.com/user" } else { &format!("{base}/api/v3/user") };
    Ok(Endpoints {
        authorization: fixed("authorization_endpoint", &format!("{base}/login/oauth/authorize"))?,
        token: fixed("token_endpoint", &format!("{base}/login/oauth/access_token"))?,
        keys: None,
        userinfo: Some(fixed("userinfo_endpoint", user)?),
        response_issuer: format!("{base}/login/oauth"),
        sends_issuer: false,
        takes_secret_in_body: true,
    })
}

fn apple(issuer: &str) -> Result<Endpoints, DiscoveryError> {
    let base = issuer.trim_end_matches('/');
    Ok(Endpoints {
        authorization: fixed("authorization_endpoint", &format!("{base}/auth/authorize"))?,
        token: fixed("token_endpoint", &format!("{base}/auth/token"))?,
        keys: Some(fixed("jwks_uri", &format!("{base}/auth/keys"))?),
        userinfo: None,
        response_issuer: issuer.to_owned(),
        sends_issuer: false,
        takes_secret_in_body: true,
    })
}

fn fixed(name: &'static str, text: &str) -> Result<Url, DiscoveryError> {
    Url::parse(text).map_err(|_| DiscoveryError::Endpoint(name))
}

fn discovered(document: &Value, issuer: &str) -> Result<Endpoints, DiscoveryError> {
    check_issuer(document, issuer)?;
    let may_be_plain = Url::parse(issuer).is_ok_and(|url| is_loopback(&url));
    let optional = |name: &str| {
        let url = Url::parse(document.get(name)?.as_str()?).ok()?;
        (url.scheme() == "https" || (may_be_plain && is_loopback(&url))).then_some(url)
    };
    let url = |name: &'static str| optional(name).ok_or(DiscoveryError::Endpoint(name));
    let methods = document.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
    Ok(Endpoints {
        authorization: url("authorization_endpoint")?,
        token: url("token_endpoint")?,
        keys: Some(url("jwks_uri")?),
        userinfo: optional("userinfo_endpoint"),
        response_issuer: issuer.to_owned(),
        sends_issuer: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
        // Without the list the standard means the header.
        takes_secret_in_body: methods.is_some_and(|methods| methods.iter().any(|name| name == "client_secret_post")),
    })
}

/// The document must be of exactly the configured issuer (Discovery §4.3). The error says what usually is the matter.
fn check_issuer(document: &Value, configured: &str) -> Result<(), DiscoveryError> {
    let found = document.get("issuer").and_then(Value::as_str);
    let found = found.ok_or_else(|| DiscoveryError::NoIssuer { configured: configured.to_owned() })?;
    if found == configured {
        return Ok(());
    }
    let hint = if found.trim_end_matches('/') == configured.trim_end_matches('/') {
        "; they differ in the slash at the end"
    } else if found.contains("{tenantid}") {
        "; the id of one tenant has to stand in it"
    } else if found.starts_with("https://sts.windows.net/") {
        "; that is version 1, whose issuer this is; version 2's ends in /v2.0"
    } else {
        ""
    };
    let found = loggable(found);
    Err(DiscoveryError::Issuer { found, configured: configured.to_owned(), hint })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn issuers_are_elsewhere_by_tls_only() {
        for (text, expected) in [
            ("https://id.example.com", true),
            ("https://id.example.com/realms/one/", true),
            ("http://localhost:9000", true),
            ("http://127.0.0.1:9000/x", true),
            ("http://[::1]:9000", true),
            ("http://id.example.com", false),
            ("http://localhost.example.com", false),
            ("http://10.0.0.1", false),
            ("https://id.example.com/?a=b", false),
            ("https://user@id.example.com/", false),
            ("ftp://localhost", false),
        ] {
            assert_eq!(is_acceptable_issuer(&Url::parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn a_document_speaks_of_its_issuer_and_of_tls() {
        let issuer = "https://id.example.com";
        let good = json!({
            "issuer": issuer,
            "authorization_endpoint": "https://id.example.com/authorize",
            "token_endpoint": "https://id.example.com/token",
            "jwks_uri": "https://keys.example.com/",
        });
        assert!(discovered(&good, issuer).is_ok_and(|endpoints| !endpoints.takes_secret_in_body));
        let both = |found: &str, hint: &str| {
            format!("its discovery document is of the issuer {found}, and gateway.yaml names {issuer}{hint}")
        };
        let no = |name: &str| format!("its discovery document has no {name}, or one that is no https URL");
        for (key, value, error) in [
            ("issuer", json!("https://evil.example.com"), both("https://evil.example.com", "")),
            (
                "issuer",
                json!("https://id.example.com/"),
                both("https://id.example.com/", "; they differ in the slash at the end"),
            ),
            (
                "issuer",
                json!("https://login.microsoftonline.com/{tenantid}/v2.0"),
                both("https://login.microsoftonline.com/{tenantid}/v2.0", "; the id of one tenant has to stand in it"),
            ),
            (
                "issuer",
                json!("https://sts.windows.net/1/"),
                both(
                    "https://sts.windows.net/1/",
                    "; that is version 1, whose issuer this is; version 2's ends in /v2.0",
                ),
            ),
            ("issuer", json!("a\nb"), both("ab", "")),
            ("issuer", json!(7), format!("its discovery document names no issuer, and gateway.yaml names {issuer}")),
            ("authorization_endpoint", json!("http://id.example.com/authorize"), no("authorization_endpoint")),
            ("token_endpoint", json!("http://localhost/token"), no("token_endpoint")),
            ("jwks_uri", json!("file:///etc/passwd"), no("jwks_uri")),
            ("jwks_uri", json!(7), no("jwks_uri")),
        ] {
            let mut bad = good.clone();
            bad[key] = value;
            assert_eq!(discovered(&bad, issuer).unwrap_err().to_string(), error, "{bad}");
        }
    }
}
