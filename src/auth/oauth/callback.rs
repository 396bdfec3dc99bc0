//! What happens when a provider sends somebody back.

use crate::{
    auth::{
        Auth, CallbackUrl, DeviceCookie, Flow, SignedIn, find_session,
        oauth::{
            Denied, SocialError,
            link_rules::{self, Identity, Visit},
            provider::{client::Arrival, loggable::loggable},
            redirect_uri,
            state::{self, PendingAuthorization, Targets},
        },
    },
    types::{BrowserToken, SessionToken, StateToken},
};

/// What came back, none of it believed yet.
#[derive(Debug)]
pub struct Callback<'a> {
    /// Out of the path.
    pub provider: &'a str,
    pub state: Option<&'a str>,
    pub code: Option<&'a str>,
    pub error: Option<&'a str>,
    pub issuer: Option<&'a str>,
    /// Apple's field beside the code.
    pub user: Option<&'a str>,
    /// The cookie from the beginning.
    pub browser: Option<BrowserToken>,
    /// The session of this browser, which ends when another is opened.
    pub session: Option<SessionToken>,
    pub device: Option<DeviceCookie>,
}

/// How a flow ended.
#[derive(Debug)]
pub enum Arrived {
    SignedIn { signed_in: Box<SignedIn>, target: Option<CallbackUrl> },
    Linked { target: Option<CallbackUrl> },
}

/// Why a flow came to nothing, and where its browser was to go then, if that is known.
#[derive(Debug)]
pub struct CallbackFailure {
    pub error: SocialError,
    pub target: Option<CallbackUrl>,
}

/// Ends a flow. The state is spent whatever comes of it: one attempt a flow (OAUTH-08).
pub async fn finish(flow: Flow<'_>, callback: &Callback<'_>) -> Result<Arrived, CallbackFailure> {
    let pending = take(flow, callback).await.map_err(|error| CallbackFailure { error, target: None })?;
    let targets = pending.targets(flow.auth);
    go_on(flow, callback, &pending, &targets).await.map_err(|error| CallbackFailure { error, target: targets.error })
}

/// Finds where a flow would lead if its provider agrees. Nothing is spent and nobody is asked.
pub async fn look_ahead(flow: Flow<'_>, callback: &Callback<'_>) -> Result<Option<CallbackUrl>, CallbackFailure> {
    let pending = find(flow, callback).await.map_err(|error| CallbackFailure { error, target: None })?;
    let targets = pending.targets(flow.auth);
    let error = if !pending.is_of(callback.browser.as_ref()) || pending.provider != callback.provider {
        SocialError::StateMismatch
    } else if let Some(error) = callback.error {
        SocialError::Denied(Denied::parse(error))
    } else if callback.code.is_none_or(str::is_empty) {
        SocialError::NoCode
    } else {
        return Ok(targets.callback);
    };
    Err(CallbackFailure { error, target: targets.error })
}

fn state_of(callback: &Callback<'_>) -> Result<StateToken, SocialError> {
    let state = callback.state.ok_or(SocialError::StateNotFound)?;
    StateToken::parse(state).map_err(|_| SocialError::StateMismatch)
}

async fn find(flow: Flow<'_>, callback: &Callback<'_>) -> Result<PendingAuthorization, SocialError> {
    let state = state_of(callback)?;
    let mut connection = flow.auth.db.acquire().await?;
    state::find(&mut connection, &flow.auth.social.states, &state, flow.now).await?.ok_or(SocialError::StateMismatch)
}

async fn take(flow: Flow<'_>, callback: &Callback<'_>) -> Result<PendingAuthorization, SocialError> {
    let state = state_of(callback)?;
    let mut connection = flow.auth.db.acquire().await?;
    state::take(&mut connection, &flow.auth.social.states, &state, flow.now).await?.ok_or(SocialError::StateMismatch)
}

async fn go_on(
    flow: Flow<'_>,
    callback: &Callback<'_>,
    pending: &PendingAuthorization,
    targets: &Targets,
) -> Result<Arrived, SocialError> {
    if !pending.is_of(callback.browser.as_ref()) || pending.provider != callback.provider {
        return Err(SocialError::StateMismatch);
    }
    let provider = flow.auth.social.provider(&pending.provider)?;
    let endpoints = provider.endpoints().await?;
    // Another provider's code must not be shown to this one (RFC 9207).
    let is_from_it = callback.issuer.map_or(!endpoints.sends_issuer, |issuer| issuer == endpoints.response_issuer);
    if !is_from_it {
        let found = loggable(callback.issuer.unwrap_or("nobody"));
        return Err(SocialError::IssuerMismatch { found, expected: endpoints.response_issuer.clone() });
    }
    if let Some(error) = callback.error {
        return Err(SocialError::Denied(Denied::parse(error)));
    }
    let code = callback.code.filter(|code| !code.is_empty()).ok_or(SocialError::NoCode)?;
    if pending.link().is_some() {
        // Before the provider is asked anything, and again with what it says.
        require_linker(flow.auth, callback, pending).await?;
    }
    let arrival = Arrival {
        code,
        verifier: &pending.verifier,
        nonce: &pending.nonce,
        redirect_uri: &redirect_uri(flow.auth, provider),
        user: callback.user,
    };
    let (profile, tokens) = provider.arrive(&arrival, flow.now).await?;
    let identity = Identity { provider, profile: &profile, tokens: Some(&tokens) };
    if let Some((user, session)) = pending.link() {
        link_rules::link(flow, &identity, (&user, &session)).await?;
        return Ok(Arrived::Linked { target: targets.callback.clone() });
    }
    let visit = Visit {
        replaces: callback.session.as_ref(),
        device: callback.device.as_ref(),
        target: targets.callback.as_ref(),
    };
    let (signed_in, is_new) = link_rules::sign_in(flow, &identity, &visit).await?;
    let target = if is_new { targets.new_user.clone() } else { None }.or_else(|| targets.callback.clone());
    Ok(Arrived::SignedIn { signed_in: Box::new(signed_in), target })
}

/// Whoever comes back signed in is who began (OAUTH-09). A client with a bearer token comes back without.
async fn require_linker(
    auth: &Auth,
    callback: &Callback<'_>,
    pending: &PendingAuthorization,
) -> Result<(), SocialError> {
    let (Some((user, _)), Some(token)) = (pending.link(), &callback.session) else { return Ok(()) };
    match find_session(auth, token).await? {
        Some(found) if found.user.id == user => Ok(()),
        _ => Err(SocialError::UnableToLink),
    }
}
