//! Says who proves a second factor: the session that a request presents, or the sign-in that waits in its cookie.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::{
    api::{Problem, extract::caller::Caller},
    auth::{Auth, Claimant, FoundSession, TwoFactorError, find_session},
    sessions::credential::Presented,
    types::ChallengeToken,
};

/// Holds the caller with a live session, or else with a sign-in that waits.
#[derive(Debug)]
pub(crate) struct TwoFactorCaller {
    pub(crate) caller: Caller,
    pub(crate) who: Who,
}

/// Tells which of the two it is. A session counts before a sign-in that was begun earlier.
#[derive(Debug)]
pub(crate) enum Who {
    SignedIn(Box<FoundSession>),
    SigningIn(ChallengeToken),
}

impl TwoFactorCaller {
    pub(crate) fn claimant(&self) -> Claimant<'_> {
        match &self.who {
            Who::SignedIn(found) => Claimant::SignedIn(found),
            Who::SigningIn(token) => Claimant::SigningIn(token),
        }
    }

    /// Tells whether the client keeps the session in a cookie, which a response can replace. One that sends a bearer
    /// token would go on sending that one.
    pub(crate) fn has_cookie(&self) -> bool {
        matches!(self.caller.presented, Presented::Cookie(_))
    }
}

impl FromRequestParts<Arc<Auth>> for TwoFactorCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, auth).await?;
        if let Some(token) = caller.token()
            && let Some(found) = find_session(auth, token).await?
        {
            // A session in the user's place proves nothing of the user (ADMIN-02).
            if found.session.impersonated_by.is_some() {
                return Err(Problem::impersonated());
            }
            return Ok(Self { caller, who: Who::SignedIn(Box::new(found)) });
        }
        let Some(token) = caller.challenge.clone() else { return Err(TwoFactorError::InvalidChallenge.into()) };
        Ok(Self { caller, who: Who::SigningIn(token) })
    }
}
