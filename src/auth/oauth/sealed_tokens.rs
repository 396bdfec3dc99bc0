//! Seals a provider's tokens, as they are stored (OAUTH-10).

use time::{Duration, OffsetDateTime};

use crate::{
    auth::{
        Auth,
        oauth::provider::{client::Provider, token_endpoint::Tokens},
    },
    store::users::identities::SealedTokens,
    types::Secret,
};

/// Seals the tokens where they are wanted at all; otherwise they are left out.
pub(crate) fn sealed(auth: &Auth, provider: &Provider, tokens: &Tokens, now: OffsetDateTime) -> SealedTokens {
    let scopes = tokens.scopes.clone();
    if !provider.settings.store_tokens {
        return SealedTokens { scopes, ..SealedTokens::default() };
    }
    let seal = |token: &Option<Secret>| token.as_ref().map(|text| auth.oauth.tokens.seal(text.expose().as_bytes()));
    let after = |lifetime: Option<Duration>| now.checked_add(lifetime?);
    SealedTokens {
        access: seal(&tokens.access),
        refresh: seal(&tokens.refresh),
        id: seal(&tokens.id),
        access_expires_at: after(tokens.expires_in),
        refresh_expires_at: after(tokens.refresh_expires_in),
        scopes,
    }
}

/// Opens what was sealed. `None` where the secret that sealed it is not configured any more: then it is as if nothing
/// were stored.
pub(crate) fn unseal(auth: &Auth, sealed: &[u8]) -> Option<Secret> {
    let plain = auth.oauth.tokens.open(sealed).ok()?;
    std::str::from_utf8(&plain).ok().map(|text| Secret::new(text.to_owned()))
}
