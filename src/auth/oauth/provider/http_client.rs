//! Calls providers (OAUTH-10): over TLS, to the end in five seconds, a mebibyte at most, no redirect followed, and few
//! at a time, so that a provider that is slow or gone takes nothing from anybody else.

use std::{sync::Arc, time::Duration};

use http::{Request, Response};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::{sync::Semaphore, time::timeout};

/// Limits the time to connect, and of the whole call.
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 1024 * 1024;
/// Limits the calls to one provider at a time.
pub(crate) const AT_ONCE: usize = 8;
/// Limits the wait for one of these calls to end.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(2);

/// Describes why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("too many calls to the provider are under way")]
    Busy,
    #[error("the provider cannot be reached, or does not answer in time")]
    Unreachable(#[source] reqwest::Error),
    #[error("the provider's answer is too long")]
    TooLong,
    #[error("the provider answered {0}")]
    Status(u16),
    #[error("another request had no answer of it")]
    Elsewhere,
    #[error("the provider says that it is not available")]
    Overloaded,
    #[error("the provider's answer is not the JSON that it should be")]
    Malformed,
}

/// Describes why there can be no calls at all.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the system's certificates cannot be used")]
    Tls(#[from] rustls::Error),
    #[error("the HTTP client cannot be built")]
    Client(#[from] reqwest::Error),
}

/// Makes one provider's calls.
#[derive(Debug)]
pub(crate) struct HttpClient {
    client: reqwest::Client,
    slots: Semaphore,
}

/// Returns the client that calls to others' servers share: this process's TLS with the system's authorities, no
/// redirects, seconds.
pub fn shared_client() -> Result<reqwest::Client, ClientError> {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .use_preconfigured_tls(tls)
        .user_agent(concat!("authgate/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(TIMEOUT)
        .timeout(TIMEOUT)
        // A code can be exchanged once: better a new connection than one that the other end has just closed.
        .pool_idle_timeout(Duration::from_secs(10))
        .build()?;
    Ok(client)
}

impl HttpClient {
    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self { client, slots: Semaphore::new(AT_ONCE) }
    }

    /// Sends a request and reads the whole response, whatever its status.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpError> {
        let Ok(Ok(_slot)) = timeout(MAX_WAIT, self.slots.acquire()).await else { return Err(HttpError::Busy) };
        // The URL is left out: its host is known, and nothing else of it belongs into a log.
        let unreachable = |error: reqwest::Error| HttpError::Unreachable(error.without_url());
        let request = reqwest::Request::try_from(request).map_err(unreachable)?;
        let mut response = self.client.execute(request).await.map_err(unreachable)?;
        let mut answer = Response::new(Vec::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if answer.body().len() + chunk.len() > MAX_BYTES {
                return Err(HttpError::TooLong);
            }
            answer.body_mut().extend_from_slice(&chunk);
        }
        Ok(answer)
    }

    /// Gets a JSON document, with a bearer token where one is given.
    pub(crate) async fn get_json(&self, url: &str, bearer: Option<&str>) -> Result<serde_json::Value, HttpError> {
        let mut request = Request::get(url).header(http::header::ACCEPT, "application/json");
        if let Some(token) = bearer {
            request = request.header(http::header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Vec::new()).map_err(|_| HttpError::Malformed)?;
        let response = self.send(request).await?;
        if response.status() != http::StatusCode::OK {
            return Err(HttpError::Status(response.status().as_u16()));
        }
        serde_json::from_slice(response.body()).map_err(|_| HttpError::Malformed)
    }
}
