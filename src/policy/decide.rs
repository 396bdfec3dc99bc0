//! Decides on one request.

use http::Method;
use time::OffsetDateTime;

use crate::{
    policy::permit::Permit,
    routing::{Access, CrossOriginWrites, Requirements},
    types::{ActiveSession, ActiveUser, ApiKeyGrant, ApiKeyRejection, Credential, Identity, Principal, StepUp},
};

/// Holds what the decision rests on beside the route and the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestFacts {
    /// The request can change something (any method but GET, HEAD and OPTIONS) or opens a WebSocket.
    pub is_sensitive: bool,
    /// The browser says that a page of a trusted origin sent it.
    pub is_from_trusted_origin: bool,
    /// Is when the request arrived.
    pub received_at: OffsetDateTime,
}

impl RequestFacts {
    /// Holds what the method and the route's rule for writes make of a request.
    #[must_use]
    pub fn new(
        method: &Method,
        cross_origin_writes: CrossOriginWrites,
        opens_websocket: bool,
        is_from_trusted_origin: bool,
        received_at: OffsetDateTime,
    ) -> Self {
        let is_guarded_write = !method.is_safe() && cross_origin_writes == CrossOriginWrites::Refuse;
        Self { is_sensitive: opens_websocket || is_guarded_write, is_from_trusted_origin, received_at }
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
    /// Means that an API key opens nothing: 401 for the same reason.
    RejectedApiKey(ApiKeyRejection),
    /// Means that an API key lacks a scope that the route asks for: 403.
    MissingScope,
    /// Means that the route asks for a proof that no API key can give: 403.
    ApiKeyNotAllowed,
    /// Means that the route asks for what only users have, a role or a proof, and that the API key of an organization was
    /// presented: 403.
    UserRequired,
    /// Means that who is signed in lacks a role that the route asks for: 403.
    MissingRole,
    /// Means that who is signed in has none of the roles that the route asks for in the organization that the session works
    /// in, or works in none: 403.
    MissingOrganizationRole,
    /// Means that the session has not proved what the route asks for: 403, or the sign-in page.
    StepUp(StepUp),
    /// Means that a cookie came along with a request that another site may have made: 403 (CSRF-03, WS-02).
    CrossOrigin,
}

impl Denial {
    /// Returns the label of `authgate_access_denied_total`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::RejectedBearer => "rejected_bearer",
            Self::RejectedApiKey(_) => "rejected_api_key",
            Self::MissingScope => "missing_scope",
            Self::ApiKeyNotAllowed => "api_key_not_allowed",
            Self::UserRequired => "user_required",
            Self::MissingRole => "missing_role",
            Self::MissingOrganizationRole => "missing_organization_role",
            Self::StepUp(StepUp::TwoFactorSetup | StepUp::TwoFactor) => "two_factor_required",
            Self::StepUp(StepUp::Reauthenticate) => "reauthentication_required",
            Self::CrossOrigin => "cross_origin",
        }
    }
}

/// Decides for a route that looks at identities. Public routes are decided by [`Access::Public`] alone.
pub fn authorise(access: &Access, require: &Requirements, identity: Identity, facts: RequestFacts) -> Decision {
    let required_roles = match access {
        Access::Public => return Decision::Allow(Permit::anonymous()),
        Access::Optional => None,
        Access::Required { roles } => Some(roles),
    };
    match identity {
        Identity::RejectedBearer => Decision::Deny(Denial::RejectedBearer),
        Identity::RejectedApiKey(rejection) => Decision::Deny(Denial::RejectedApiKey(rejection)),
        Identity::Anonymous if required_roles.is_some() => Decision::Deny(Denial::Unauthenticated),
        Identity::Anonymous => Decision::Allow(Permit::anonymous()),
        // Only a cookie travels without the page's doing; a bearer token was put there by the caller.
        Identity::Session { credential: Credential::Cookie, .. }
            if facts.is_sensitive && !facts.is_from_trusted_origin =>
        {
            Decision::Deny(Denial::CrossOrigin)
        }
        Identity::Session { session, credential } => {
            let roles = required_roles.map_or(&[][..], Vec::as_slice);
            let denial = match &session.principal {
                Principal::User { user, api_key } => user_denial((roles, require), user).or_else(|| match api_key {
                    Some(key) => key_denial(require, user, key),
                    None => step_up(require, &session, user, facts.received_at).map(Denial::StepUp),
                }),
                Principal::Organization { api_key, .. } => organization_denial((roles, require), api_key),
            };
            match denial {
                Some(denial) => Decision::Deny(denial),
                None => Decision::Allow(Permit::new(session, credential)),
            }
        }
    }
}

/// Returns which role a user lacks.
fn user_denial((roles, require): (&[String], &Requirements), user: &ActiveUser) -> Option<Denial> {
    if !roles.is_empty() && !roles.iter().any(|role| user.roles.contains(role)) {
        Some(Denial::MissingRole)
    } else {
        (!has_organization_role(require, user)).then_some(Denial::MissingOrganizationRole)
    }
}

/// Returns what the key of an organization lacks. It is no user: it has no role, in the organization either, and nobody who
/// could have proved something.
fn organization_denial((roles, require): (&[String], &Requirements), key: &ApiKeyGrant) -> Option<Denial> {
    let asks_for_role = !roles.is_empty() || !require.organization_roles.is_empty();
    if asks_for_role || require.two_factor || require.max_age.is_some() {
        Some(Denial::UserRequired)
    } else {
        missing_scope(require, key)
    }
}

fn has_organization_role(require: &Requirements, user: &ActiveUser) -> bool {
    let roles = user.organization.as_ref().map(|organization| &organization.roles);
    let asked = &require.organization_roles;
    asked.is_empty() || roles.is_some_and(|roles| asked.iter().any(|role| roles.contains(*role)))
}

/// Returns what a key lacks. Whoever holds it proved nothing, neither a second factor nor when they were there.
fn key_denial(require: &Requirements, user: &ActiveUser, key: &ApiKeyGrant) -> Option<Denial> {
    if needs_two_factor(require, user) || require.max_age.is_some() {
        Some(Denial::ApiKeyNotAllowed)
    } else {
        missing_scope(require, key)
    }
}

fn missing_scope(require: &Requirements, key: &ApiKeyGrant) -> Option<Denial> {
    require.scopes.iter().any(|scope| !key.scopes.contains(scope)).then_some(Denial::MissingScope)
}

fn needs_two_factor(require: &Requirements, user: &ActiveUser) -> bool {
    require.two_factor || require.two_factor_roles.iter().any(|role| user.roles.contains(role))
}

/// Returns what the session has to prove first. The second factor comes before its age: proving it renews both.
fn step_up(require: &Requirements, session: &ActiveSession, user: &ActiveUser, now: OffsetDateTime) -> Option<StepUp> {
    let proved = session.authentication();
    if needs_two_factor(require, user) && !proved.has_second_factor() {
        return Some(if user.has_two_factor { StepUp::TwoFactor } else { StepUp::TwoFactorSetup });
    }
    let is_stale = require.max_age.is_some_and(|max_age| now - proved.proved_at >= max_age);
    is_stale.then_some(StepUp::Reauthenticate)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::types::{
        ActiveOrganization, Activity, ApiKeyId, ApiKeyState, KeyOrganization, OrganizationId, OrganizationRole,
        OrganizationRoles, SecondFactor, SessionId, UserId,
    };

    fn session(roles: &[&str], credential: Credential) -> Identity {
        let session = ActiveSession {
            session_id: SessionId::generate(),
            principal: Principal::User {
                user: ActiveUser {
                    id: UserId::generate(),
                    email: "a@example.com".parse().unwrap(),
                    email_verified: true,
                    name: "A".to_owned(),
                    roles: roles.iter().map(|&role| role.to_owned()).collect(),
                    additional_fields: serde_json::Value::Null,
                    has_two_factor: false,
                    organization: None,
                },
                api_key: None,
            },
            auth_method: "password".to_owned(),
            second_factor: None,
            impersonated_by: None,
            proved_at: OffsetDateTime::UNIX_EPOCH,
            expires_at: OffsetDateTime::UNIX_EPOCH,
            is_remembered: true,
            activity: Activity::Recorded,
        };
        Identity::Session { session: Arc::new(session), credential }
    }

    fn required(roles: &[&str]) -> Access {
        Access::Required { roles: roles.iter().map(|&role| role.to_owned()).collect() }
    }

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
    const READ: RequestFacts = RequestFacts { is_sensitive: false, is_from_trusted_origin: false, received_at: NOW };
    const FOREIGN_WRITE: RequestFacts = RequestFacts { is_sensitive: true, ..READ };
    const OWN_WRITE: RequestFacts = RequestFacts { is_from_trusted_origin: true, ..FOREIGN_WRITE };

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
            let decided = match authorise(&access, &Requirements::default(), identity, facts) {
                Decision::Allow(permit) => Ok(permit.identity().is_some()),
                Decision::Deny(denial) => Err(denial),
            };
            assert_eq!(decided, expected, "{name}");
        }
    }

    /// Decides on a session that was proved so many seconds ago.
    fn decide(require: &Requirements, seconds: i64, change: impl FnOnce(&mut ActiveSession)) -> Option<StepUp> {
        let Identity::Session { session, credential } = session(&["user", "admin"], Credential::Cookie) else {
            unreachable!("it is one")
        };
        let mut session = Arc::unwrap_or_clone(session);
        session.proved_at = NOW - time::Duration::seconds(seconds);
        change(&mut session);
        match authorise(&required(&[]), require, Identity::Session { session: Arc::new(session), credential }, READ) {
            Decision::Allow(_) => None,
            Decision::Deny(Denial::StepUp(step_up)) => Some(step_up),
            Decision::Deny(denial) => panic!("{denial:?}"),
        }
    }

    #[test]
    fn a_second_factor_is_one_that_was_proved_in_the_session() {
        let everybody = Requirements { two_factor: true, ..Requirements::default() };
        let admins = Requirements { two_factor_roles: vec!["admin".to_owned()], ..Requirements::default() };
        let support = Requirements { two_factor_roles: vec!["support".to_owned()], ..Requirements::default() };
        for factor in SecondFactor::ALL.map(Some).into_iter().chain([None]) {
            let is_proved = factor.is_some_and(SecondFactor::is_proved_in_session);
            for (require, is_asked) in [(&everybody, true), (&admins, true), (&support, false)] {
                for (has_two_factor, missing) in [(true, StepUp::TwoFactor), (false, StepUp::TwoFactorSetup)] {
                    let found = decide(require, 0, |session| {
                        session.second_factor = factor;
                        session.user_mut().has_two_factor = has_two_factor;
                    });
                    assert_eq!(found, (is_asked && !is_proved).then_some(missing), "{factor:?}, {require:?}");
                }
            }
        }
    }

    #[test]
    fn a_proof_lasts_for_max_age_and_no_longer() {
        let require = Requirements { max_age: Some(std::time::Duration::from_mins(10)), ..Requirements::default() };
        for (age, expected) in [(0, None), (599, None), (600, Some(StepUp::Reauthenticate)), (-3, None)] {
            assert_eq!(decide(&require, age, |_| {}), expected, "{age}");
        }
        let both = Requirements { two_factor: true, ..require };
        let proved = |session: &mut ActiveSession| session.second_factor = Some(SecondFactor::Totp);
        assert_eq!(decide(&both, 600, |_| {}), Some(StepUp::TwoFactorSetup), "proving it renews both");
        assert_eq!(decide(&both, 600, proved), Some(StepUp::Reauthenticate));
        assert_eq!(decide(&both, 599, proved), None);
    }

    #[test]
    fn a_role_in_the_organization_is_one_of_the_active_one() {
        let require = Requirements {
            organization_roles: vec![OrganizationRole::Owner, OrganizationRole::Admin],
            ..Requirements::default()
        };
        for (roles, is_allowed) in
            [(None, false), (Some("member"), false), (Some("admin"), true), (Some("member,owner"), true)]
        {
            // Roles elsewhere are no roles here.
            let Identity::Session { session, credential } = session(&["owner", "admin"], Credential::Cookie) else {
                unreachable!("it is one")
            };
            let mut session = Arc::unwrap_or_clone(session);
            session.user_mut().organization = roles.map(|roles| ActiveOrganization {
                id: OrganizationId::generate(),
                slug: "acme".to_owned(),
                roles: OrganizationRoles::parse([roles]).unwrap().unwrap(),
            });
            let identity = Identity::Session { session: Arc::new(session), credential };
            match authorise(&required(&[]), &require, identity, READ) {
                Decision::Allow(_) => assert!(is_allowed, "{roles:?}"),
                Decision::Deny(denial) => {
                    assert_eq!((denial, is_allowed), (Denial::MissingOrganizationRole, false), "{roles:?}");
                }
            }
        }
    }

    #[test]
    fn a_role_is_asked_for_before_a_proof_and_a_page_before_both() {
        let require = Requirements { two_factor: true, ..Requirements::default() };
        for (access, facts, expected) in [
            (required(&["admin"]), READ, Denial::MissingRole),
            (required(&[]), FOREIGN_WRITE, Denial::CrossOrigin),
            (required(&[]), READ, Denial::StepUp(StepUp::TwoFactorSetup)),
            (Access::Optional, READ, Denial::StepUp(StepUp::TwoFactorSetup)),
        ] {
            let decided = authorise(&access, &require, session(&["user"], Credential::Cookie), facts);
            assert!(matches!(decided, Decision::Deny(denial) if denial == expected), "{decided:?}");
        }
        let anonymous = authorise(&Access::Optional, &require, Identity::Anonymous, READ);
        assert!(matches!(anonymous, Decision::Allow(_)), "{anonymous:?}");
    }

    #[test]
    fn the_key_of_an_organization_has_no_role_and_proves_nothing() {
        let decide = |access: &Access, require: &Requirements| {
            let Identity::Session { session, .. } = session(&["user", "admin"], Credential::Bearer) else {
                unreachable!("it is one")
            };
            let grant = ApiKeyGrant {
                id: ApiKeyId::generate_for_key(),
                state: ApiKeyState::Active,
                scopes: vec!["reports:read".to_owned()],
                is_counted: false,
                quota_revision: 0,
            };
            let organization = KeyOrganization { id: OrganizationId::generate(), slug: "acme".to_owned() };
            let principal = Principal::Organization { organization, api_key: Arc::new(grant) };
            let session = ActiveSession { principal, ..Arc::unwrap_or_clone(session) };
            let identity = Identity::Session { session: Arc::new(session), credential: Credential::ApiKey };
            match authorise(access, require, identity, FOREIGN_WRITE) {
                Decision::Allow(permit) => {
                    assert!(permit.session().is_some_and(|session| session.user().is_none()));
                    None
                }
                Decision::Deny(denial) => Some(denial),
            }
        };
        let none = Requirements::default();
        let organization_roles = Requirements { organization_roles: OrganizationRole::ALL.to_vec(), ..none.clone() };
        let two_factor_roles = Requirements { two_factor_roles: vec!["admin".to_owned()], ..none.clone() };
        let max_age = Some(std::time::Duration::from_hours(1));
        let scope = |scope: &str| Requirements { scopes: vec![scope.to_owned()], ..none.clone() };
        for (name, access, require, expected) in [
            ("required", required(&[]), none.clone(), None),
            ("optional", Access::Optional, none.clone(), None),
            ("roles", required(&["admin", "user"]), none.clone(), Some(Denial::UserRequired)),
            ("organization roles", required(&[]), organization_roles, Some(Denial::UserRequired)),
            (
                "two factors",
                required(&[]),
                Requirements { two_factor: true, ..none.clone() },
                Some(Denial::UserRequired),
            ),
            ("an age", required(&[]), Requirements { max_age, ..none.clone() }, Some(Denial::UserRequired)),
            ("two factors of a role", required(&[]), two_factor_roles, None),
            ("its scope", required(&[]), scope("reports:read"), None),
            ("another scope", required(&[]), scope("reports:write"), Some(Denial::MissingScope)),
        ] {
            assert_eq!(decide(&access, &require), expected, "{name}");
        }
    }

    #[test]
    fn a_key_needs_every_scope_and_never_stands_for_a_proof() {
        let decide = |require: &Requirements, scopes: &[&str], roles: &[&str]| {
            let Identity::Session { session, .. } = session(&["user", "admin"], Credential::Bearer) else {
                unreachable!("it is one")
            };
            let mut session = Arc::unwrap_or_clone(session);
            let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
            let grant = ApiKeyGrant {
                id: ApiKeyId::generate_for_key(),
                state: ApiKeyState::Active,
                scopes,
                is_counted: false,
                quota_revision: 0,
            };
            let user = session.user_mut().clone();
            session.principal = Principal::User { user, api_key: Some(Arc::new(grant)) };
            let identity = Identity::Session { session: Arc::new(session), credential: Credential::ApiKey };
            match authorise(&required(roles), require, identity, FOREIGN_WRITE) {
                Decision::Allow(_) => None,
                Decision::Deny(denial) => Some(denial),
            }
        };
        let none = Requirements::default();
        let scopes = |scopes: &[&str]| Requirements {
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            ..Requirements::default()
        };
        assert_eq!(decide(&none, &[], &[]), None, "no cookie travels with it, so no page can send it");
        assert_eq!(decide(&none, &["admin:all"], &["support"]), Some(Denial::MissingRole), "a scope is no role");
        let both = scopes(&["reports:read", "reports:write"]);
        assert_eq!(decide(&both, &["reports:read", "reports:write", "x:y"], &[]), None);
        for too_few in [&[][..], &["reports:read"], &["reports"], &["reports:*", "*:*"]] {
            assert_eq!(decide(&both, too_few, &[]), Some(Denial::MissingScope), "{too_few:?}");
        }
        for require in [
            Requirements { two_factor: true, ..none.clone() },
            Requirements { two_factor_roles: vec!["admin".to_owned()], ..none.clone() },
            Requirements { max_age: Some(std::time::Duration::from_hours(1)), ..none.clone() },
        ] {
            assert_eq!(decide(&require, &[], &[]), Some(Denial::ApiKeyNotAllowed), "{require:?}");
        }
        let session = authorise(&required(&[]), &both, session(&[], Credential::Cookie), READ);
        assert!(matches!(session, Decision::Allow(_)), "scopes do not limit sessions");
    }
}
