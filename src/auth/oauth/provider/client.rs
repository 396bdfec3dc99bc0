//! Is one provider: where people are sent, and what is asked with what they bring back.

use std::{sync::Arc, time::Duration};

use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, basic::BasicClient,
};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use url::Url;

use crate::{
    auth::oauth::provider::{
        apple,
        endpoints::{EndpointCache, Endpoints},
        error::ProviderError,
        http_client::{AT_ONCE, HttpClient, HttpError, MAX_WAIT},
        id_token::{self, Audience, Claims, Expected, IdTokenError},
        jwks::KeyCache,
        profile::{
            Profile,
            userinfo::{self, Lacking},
        },
        settings::{ProviderKind, ProviderSettings},
        token_endpoint::{ClientCredentials, Tokens, request_tokens},
    },
    types::{FlowSecret, Secret, StateToken},
};

/// Limits the time of all calls to a provider for one request of ours.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Holds a provider, with what it said lately.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) settings: ProviderSettings,
    http: HttpClient,
    /// Bounds what signed-in users have asked of the provider at a time, so that they leave room for sign-ins.
    for_members: Semaphore,
    endpoints: EndpointCache,
    keys: KeyCache,
    apple_secret: apple::ClientSecret,
}

/// Holds what a flow is begun with.
#[derive(Debug)]
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) state: &'a StateToken,
    pub(crate) verifier: &'a FlowSecret,
    pub(crate) nonce: &'a FlowSecret,
    pub(crate) redirect_uri: &'a str,
    pub(crate) further_scopes: &'a [String],
    pub(crate) login_hint: Option<&'a str>,
}

/// Holds what comes back.
#[derive(Debug)]
pub(crate) struct CodeExchange<'a> {
    pub(crate) code: &'a str,
    pub(crate) verifier: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) redirect_uri: &'a str,
    /// Is Apple's field beside the code.
    pub(crate) user: Option<&'a str>,
}

/// Holds an id token that an app brings, and what came beside it.
#[derive(Debug)]
pub(crate) struct AppToken<'a> {
    pub(crate) token: &'a str,
    pub(crate) nonce: Option<&'a str>,
    /// Asks userinfo for what the token lacks.
    pub(crate) access: Option<&'a str>,
}

impl Provider {
    pub(crate) fn new(settings: ProviderSettings, client: reqwest::Client) -> Self {
        Self {
            settings,
            http: HttpClient::new(client),
            for_members: Semaphore::new(AT_ONCE / 2),
            endpoints: EndpointCache::default(),
            keys: KeyCache::default(),
            apple_secret: apple::ClientSecret::default(),
        }
    }

    #[tracing::instrument(level = "debug", skip_all, fields(provider = self.settings.id))]
    pub(crate) async fn endpoints(&self) -> Result<Arc<Endpoints>, ProviderError> {
        within(self.endpoints.get(&self.settings, &self.http)).await
    }

    /// Returns where to send somebody.
    #[tracing::instrument(level = "debug", skip_all, fields(provider = self.settings.id))]
    pub(crate) async fn authorization_url(
        &self,
        authorization: &AuthorizationRequest<'_>,
    ) -> Result<Url, ProviderError> {
        let endpoints = self.endpoints().await?;
        let client = BasicClient::new(ClientId::new(self.settings.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(endpoints.authorization.clone()));
        let redirect = redirect_url(authorization.redirect_uri);
        let verifier = PkceCodeVerifier::new(authorization.verifier.expose().to_owned());
        let usual = self.settings.kind.usual_scopes().iter().map(|scope| (*scope).to_owned());
        let scopes = self.settings.scopes.clone().unwrap_or_else(|| usual.collect());
        let further = authorization.further_scopes.iter().filter(|scope| !scopes.contains(scope));
        let mut request = client
            .authorize_url(|| CsrfToken::new(authorization.state.expose().to_owned()))
            .set_redirect_uri(std::borrow::Cow::Owned(redirect))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(scopes.iter().chain(further).cloned().map(Scope::new));
        if self.has_id_tokens() {
            request = request.add_extra_param("nonce", authorization.nonce.expose());
        }
        if let Some(hint) = authorization.login_hint {
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
    #[tracing::instrument(level = "debug", skip_all, fields(provider = self.settings.id))]
    pub(crate) async fn exchange(
        &self,
        exchange: &CodeExchange<'_>,
        now: OffsetDateTime,
    ) -> Result<(Profile, Tokens), ProviderError> {
        within(async {
            let endpoints = self.endpoints.get(&self.settings, &self.http).await?;
            let grant = [
                ("grant_type", "authorization_code"),
                ("code", exchange.code),
                ("code_verifier", exchange.verifier),
                ("redirect_uri", exchange.redirect_uri),
            ];
            let tokens = self.request_tokens(&endpoints, &grant, now).await?;
            let profile = self.profile(&endpoints, &tokens, exchange, now).await?;
            Ok((profile, tokens))
        })
        .await
    }

    async fn profile(
        &self,
        endpoints: &Endpoints,
        tokens: &Tokens,
        exchange: &CodeExchange<'_>,
        now: OffsetDateTime,
    ) -> Result<Profile, ProviderError> {
        let access = tokens.access.as_ref().map(Secret::expose);
        if let ProviderKind::GitHub { .. } = self.settings.kind {
            return self.github_profile(endpoints, access.ok_or(ProviderError::NoProfile)?).await;
        }
        let id_token = tokens.id.as_ref().ok_or(ProviderError::NoIdToken)?.expose();
        let audience = Audience::Flow { client_id: &self.settings.client_id };
        let claims = self.verified(endpoints, id_token, (audience, Some(exchange.nonce)), now).await?;
        let profile = self.completed(endpoints, claims, access).await?;
        Ok(match self.settings.kind {
            ProviderKind::Apple(_) => profile.with_apple_name(exchange.user),
            _ => profile,
        })
    }

    /// Returns the profile of a verified token, with what userinfo adds.
    async fn completed(
        &self,
        endpoints: &Endpoints,
        claims: Claims,
        access: Option<&str>,
    ) -> Result<Profile, ProviderError> {
        let mut claims = claims.into_object();
        let lacking = Lacking::from_claims(&claims);
        if let (Some(url), Some(access)) = (&endpoints.userinfo, access)
            && lacking != Lacking::Nothing
            && let Some(further) = self.userinfo(url, access, lacking).await?
        {
            userinfo::complete(&mut claims, &further)?;
        }
        Profile::from_claims(&claims).ok_or(ProviderError::NoProfile)
    }

    /// Asks userinfo. `None` where it can be done without: nobody stays out for want of a name, and a refusal tells
    /// nothing about an address that is there. While userinfo is down it is not decided that nobody vouches for an
    /// address.
    async fn userinfo(
        &self,
        url: &Url,
        access: &str,
        lacking: Lacking,
    ) -> Result<Option<Map<String, Value>>, ProviderError> {
        let further = self.http.get_json(url.as_str(), Some(access)).await.and_then(|further| match further {
            Value::Object(further) => Ok(further),
            _ => Err(HttpError::Malformed),
        });
        match (further, lacking) {
            (Ok(further), _) => Ok(Some(further)),
            (Err(_), Lacking::Nothing | Lacking::Name)
            | (Err(HttpError::Malformed | HttpError::Status(400..=407 | 409..=424)), Lacking::Proof) => Ok(None),
            (Err(error), Lacking::Proof | Lacking::Address) => Err(ProviderError::unavailable("userinfo")(error)),
        }
    }

    async fn github_profile(&self, endpoints: &Endpoints, access: &str) -> Result<Profile, ProviderError> {
        let url = endpoints.userinfo.as_ref().ok_or(ProviderError::NoProfile)?;
        let unavailable = ProviderError::unavailable("userinfo");
        let user = self.http.get_json(url.as_str(), Some(access)).await.map_err(&unavailable)?;
        // Without the scope, or the permission of a GitHub App, this is refused: then there is no address.
        let emails = match self.http.get_json(&format!("{url}/emails"), Some(access)).await {
            Ok(emails) => emails,
            Err(HttpError::Status(403 | 404)) => Value::Null,
            Err(error) => return Err(unavailable(error)),
        };
        Profile::from_github(&user, &emails).ok_or(ProviderError::NoProfile)
    }

    /// Returns the profile of an id token that a client brought itself.
    #[tracing::instrument(level = "debug", skip_all, fields(provider = self.settings.id))]
    pub(crate) async fn profile_of_app_token(
        &self,
        presented: &AppToken<'_>,
        now: OffsetDateTime,
    ) -> Result<Profile, ProviderError> {
        within(async {
            let endpoints = self.endpoints.get(&self.settings, &self.http).await?;
            let ProviderSettings { client_id, further_client_ids, .. } = &self.settings;
            let audience = Audience::App { client_id, further: further_client_ids };
            let claims = self.verified(&endpoints, presented.token, (audience, presented.nonce), now).await?;
            self.completed(&endpoints, claims, presented.access).await
        })
        .await
    }

    /// Asks for a new access token with a refresh token.
    #[tracing::instrument(level = "debug", skip_all, fields(provider = self.settings.id))]
    pub(crate) async fn refresh(&self, refresh_token: &str, now: OffsetDateTime) -> Result<Tokens, ProviderError> {
        within(async {
            let _permit = self.acquire_for_member().await?;
            let endpoints = self.endpoints.get(&self.settings, &self.http).await?;
            let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
            let tokens = self.request_tokens(&endpoints, &grant, now).await?;
            if tokens.access.is_none() {
                return Err(ProviderError::unavailable("token endpoint")(HttpError::Malformed));
            }
            Ok(tokens)
        })
        .await
    }

    async fn acquire_for_member(&self) -> Result<SemaphorePermit<'_>, ProviderError> {
        match timeout(MAX_WAIT, self.for_members.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(ProviderError::unavailable("answer")(HttpError::Busy)),
        }
    }

    /// Asks who somebody is by now, as the provider tells it and as we read it. Where there is nothing to ask, its
    /// stored id token says who they were: it came from there.
    #[tracing::instrument(level = "debug", skip_all, fields(provider = self.settings.id))]
    pub(crate) async fn current_profile(
        &self,
        access_token: &str,
        id_token: Option<&str>,
    ) -> Result<(Profile, Value), ProviderError> {
        within(async {
            let _permit = self.acquire_for_member().await?;
            let endpoints = self.endpoints.get(&self.settings, &self.http).await?;
            let data = match (&endpoints.userinfo, id_token) {
                (Some(url), _) => {
                    let data = self.http.get_json(url.as_str(), Some(access_token)).await;
                    data.map_err(ProviderError::unavailable("userinfo"))?
                }
                (None, Some(token)) => id_token::unverified_claims(token)?.into(),
                (None, None) => return Err(ProviderError::NoProfile),
            };
            let profile = match (&self.settings.kind, &data) {
                (ProviderKind::GitHub { .. }, _) => self.github_profile(&endpoints, access_token).await?,
                (_, Value::Object(claims)) => Profile::from_claims(claims).ok_or(ProviderError::NoProfile)?,
                _ => return Err(ProviderError::NoProfile),
            };
            Ok((profile, data))
        })
        .await
    }

    pub(crate) fn has_id_tokens(&self) -> bool {
        !matches!(self.settings.kind, ProviderKind::GitHub { .. })
    }

    async fn verified(
        &self,
        endpoints: &Endpoints,
        token: &str,
        (audience, nonce): (Audience<'_>, Option<&str>),
        now: OffsetDateTime,
    ) -> Result<Claims, ProviderError> {
        let issuer = self.settings.issuer.as_str();
        // Google writes itself in two ways.
        let bare = issuer.trim_start_matches("https://");
        let issuers = match self.settings.kind {
            ProviderKind::Google { .. } => &[issuer, bare][..],
            _ => &[issuer],
        };
        let may_hash_nonce = matches!((&self.settings.kind, audience), (ProviderKind::Apple(_), Audience::App { .. }));
        let expected = Expected { issuers, audience, nonce, may_hash_nonce };
        let unavailable = ProviderError::unavailable("key set");
        let url = endpoints.keys.as_ref().ok_or(ProviderError::NoProfile)?.as_str();
        let known = self.keys.get(&self.http, url, None).await.map_err(&unavailable)?;
        let claims = match id_token::verify(token, &known.keys, &expected, now) {
            Err(IdTokenError::UnknownKey(_)) => {
                let newer = self.keys.get(&self.http, url, Some(&known)).await.map_err(&unavailable)?;
                id_token::verify(token, &newer.keys, &expected, now)?
            }
            verified => verified?,
        };
        if let ProviderKind::Google { hosted_domain: Some(domain), .. } = &self.settings.kind
            && !claims.text("hd").is_some_and(|found| domain == "*" || domain == found)
        {
            return Err(IdTokenError::HostedDomain(domain.clone()).into());
        }
        Ok(claims)
    }

    async fn request_tokens(
        &self,
        endpoints: &Endpoints,
        grant: &[(&str, &str)],
        now: OffsetDateTime,
    ) -> Result<Tokens, ProviderError> {
        let ProviderSettings { kind, client_id, issuer, .. } = &self.settings;
        let secret = match kind {
            ProviderKind::Oidc { client_secret }
            | ProviderKind::Google { client_secret, .. }
            | ProviderKind::GitHub { client_secret } => client_secret.clone(),
            ProviderKind::Apple(key) => self.apple_secret.get(key, issuer, client_id, now),
        };
        let client = ClientCredentials { id: client_id, secret: &secret };
        request_tokens(&self.http, endpoints, &client, grant).await
    }
}

/// Ends in bounded time, whatever others ask of the provider at the moment.
async fn within<T>(work: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
    let is_late = |_| Err(ProviderError::unavailable("answer")(HttpError::Busy));
    timeout(TIMEOUT, work).await.unwrap_or_else(is_late)
}

fn redirect_url(text: &str) -> RedirectUrl {
    RedirectUrl::new(text.to_owned()).expect("it is built on the public URL")
}
