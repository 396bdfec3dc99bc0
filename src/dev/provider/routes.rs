//! Says where each endpoint of each provider is.

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::dev::{
    provider::{
        apple_credentials::AppleCredentials,
        authorize, discovery,
        endpoint::{Endpoint, Provider},
        github,
        grants::Grants,
        protocol::Protocol,
        token,
    },
    signing_key::SigningKey,
};

/// Returns the pages and endpoints below `/__dev/provider`. `origin` is the gateway's own, `callbacks` the path that codes may
/// go to.
pub(crate) fn routes(origin: &str, callbacks: String, apple: AppleCredentials) -> Router {
    let provider = Provider {
        origin: origin.to_owned(),
        callbacks,
        key: SigningKey::generate(),
        grants: Grants::default(),
        apple,
    };
    let provider = Arc::new(provider);
    [Protocol::OpenId, Protocol::GitHub, Protocol::Apple].into_iter().fold(Router::new(), |router, protocol| {
        router.merge(endpoints(protocol).with_state(Endpoint { provider: Arc::clone(&provider), protocol }))
    })
}

fn endpoints(protocol: Protocol) -> Router<Endpoint> {
    let path = |suffix: &str| format!("{}{suffix}", protocol.path());
    let router = Router::new().route(&path("/agree"), post(authorize::agree));
    match protocol {
        Protocol::OpenId => router
            .route(&path("/.well-known/openid-configuration"), get(discovery::describe))
            .route(&path("/authorize"), get(authorize::ask))
            .route(&path("/token"), post(token::exchange))
            .route(&path("/jwks"), get(discovery::keys)),
        Protocol::GitHub => router
            .route(&path("/login/oauth/authorize"), get(authorize::ask))
            .route(&path("/login/oauth/access_token"), post(token::exchange))
            .route(&path("/api/v3/user"), get(github::user))
            .route(&path("/api/v3/user/emails"), get(github::emails)),
        Protocol::Apple => router
            .route(&path("/auth/authorize"), get(authorize::ask))
            .route(&path("/auth/token"), post(token::exchange))
            .route(&path("/auth/keys"), get(discovery::keys)),
    }
}
