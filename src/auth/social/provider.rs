//! One provider: where people are sent, and what is asked with what they bring back.

use std::{fmt, sync::Arc, time::Duration};

use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret as OauthSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    Scope, StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::time::timeout;
use url::Url;

use crate::types::{FlowSecret, StateToken};

use super::{
    apple,
    endpoints::{EndpointCache, Endpoints},
    http_client::{HttpClient, HttpError},
    id_token::{self, Claims, Expected, IdTokenError},
    jwks::KeyCache,
    profile::Profile,
    settings::{ProviderKind, ProviderSettings},
};

/// All that is asked of a provider for one request of ours.
const LONGEST: Duration = Duration::from_secs(10);

/// Why a provider does not tell who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Down, slow, overrun, or talking nonsense.
    #[error("the provider is of no use now")]
    Unavailable(#[from] HttpError),
    /// It said no to the code or the refresh token, with its own word for it.
    #[error("the provider refused: {0}")]
    Refused(String),
    #[error("the id token does not hold")]
    IdToken(#[from] IdTokenError),
    #[error("the provider told nothing to know somebody by")]
    NoProfile,
}

/// A provider, with what it said lately.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) settings: ProviderSettings,
    http: HttpClient,
    endpoints: EndpointCache,
    keys: KeyCache,
    apple_secret: apple::ClientSecret,
}

/// What a flow is begun with.
#[derive(Debug)]
pub(super) struct Departure<'a> {
    pub(super) state: &'a StateToken,
    pub(super) verifier: &'a FlowSecret,
    pub(super) nonce: &'a FlowSecret,
    pub(super) redirect_uri: &'a str,
    pub(super) further_scopes: &'a [String],
    pub(super) login_hint: Option<&'a str>,
}

/// What comes back.
#[derive(Debug)]
pub(super) struct Arrival<'a> {
    pub(super) code: &'a str,
    pub(super) verifier: &'a str,
    pub(super) nonce: &'a str,
    pub(super) redirect_uri: &'a str,
    /// Apple's field beside the code.
    pub(super) user: Option<&'a str>,
}

/// Beside RFC 6749's fields.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct FurtherFields {
    pub(super) id_token: Option<String>,
    /// In seconds; GitHub's.
    pub(super) refresh_token_expires_in: Option<i64>,
}

impl ExtraTokenFields for FurtherFields {}

impl fmt::Debug for FurtherFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FurtherFields")
    }
}

pub(super) type Tokens = StandardTokenResponse<FurtherFields, BasicTokenType>;

type Client = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl Provider {
    pub(super) fn new(settings: ProviderSettings, client: reqwest::Client) -> Self {
        Self {
            settings,
            http: HttpClient::new(client),
            endpoints: EndpointCache::default(),
            keys: KeyCache::default(),
            apple_secret: apple::ClientSecret::default(),
        }
    }

    pub(super) async fn endpoints(&self) -> Result<Arc<Endpoints>, HttpError> {
        within(self.endpoints.get(&self.settings, &self.http)).await
    }

    /// Where to send somebody.
    pub(super) async fn authorization_url(
        &self,
        departure: &Departure<'_>,
        now: OffsetDateTime,
    ) -> Result<Url, ProviderError> {
        let endpoints = self.endpoints().await?;
        let client = self.client(&endpoints, now);
        let redirect = redirect_url(departure.redirect_uri);
        let verifier = PkceCodeVerifier::new(departure.verifier.expose().to_owned());
        let usual = self.settings.kind.usual_scopes().iter().map(|scope| (*scope).to_owned());
        let scopes = self.settings.scopes.clone().unwrap_or_else(|| usual.collect());
        let further = departure.further_scopes.iter().filter(|scope| !scopes.contains(scope));
        let mut request = client
            .authorize_url(|| CsrfToken::new(departure.state.expose().to_owned()))
            .set_redirect_uri(std::borrow::Cow::Owned(redirect))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(scopes.iter().chain(further).cloned().map(Scope::new));
        if self.has_id_tokens() {
            request = request.add_extra_param("nonce", departure.nonce.expose());
        }
        if let Some(hint) = departure.login_hint {
            request = request.add_extra_param("login_hint", hint);
        }
        match &self.settings.kind {
            ProviderKind::Apple(_) => request = request.add_extra_param("response_mode", "form_post"),
            ProviderKind::Google { hosted_domain, .. } => {
                if let Some(domain) = hosted_domain {
                    request = request.add_extra_param("hd", domain);
                }
                if self.settings.store_tokens {
                    // There is no refresh token otherwise.
                    request = request.add_extra_param("access_type", "offline");
                }
            }
            ProviderKind::Oidc { .. } | ProviderKind::GitHub { .. } => {}
        }
        Ok(request.url().0)
    }

    /// Exchanges the code, once, and learns whose it is.
    pub(super) async fn arrive(
        &self,
        arrival: &Arrival<'_>,
        now: OffsetDateTime,
    ) -> Result<(Profile, Tokens), ProviderError> {
        within(async {
            let endpoints = self.endpoints.get(&self.settings, &self.http).await?;
            let tokens = self
                .client(&endpoints, now)
                .exchange_code(AuthorizationCode::new(arrival.code.to_owned()))
                .set_pkce_verifier(PkceCodeVerifier::new(arrival.verifier.to_owned()))
                .set_redirect_uri(std::borrow::Cow::Owned(redirect_url(arrival.redirect_uri)))
                .request_async(&self.http)
                .await
                .map_err(refusal)?;
            let profile = self.profile(&endpoints, &tokens, arrival, now).await?;
            Ok((profile, tokens))
        })
        .await
    }

    async fn profile(
        &self,
        endpoints: &Endpoints,
        tokens: &Tokens,
        arrival: &Arrival<'_>,
        now: OffsetDateTime,
    ) -> Result<Profile, ProviderError> {
        let access = tokens.access_token().secret();
        if let ProviderKind::GitHub { .. } = self.settings.kind {
            return self.github_profile(endpoints, access).await;
        }
        let id_token = tokens.extra_fields().id_token.as_deref().ok_or(ProviderError::NoProfile)?;
        let claims = self.verified(endpoints, id_token, Some(arrival.nonce), false, now).await?;
        let mut claims = claims.object().clone();
        if let (ProviderKind::Oidc { .. }, Some(url), false) =
            (&self.settings.kind, &endpoints.userinfo, claims.contains_key("email"))
        {
            // Some keep the profile out of the token. What the token says comes first.
            let further = self.http.get_json(url.as_str(), Some(access)).await?;
            let further = further.as_object().filter(|further| further.get("sub") == claims.get("sub"));
            for (name, value) in further.ok_or(ProviderError::NoProfile)? {
                claims.entry(name).or_insert_with(|| value.clone());
            }
        }
        let profile = Profile::of_claims(&claims).ok_or(ProviderError::NoProfile)?;
        Ok(match self.settings.kind {
            ProviderKind::Apple(_) => profile.with_apple_name(arrival.user),
            _ => profile,
        })
    }

    async fn github_profile(&self, endpoints: &Endpoints, access: &str) -> Result<Profile, ProviderError> {
        let url = endpoints.userinfo.as_ref().ok_or(ProviderError::NoProfile)?;
        let user = self.http.get_json(url.as_str(), Some(access)).await?;
        // Without the scope, or the permission of a GitHub App, this is refused: then there is no address.
        let emails = match self.http.get_json(&format!("{url}/emails"), Some(access)).await {
            Ok(emails) => emails,
            Err(HttpError::Status(403 | 404)) => serde_json::Value::Null,
            Err(error) => return Err(error.into()),
        };
        Profile::of_github(&user, &emails).ok_or(ProviderError::NoProfile)
    }

    /// The profile of an id token that a client brought itself.
    pub(super) async fn profile_of_id_token(
        &self,
        token: &str,
        nonce: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Profile, ProviderError> {
        within(async {
            let endpoints = self.endpoints.get(&self.settings, &self.http).await?;
            let may_hash = matches!(self.settings.kind, ProviderKind::Apple(_));
            let claims = self.verified(&endpoints, token, nonce, may_hash, now).await?;
            Profile::of_claims(claims.object()).ok_or(ProviderError::NoProfile)
        })
        .await
    }

    /// A new access token for a refresh token.
    pub(super) async fn refresh(&self, refresh_token: &str, now: OffsetDateTime) -> Result<Tokens, ProviderError> {
        within(async {
            let endpoints = self.endpoints.get(&self.settings, &self.http).await?;
            let token = RefreshToken::new(refresh_token.to_owned());
            self.client(&endpoints, now).exchange_refresh_token(&token).request_async(&self.http).await.map_err(refusal)
        })
        .await
    }

    /// Who somebody is by now, as the provider tells it and as we read it. Where it has nothing to ask, its stored id
    /// token says who they were: it came from there.
    pub(super) async fn current_profile(
        &self,
        access_token: &str,
        id_token: Option<&str>,
    ) -> Result<(Profile, serde_json::Value), ProviderError> {
        within(async {
            let endpoints = self.endpoints.get(&self.settings, &self.http).await?;
            let data = match (&endpoints.userinfo, id_token) {
                (Some(url), _) => self.http.get_json(url.as_str(), Some(access_token)).await?,
                (None, Some(token)) => id_token::unverified_claims(token)?.into(),
                (None, None) => return Err(ProviderError::NoProfile),
            };
            let profile = match (&self.settings.kind, &data) {
                (ProviderKind::GitHub { .. }, _) => self.github_profile(&endpoints, access_token).await?,
                (_, serde_json::Value::Object(claims)) => Profile::of_claims(claims).ok_or(ProviderError::NoProfile)?,
                _ => return Err(ProviderError::NoProfile),
            };
            Ok((profile, data))
        })
        .await
    }

    pub(super) fn has_id_tokens(&self) -> bool {
        !matches!(self.settings.kind, ProviderKind::GitHub { .. })
    }

    async fn verified(
        &self,
        endpoints: &Endpoints,
        token: &str,
        nonce: Option<&str>,
        may_hash_nonce: bool,
        now: OffsetDateTime,
    ) -> Result<Claims, ProviderError> {
        let issuer = self.settings.issuer.as_str();
        // Google writes itself in two ways.
        let bare = issuer.trim_start_matches("https://");
        let issuers = match self.settings.kind {
            ProviderKind::Google { .. } => &[issuer, bare][..],
            _ => &[issuer],
        };
        let expected = Expected { issuers, client_id: &self.settings.client_id, nonce, may_hash_nonce };
        let url = endpoints.keys.as_ref().ok_or(ProviderError::NoProfile)?.as_str();
        let known = self.keys.get(&self.http, url, None).await?;
        let claims = match id_token::verify(token, &known.keys, &expected, now) {
            Err(IdTokenError::UnknownKey) => {
                let newer = self.keys.get(&self.http, url, Some(&known)).await?;
                id_token::verify(token, &newer.keys, &expected, now)?
            }
            verified => verified?,
        };
        if let ProviderKind::Google { hosted_domain: Some(domain), .. } = &self.settings.kind
            && !claims.text("hd").is_some_and(|found| domain == "*" || domain == found)
        {
            return Err(IdTokenError::HostedDomain.into());
        }
        Ok(claims)
    }

    fn client(&self, endpoints: &Endpoints, now: OffsetDateTime) -> Client {
        let secret = match &self.settings.kind {
            ProviderKind::Oidc { client_secret }
            | ProviderKind::Google { client_secret, .. }
            | ProviderKind::GitHub { client_secret } => client_secret.clone(),
            ProviderKind::Apple(key) => {
                self.apple_secret.get(key, &self.settings.issuer, &self.settings.client_id, now)
            }
        };
        oauth2::Client::new(ClientId::new(self.settings.client_id.clone()))
            .set_client_secret(OauthSecret::new(secret.expose().to_owned()))
            .set_auth_type(if endpoints.takes_secret_in_body { AuthType::RequestBody } else { AuthType::BasicAuth })
            .set_auth_uri(AuthUrl::from_url(endpoints.authorization.clone()))
            .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
    }
}

/// Ends in bounded time, whatever others ask of the provider at the moment.
async fn within<T, E: From<HttpError>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    timeout(LONGEST, work).await.unwrap_or_else(|_| Err(HttpError::Busy.into()))
}

fn redirect_url(text: &str) -> RedirectUrl {
    RedirectUrl::new(text.to_owned()).expect("it is built on the public URL")
}

/// The answer's text stays out: it may hold a token.
fn refusal(error: RequestTokenError<HttpError, BasicErrorResponse>) -> ProviderError {
    match error {
        RequestTokenError::ServerResponse(response) => {
            let word = response.error().to_string();
            ProviderError::Refused(word.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(64).collect())
        }
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => HttpError::NotJson.into(),
    }
}
