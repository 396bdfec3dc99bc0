//! Says, for endpoints that need a session, whose it is, read from the database at this request (contract §1.2).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::{Method, request::Parts};

use crate::{
    api::{Problem, extract::caller::Caller, respond::cookie::cleared_session},
    auth::{Auth, FoundSession, Settings, find_session},
    sessions::credential::Presented,
    types::SessionToken,
};

/// Holds the caller with a live session. For anybody else the response is 401, and a cookie that opens nothing is
/// cleared. An administrator who acts in the user's place reads with it; with any other method the response is 403
/// (ADMIN-02), unless the endpoint takes [`AlsoImpersonated`].
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) caller: Caller,
    pub(crate) token: SessionToken,
    pub(crate) found: FoundSession,
}

impl FromRequestParts<Arc<Auth>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        let AlsoImpersonated(signed_in) = AlsoImpersonated::from_request_parts(parts, auth).await?;
        if matches!(parts.method, Method::GET | Method::HEAD) { Ok(signed_in) } else { signed_in.themselves() }
    }
}

impl SignedIn {
    /// Fails where an administrator acts in the user's place.
    fn themselves(self) -> Result<Self, Problem> {
        if self.found.session.impersonated_by.is_none() { Ok(self) } else { Err(Problem::impersonated()) }
    }
}

/// Holds the same for the few endpoints that change something for an administrator who acts in the user's place, too.
/// docs/administration.md lists them.
#[derive(Debug)]
pub(crate) struct AlsoImpersonated(pub(crate) SignedIn);

impl FromRequestParts<Arc<Auth>> for AlsoImpersonated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        let mut caller = Caller::from_request_parts(parts, auth).await?;
        let Some(token) = caller.token().cloned() else { return Err(Problem::unauthorized()) };
        match find_session(auth, &token).await? {
            Some(found) => {
                caller.client.impersonated_by.clone_from(&found.session.impersonated_by);
                Ok(Self(SignedIn { caller, token, found }))
            }
            None => Err(unauthorized(&caller, &auth.settings)),
        }
    }
}

/// Rejects whoever is not signed in; a cookie that opens nothing any more is cleared.
pub(crate) fn unauthorized(caller: &Caller, settings: &Settings) -> Problem {
    if matches!(caller.presented, Presented::Cookie(_)) {
        let (name, value) = cleared_session(settings);
        return Problem::unauthorized().with_header(name, value);
    }
    Problem::unauthorized()
}

/// Holds the same with a session that was proved within `auth.session.fresh_age`; the response is 403 with an older
/// one.
#[derive(Debug)]
pub(crate) struct FreshlySignedIn(pub(crate) SignedIn);

impl FromRequestParts<Arc<Auth>> for FreshlySignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        let NotImpersonated(signed_in) = NotImpersonated::from_request_parts(parts, auth).await?;
        if signed_in.found.is_fresh(&auth.settings.session, signed_in.caller.now) {
            Ok(Self(signed_in))
        } else {
            Err(Problem::session_not_fresh())
        }
    }
}

/// Holds the same with a session that was proved within the last ten minutes, for what would lock its owner out; the
/// response is 403 with an older one. Whoever has a password proves it with `POST /verify-password`.
#[derive(Debug)]
pub(crate) struct ProvedLately(pub(crate) SignedIn);

impl FromRequestParts<Arc<Auth>> for ProvedLately {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        let NotImpersonated(signed_in) = NotImpersonated::from_request_parts(parts, auth).await?;
        if signed_in.found.is_proved_lately(&auth.settings.session, signed_in.caller.now) {
            Ok(Self(signed_in))
        } else {
            Err(Problem::session_not_fresh())
        }
    }
}

/// Holds the same with a session that its own user uses, whatever the method: an administrator who acts in the user's
/// place does nothing that lasts longer than that (ADMIN-02).
#[derive(Debug)]
pub(crate) struct NotImpersonated(pub(crate) SignedIn);

impl FromRequestParts<Arc<Auth>> for NotImpersonated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        SignedIn::from_request_parts(parts, auth).await?.themselves().map(Self)
    }
}
