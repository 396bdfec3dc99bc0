//! Where a provider's endpoints are: fixed, or by its discovery document (OpenID Connect Discovery), which must speak of
//! the configured issuer and of nothing beside TLS.

use std::{net::IpAddr, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::{sync::Mutex, time::Instant};
use url::{Host, Url};

use super::{
    http_client::{HttpClient, HttpError},
    settings::{ProviderKind, ProviderSettings},
};

/// A document is asked for again after that.
const KEPT: Duration = Duration::from_hours(1);

/// How a provider is spoken to.
#[derive(Debug)]
pub(super) struct Endpoints {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) keys: Option<Url>,
    pub(super) userinfo: Option<Url>,
    /// What `iss` is beside a code (RFC 9207).
    pub(super) response_issuer: String,
    /// The provider always sends it.
    pub(super) sends_issuer: bool,
    /// The secret goes into the body of token requests rather than into their header.
    pub(super) takes_secret_in_body: bool,
}

/// Whether a provider may be there: over TLS, or on this machine.
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

/// A discovery document, asked for when it is needed.
#[derive(Debug, Default)]
pub(super) struct EndpointCache(Mutex<Option<(Arc<Endpoints>, Instant)>>);

impl EndpointCache {
    pub(super) async fn get(
        &self,
        settings: &ProviderSettings,
        http: &HttpClient,
    ) -> Result<Arc<Endpoints>, HttpError> {
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
                discovered(&http.get_json(&url, None).await?, issuer)
            }
        };
        let endpoints = Arc::new(endpoints.ok_or(HttpError::NotJson)?);
        *cached = Some((Arc::clone(&endpoints), Instant::now()));
        Ok(endpoints)
    }
}

fn github(issuer: &str) -> Option<Endpoints> {
    let base = issuer.trim_end_matches('/');
    Some(Endpoints {
        authorization: Url::parse(&format!("{base}/login/oauth/authorize")).ok()?,
        token: Url::parse(&format!("{base}/login/oauth/access_token")).ok()?,
        keys: None,
        // GitHub Enterprise Server has its API on the same host.
        userinfo: Some(match base {
            ProviderKind::GITHUB => Url::parse("https://api.github.com/user").ok()?,
            _ => Url::parse(&format!("{base}/api/v3/user")).ok()?,
        }),
        response_issuer: format!("{base}/login/oauth"),
        sends_issuer: false,
        takes_secret_in_body: true,
    })
}

fn apple(issuer: &str) -> Option<Endpoints> {
    let base = issuer.trim_end_matches('/');
    Some(Endpoints {
        authorization: Url::parse(&format!("{base}/auth/authorize")).ok()?,
        token: Url::parse(&format!("{base}/auth/token")).ok()?,
        keys: Some(Url::parse(&format!("{base}/auth/keys")).ok()?),
        userinfo: None,
        response_issuer: issuer.to_owned(),
        sends_issuer: false,
        takes_secret_in_body: true,
    })
}

fn discovered(document: &Value, issuer: &str) -> Option<Endpoints> {
    if document.get("issuer")?.as_str()? != issuer {
        return None;
    }
    let may_be_plain = is_loopback(&Url::parse(issuer).ok()?);
    let url = |name: &str| {
        let url = Url::parse(document.get(name)?.as_str()?).ok()?;
        (url.scheme() == "https" || (may_be_plain && is_loopback(&url))).then_some(url)
    };
    let methods = document.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
    Some(Endpoints {
        authorization: url("authorization_endpoint")?,
        token: url("token_endpoint")?,
        keys: Some(url("jwks_uri")?),
        userinfo: url("userinfo_endpoint"),
        response_issuer: issuer.to_owned(),
        sends_issuer: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
        // Without the list the standard means the header.
        takes_secret_in_body: methods.is_some_and(|methods| methods.iter().any(|name| name == "client_secret_post")),
    })
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
        assert!(discovered(&good, issuer).is_some_and(|endpoints| !endpoints.takes_secret_in_body));
        for (key, value) in [
            ("issuer", json!("https://evil.example.com")),
            ("issuer", json!("https://id.example.com/")),
            ("authorization_endpoint", json!("http://id.example.com/authorize")),
            ("token_endpoint", json!("http://localhost/token")),
            ("jwks_uri", json!("file:///etc/passwd")),
            ("jwks_uri", json!(7)),
        ] {
            let mut bad = good.clone();
            bad[key] = value;
            assert!(discovered(&bad, issuer).is_none(), "{bad}");
        }
    }
}
