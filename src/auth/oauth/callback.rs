//! Handles the return of somebody from a provider.

use crate::{
    auth::{
        Auth, CallbackUrl, DeviceCookie, Flow, SignedIn, find_session,
        oauth::{
            Denied, OAuthError,
            authorization_request::redirect_uri,
            link_rules::{self, Identity, SignInContext},
            provider::{client::CodeExchange, loggable::loggable},
            state::{self, PendingAuthorization, Targets},
        },
    },
    types::{BrowserToken, SessionToken, StateToken, TrustedDeviceToken},
};

/// Holds what came back, none of it verified yet.
#[derive(Debug)]
pub struct Callback<'a> {
    /// The name comes from the path.
    pub provider: &'a str,
    pub state: Option<&'a str>,
    pub code: Option<&'a str>,
    pub error: Option<&'a str>,
    pub issuer: Option<&'a str>,
    /// Apple sends this field beside the code.
    pub user: Option<&'a str>,
    /// The browser got this cookie at the beginning.
    pub browser: Option<BrowserToken>,
    /// Is the session of this browser, which ends when another is opened.
    pub session: Option<SessionToken>,
    /// Spare this browser the second factor.
    pub trusted_devices: Vec<TrustedDeviceToken>,
    pub device: Option<DeviceCookie>,
}

/// Describes how a flow ended.
#[derive(Debug)]
pub enum CallbackOutcome {
    SignedIn { signed_in: Box<SignedIn>, target: Option<CallbackUrl> },
    Linked { target: Option<CallbackUrl> },
}

/// Describes why a flow failed, and where its browser was to go then, if that is known.
#[derive(Debug)]
pub struct CallbackFailure {
    pub error: OAuthError,
    pub target: Option<CallbackUrl>,
}

/// Ends a flow. The state is spent whatever comes of it: one attempt a flow (OAUTH-08).
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn finish(flow: Flow<'_>, callback: &Callback<'_>) -> Result<CallbackOutcome, CallbackFailure> {
    let pending = take(flow, callback).await.map_err(|error| CallbackFailure { error, target: None })?;
    let targets = pending.targets(flow.auth);
    exchange(flow, callback, &pending, &targets).await.map_err(|error| CallbackFailure { error, target: targets.error })
}

/// Finds where a flow would lead if its provider agrees. Nothing is spent and nobody is asked.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn look_ahead(flow: Flow<'_>, callback: &Callback<'_>) -> Result<Option<CallbackUrl>, CallbackFailure> {
    let pending = find(flow, callback).await.map_err(|error| CallbackFailure { error, target: None })?;
    let targets = pending.targets(flow.auth);
    let error = if !pending.is_of(callback.browser.as_ref()) || pending.provider != callback.provider {
        OAuthError::StateMismatch
    } else if let Some(error) = callback.error {
        OAuthError::Denied(Denied::parse(error))
    } else if callback.code.is_none_or(str::is_empty) {
        OAuthError::NoCode
    } else {
        return Ok(targets.callback);
    };
    Err(CallbackFailure { error, target: targets.error })
}

fn state_of(callback: &Callback<'_>) -> Result<StateToken, OAuthError> {
    let state = callback.state.ok_or(OAuthError::StateNotFound)?;
    StateToken::parse(state).map_err(|_| OAuthError::StateMismatch)
}

async fn find(flow: Flow<'_>, callback: &Callback<'_>) -> Result<PendingAuthorization, OAuthError> {
    let state = state_of(callback)?;
    let mut connection = flow.auth.db.acquire().await?;
    state::find(&mut connection, &flow.auth.oauth.states, &state, flow.now).await?.ok_or(OAuthError::StateMismatch)
}

async fn take(flow: Flow<'_>, callback: &Callback<'_>) -> Result<PendingAuthorization, OAuthError> {
    let state = state_of(callback)?;
    let mut connection = flow.auth.db.acquire().await?;
    state::take(&mut connection, &flow.auth.oauth.states, &state, flow.now).await?.ok_or(OAuthError::StateMismatch)
}

async fn exchange(
    flow: Flow<'_>,
    callback: &Callback<'_>,
    pending: &PendingAuthorization,
    targets: &Targets,
) -> Result<CallbackOutcome, OAuthError> {
    if !pending.is_of(callback.browser.as_ref()) || pending.provider != callback.provider {
        return Err(OAuthError::StateMismatch);
    }
    let provider = flow.auth.oauth.provider(&pending.provider)?;
    let endpoints = provider.endpoints().await?;
    // Another provider's code must not be shown to this one (RFC 9207).
    let is_from_it = callback.issuer.map_or(!endpoints.sends_issuer, |issuer| issuer == endpoints.response_issuer);
    if !is_from_it {
        let found = loggable(callback.issuer.unwrap_or("nobody"));
        return Err(OAuthError::IssuerMismatch { found, expected: endpoints.response_issuer.clone() });
    }
    if let Some(error) = callback.error {
        return Err(OAuthError::Denied(Denied::parse(error)));
    }
    let code = callback.code.filter(|code| !code.is_empty()).ok_or(OAuthError::NoCode)?;
    if pending.link().is_some() {
        // The linker is checked before the provider is asked anything, and again with what it says.
        require_linker(flow.auth, callback, pending).await?;
    }
    let exchange = CodeExchange {
        code,
        verifier: &pending.verifier,
        nonce: &pending.nonce,
        redirect_uri: &redirect_uri(flow.auth, provider),
        user: callback.user,
    };
    let (profile, tokens) = provider.exchange(&exchange, flow.now).await?;
    let identity = Identity { provider, profile: &profile, tokens: Some(&tokens) };
    if let Some((user, session)) = pending.link() {
        link_rules::link(flow, &identity, (&user, &session)).await?;
        return Ok(CallbackOutcome::Linked { target: targets.callback.clone() });
    }
    let context = SignInContext {
        replaces: callback.session.as_ref(),
        trusted_devices: &callback.trusted_devices,
        device: callback.device.as_ref(),
        target: targets.callback.as_ref(),
    };
    let (signed_in, is_new) = link_rules::sign_in(flow, &identity, &context).await?;
    let target = if is_new { targets.new_user.clone() } else { None }.or_else(|| targets.callback.clone());
    Ok(CallbackOutcome::SignedIn { signed_in: Box::new(signed_in), target })
}

/// Checks that somebody who comes back signed in is who began (OAUTH-09). A client with a bearer token comes back without.
async fn require_linker(
    auth: &Auth,
    callback: &Callback<'_>,
    pending: &PendingAuthorization,
) -> Result<(), OAuthError> {
    let (Some((user, _)), Some(token)) = (pending.link(), &callback.session) else { return Ok(()) };
    match find_session(auth, token).await? {
        Some(found) if found.user.id == user && found.session.impersonated_by.is_none() => Ok(()),
        _ => Err(OAuthError::UnableToLink),
    }
}
