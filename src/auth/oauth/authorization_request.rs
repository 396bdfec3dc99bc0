//! Sends somebody to a provider, to sign in or to link an account.

use crate::{
    auth::{
        Auth, Flow,
        oauth::{
            OAuthError,
            provider::client::{AuthorizationRequest, Provider},
            state::{self, PendingAuthorization, Targets},
        },
    },
    types::{BrowserToken, FlowSecret, SessionId, StateToken, UserId},
};

/// Holds what a flow is begun with.
#[derive(Debug)]
pub struct Start {
    pub provider: String,
    pub targets: Targets,
    /// Lists what is asked for beside the configured ones.
    pub scopes: Vec<String>,
    pub login_hint: Option<String>,
    /// The identity is linked to this account, and nobody signs in.
    pub link: Option<Linking>,
    /// Is the browser's cookie, if it has one from another flow.
    pub browser: Option<BrowserToken>,
}

/// Describes who links an identity to their account.
#[derive(Debug, Clone)]
pub struct Linking {
    pub user: UserId,
    pub session: SessionId,
}

/// Describes a flow that is under way.
#[derive(Debug)]
pub struct Started {
    /// Is the provider's page.
    pub url: String,
    /// The browser keeps this for ten minutes. It is the same for flows in several tabs: it opens nothing by itself, and
    /// none of them must end the others.
    pub browser: BrowserToken,
}

/// Begins a flow.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn start(flow: Flow<'_>, input: Start) -> Result<Started, OAuthError> {
    let provider = flow.auth.oauth.provider(&input.provider)?;
    let (state, verifier, nonce) = (StateToken::generate(), FlowSecret::generate(), FlowSecret::generate());
    let authorization = AuthorizationRequest {
        state: &state,
        verifier: &verifier,
        nonce: &nonce,
        redirect_uri: &redirect_uri(flow.auth, provider),
        further_scopes: &input.scopes,
        login_hint: input.login_hint.as_deref(),
    };
    // This comes before anything is stored: the provider may have to be asked where its pages are.
    let url = provider.authorization_url(&authorization).await?;
    let browser = input.browser.unwrap_or_else(BrowserToken::generate);
    let link = input.link.as_ref().map(|link| (&link.user, &link.session));
    let pending =
        PendingAuthorization::new(&input.provider, &browser, (verifier.expose(), nonce.expose()), &input.targets, link);
    state::insert(&mut *flow.auth.db.acquire().await?, &flow.auth.oauth.states, &state, &pending, flow.now).await?;
    Ok(Started { url: url.into(), browser })
}

/// Returns where a provider sends people back to, from the configuration alone (OAUTH-05).
pub(crate) fn redirect_uri(auth: &Auth, provider: &Provider) -> String {
    auth.settings.public_url.join(&format!("{}/callback/{}", auth.settings.base_path, provider.settings.id))
}
