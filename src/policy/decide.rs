//! Decides on one request.

use http::Method;

use crate::{
    policy::permit::Permit,
    routing::{Access, CrossOriginWrites},
    types::{Credential, Identity},
};

/// Holds what the decision rests on beside the route and the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestFacts {
    /// The request can change something (any method but GET, HEAD and OPTIONS) or opens a WebSocket.
    pub is_sensitive: bool,
    /// The browser says that a page of a trusted origin sent it.
    pub is_from_trusted_origin: bool,
}

impl RequestFacts {
    /// Holds what the method and the route's rule for writes make of a request.
    #[must_use]
    pub fn new(
        method: &Method,
        cross_origin_writes: CrossOriginWrites,
        opens_websocket: bool,
        is_from_trusted_origin: bool,
    ) -> Self {
        let is_guarded_write = !method.is_safe() && cross_origin_writes == CrossOriginWrites::Refuse;
        Self { is_sensitive: opens_websocket || is_guarded_write, is_from_trusted_origin }
    }
}

/// Says that a request is allowed, or why not.
#[derive(Debug)]
#[must_use]
pub enum Decision {
    Allow(Permit),
    Deny(Denial),
}

/// Says why a request goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// Means that nobody is signed in: 401, or the sign-in page.
    Unauthenticated,
    /// Means that a bearer token opens nothing: 401 also where no session is needed.
    RejectedBearer,
    /// Means that who is signed in lacks a role that the route asks for: 403.
    MissingRole,
    /// Means that a cookie came along with a request that another site may have made: 403 (CSRF-03, WS-02).
    CrossOrigin,
}

/// Decides for a route that looks at identities. Public routes are decided by [`Access::Public`] alone.
pub fn authorise(access: &Access, identity: Identity, facts: RequestFacts) -> Decision {
    let required_roles = match access {
        Access::Public => return Decision::Allow(Permit::anonymous()),
        Access::Optional => None,
        Access::Required { roles } => Some(roles),
    };
    match identity {
        Identity::RejectedBearer => Decision::Deny(Denial::RejectedBearer),
        Identity::Anonymous if required_roles.is_some() => Decision::Deny(Denial::Unauthenticated),
        Identity::Anonymous => Decision::Allow(Permit::anonymous()),
        // Only a cookie travels without the page's doing; a bearer token was put there by the caller.
        Identity::Session { credential: Credential::Cookie, .. }
            if facts.is_sensitive && !facts.is_from_trusted_origin =>
        {
            Decision::Deny(Denial::CrossOrigin)
        }
        Identity::Session { session, credential } => {
            let has_role = required_roles
                .is_none_or(|roles| roles.is_empty() || roles.iter().any(|role| session.roles.contains(role)));
            if has_role {
                Decision::Allow(Permit::new(session, credential))
            } else {
                Decision::Deny(Denial::MissingRole)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::OffsetDateTime;

    use super::*;
    use crate::types::{ActiveSession, Activity, SessionId, UserId};

    fn session(roles: &[&str], credential: Credential) -> Identity {
        let session = ActiveSession {
            session_id: SessionId::generate(),
            user_id: UserId::generate(),
            email: "a@example.com".parse().unwrap(),
            email_verified: true,
            name: "A".to_owned(),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            additional_fields: serde_json::Value::Null,
            expires_at: OffsetDateTime::UNIX_EPOCH,
            activity: Activity::Recorded,
        };
        Identity::Session { session: Arc::new(session), credential }
    }

    fn required(roles: &[&str]) -> Access {
        Access::Required { roles: roles.iter().map(|&role| role.to_owned()).collect() }
    }

    const READ: RequestFacts = RequestFacts { is_sensitive: false, is_from_trusted_origin: false };
    const FOREIGN_WRITE: RequestFacts = RequestFacts { is_sensitive: true, is_from_trusted_origin: false };
    const OWN_WRITE: RequestFacts = RequestFacts { is_sensitive: true, is_from_trusted_origin: true };

    #[test]
    fn decides() {
        use Credential::{Bearer, Cookie};
        use Denial::{CrossOrigin, MissingRole, RejectedBearer, Unauthenticated};
        for (name, access, identity, facts, expected) in [
            ("public", Access::Public, Identity::Anonymous, READ, Ok(false)),
            ("public ignores a bad bearer", Access::Public, Identity::RejectedBearer, READ, Ok(false)),
            ("optional anonymous", Access::Optional, Identity::Anonymous, FOREIGN_WRITE, Ok(false)),
            ("optional bad bearer", Access::Optional, Identity::RejectedBearer, READ, Err(RejectedBearer)),
            ("optional session", Access::Optional, session(&[], Cookie), READ, Ok(true)),
            ("required anonymous", required(&[]), Identity::Anonymous, READ, Err(Unauthenticated)),
            ("required bad bearer", required(&[]), Identity::RejectedBearer, READ, Err(RejectedBearer)),
            ("required session", required(&[]), session(&[], Cookie), READ, Ok(true)),
            ("a role", required(&["admin"]), session(&["user", "admin"], Cookie), READ, Ok(true)),
            ("any of the roles", required(&["admin", "support"]), session(&["support"], Cookie), READ, Ok(true)),
            ("no role", required(&["admin"]), session(&["administrator"], Cookie), READ, Err(MissingRole)),
            ("foreign write by cookie", required(&[]), session(&[], Cookie), FOREIGN_WRITE, Err(CrossOrigin)),
            ("foreign write, optional", Access::Optional, session(&[], Cookie), FOREIGN_WRITE, Err(CrossOrigin)),
            ("own write by cookie", required(&[]), session(&[], Cookie), OWN_WRITE, Ok(true)),
            ("write by bearer", required(&[]), session(&[], Bearer), FOREIGN_WRITE, Ok(true)),
        ] {
            let decided = match authorise(&access, identity, facts) {
                Decision::Allow(permit) => Ok(permit.identity().is_some()),
                Decision::Deny(denial) => Err(denial),
            };
            assert_eq!(decided, expected, "{name}");
        }
    }
}
