//! Lists what can prove a second factor: pages ask for it where a sign-in went through a provider or a mailed link, whose
//! redirect cannot say it.

use crate::{
    auth::{
        Flow, TwoFactorError, TwoFactorMethod,
        two_factor::{
            challenge::methods,
            claimant::{Claimant, FoundClaimant},
        },
    },
    store::two_factor,
    types::AuthMethod,
};

/// Returns what can prove the second factor of a sign-in that waits, or of somebody who is signed in; nothing where none is
/// in force.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn list_two_factor_methods(
    flow: Flow<'_>,
    claimant: Claimant<'_>,
) -> Result<Vec<TwoFactorMethod>, TwoFactorError> {
    let claimant = FoundClaimant::find(flow, claimant).await?;
    let enabled = two_factor::find_enabled(&mut *flow.auth.db.acquire().await?, claimant.user_id()).await?;
    let Some(enabled) = enabled else { return Ok(Vec::new()) };
    Ok(match &claimant {
        FoundClaimant::SigningIn { challenge, .. } => {
            methods(flow, enabled, Some(AuthMethod::parse(&challenge.auth_method)))
        }
        FoundClaimant::SignedIn(_) => methods(flow, enabled, None),
    })
}
