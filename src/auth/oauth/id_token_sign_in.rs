//! Takes id tokens that a client brings itself: Google's One Tap, Apple's native sign-in. No flow was begun, so the
//! token is all there is, and it is verified as one out of a flow is (OAUTH-03).

use crate::auth::{
    Flow, SignedIn,
    oauth::{
        Linking, OAuthError,
        link_rules::{self, Identity, SignInContext},
        provider::{
            client::{AppToken, Provider},
            profile::Profile,
        },
    },
};

/// Holds a token and what the client says beside it.
#[derive(Debug)]
pub struct IdToken<'a> {
    pub provider: &'a str,
    pub token: &'a str,
    /// The client asked the provider to put this into the token. A token with one is of no use without.
    pub nonce: Option<&'a str>,
    /// Asks the provider for what the token lacks. It is not kept.
    pub access: Option<&'a str>,
    /// Is Apple's field, which holds the name at the first time.
    pub user: Option<&'a str>,
}

/// Signs the user in; whether the user is new is of no matter to such clients.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn sign_in_by_id_token(
    flow: Flow<'_>,
    input: &IdToken<'_>,
    context: &SignInContext<'_>,
) -> Result<SignedIn, OAuthError> {
    let (provider, profile) = identify(flow, input).await?;
    let identity = Identity { provider, profile: &profile, tokens: None };
    let (signed_in, _) = link_rules::sign_in(flow, &identity, context).await?;
    Ok(signed_in)
}

/// Links the identity to the account of who asks.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %linking.user))]
pub async fn link_by_id_token(flow: Flow<'_>, input: &IdToken<'_>, linking: &Linking) -> Result<(), OAuthError> {
    let (provider, profile) = identify(flow, input).await?;
    let identity = Identity { provider, profile: &profile, tokens: None };
    link_rules::link(flow, &identity, (&linking.user, &linking.session)).await
}

async fn identify<'a>(flow: Flow<'a>, input: &IdToken<'_>) -> Result<(&'a Provider, Profile), OAuthError> {
    let provider = flow.auth.oauth.provider(input.provider)?;
    if !provider.has_id_tokens() {
        return Err(OAuthError::NoIdTokens);
    }
    let presented = AppToken { token: input.token, nonce: input.nonce, access: input.access };
    let profile = provider.profile_of_app_token(&presented, flow.now).await?;
    Ok((provider, profile.with_apple_name(input.user)))
}
