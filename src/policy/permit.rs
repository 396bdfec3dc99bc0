//! Proves that a request was allowed, and as whom.

use std::sync::Arc;

use crate::types::{ActiveSession, Credential};

/// Proves that a request was allowed. It is made by [`crate::policy::authorise`] alone. The proxy forwards from this
/// value, so forgetting the check does not compile.
#[derive(Debug)]
pub struct Permit {
    identity: Option<(Arc<ActiveSession>, Credential)>,
}

impl Permit {
    pub(crate) fn anonymous() -> Self {
        Self { identity: None }
    }

    pub(crate) fn new(session: Arc<ActiveSession>, credential: Credential) -> Self {
        Self { identity: Some((session, credential)) }
    }

    /// Returns the session of whom the upstream is told about.
    #[must_use]
    pub fn session(&self) -> Option<&ActiveSession> {
        self.identity.as_ref().map(|(session, _)| session.as_ref())
    }

    /// Returns whom the upstream is told about; `None` on public routes and for anonymous visitors of optional ones.
    #[must_use]
    pub fn identity(&self) -> Option<(&ActiveSession, Credential)> {
        self.identity.as_ref().map(|(session, credential)| (session.as_ref(), *credential))
    }
}
