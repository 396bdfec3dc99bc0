//! What happens when a provider sends somebody back.

use time::OffsetDateTime;

use crate::{
    auth::{
        Auth, CallbackUrl, Client, DeviceCookie, SignedIn, find_session,
        oauth::{
            Denied, SocialError,
            link_rules::{self, Identity, Visit},
            provider::{client::Arrival, loggable::loggable},
            redirect_uri,
            state::{self, Flow, Targets},
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
pub async fn finish(
    auth: &Auth,
    callback: &Callback<'_>,
    client: &Client,
    now: OffsetDateTime,
) -> Result<Arrived, CallbackFailure> {
    let flow = take(auth, callback, now).await.map_err(|error| CallbackFailure { error, target: None })?;
    let targets = flow.targets(auth);
    go_on(auth, callback, &flow, &targets, (client, now))
        .await
        .map_err(|error| CallbackFailure { error, target: targets.error })
}

/// Finds where a flow would lead if its provider agrees. Nothing is spent and nobody is asked.
pub async fn look_ahead(
    auth: &Auth,
    callback: &Callback<'_>,
    now: OffsetDateTime,
) -> Result<Option<CallbackUrl>, CallbackFailure> {
    let flow = find(auth, callback, now).await.map_err(|error| CallbackFailure { error, target: None })?;
    let targets = flow.targets(auth);
    let error = if !flow.is_of(callback.browser.as_ref()) || flow.provider != callback.provider {
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

async fn find(auth: &Auth, callback: &Callback<'_>, now: OffsetDateTime) -> Result<Flow, SocialError> {
    let state = state_of(callback)?;
    let mut connection = auth.db.acquire().await?;
    state::find(&mut connection, &auth.social.states, &state, now).await?.ok_or(SocialError::StateMismatch)
}

async fn take(auth: &Auth, callback: &Callback<'_>, now: OffsetDateTime) -> Result<Flow, SocialError> {
    let state = state_of(callback)?;
    let mut connection = auth.db.acquire().await?;
    state::take(&mut connection, &auth.social.states, &state, now).await?.ok_or(SocialError::StateMismatch)
}

async fn go_on(
    auth: &Auth,
    callback: &Callback<'_>,
    flow: &Flow,
    targets: &Targets,
    (client, now): (&Client, OffsetDateTime),
) -> Result<Arrived, SocialError> {
    if !flow.is_of(callback.browser.as_ref()) || flow.provider != callback.provider {
        return Err(SocialError::StateMismatch);
    }
    let provider = auth.social.provider(&flow.provider)?;
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
    if flow.link().is_some() {
        // Before the provider is asked anything, and again with what it says.
        require_linker(auth, callback, flow).await?;
    }
    let arrival = Arrival {
        code,
        verifier: &flow.verifier,
        nonce: &flow.nonce,
        redirect_uri: &redirect_uri(auth, provider),
        user: callback.user,
    };
    let (profile, tokens) = provider.arrive(&arrival, now).await?;
    let identity = Identity { provider, profile: &profile, tokens: Some(&tokens) };
    if let Some((user, session)) = flow.link() {
        link_rules::link(auth, &identity, (&user, &session), client, now).await?;
        return Ok(Arrived::Linked { target: targets.callback.clone() });
    }
    let visit = Visit {
        replaces: callback.session.as_ref(),
        device: callback.device.as_ref(),
        target: targets.callback.as_ref(),
        client,
        now,
    };
    let (signed_in, is_new) = link_rules::sign_in(auth, &identity, &visit).await?;
    let target = if is_new { targets.new_user.clone() } else { None }.or_else(|| targets.callback.clone());
    Ok(Arrived::SignedIn { signed_in: Box::new(signed_in), target })
}

/// Whoever comes back signed in is who began (OAUTH-09). A client with a bearer token comes back without.
async fn require_linker(auth: &Auth, callback: &Callback<'_>, flow: &Flow) -> Result<(), SocialError> {
    let (Some((user, _)), Some(token)) = (flow.link(), &callback.session) else { return Ok(()) };
    match find_session(auth, token).await? {
        Some(found) if found.user.id == user => Ok(()),
        _ => Err(SocialError::UnableToLink),
    }
}
