//! Says who administers: a signed-in user whose roles permit it, by a session that was proved lately enough (ADMIN-02).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::{
    api::{
        Problem,
        extract::{
            fields::Fields,
            signed_in::{AlsoImpersonated, SignedIn},
        },
    },
    auth::{
        Auth, Denial, Event, Outcome,
        admin::{Administration, AdministrationError, Permission, Permissions, UserRef},
    },
    types::{StepUp, UserId},
};

/// Holds the caller with a live session, and what their roles permit. Each endpoint says what it takes with
/// [`Administrating::expect`].
#[derive(Debug)]
pub(crate) struct Administrating {
    pub(crate) signed_in: SignedIn,
    pub(crate) administration: Administration,
    permissions: Permissions,
}

impl FromRequestParts<Arc<Auth>> for Administrating {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        let AlsoImpersonated(signed_in) = AlsoImpersonated::from_request_parts(parts, auth).await?;
        // Without the settings there are no routes to it.
        let settings = auth.settings.admin.clone().unwrap_or_default();
        let permissions = settings.permissions_of(&signed_in.found.user.roles);
        let client = &signed_in.caller.client;
        let administration = Administration::by_session(auth, &settings, client, &signed_in.found);
        Ok(Self { signed_in, administration, permissions })
    }
}

impl Administrating {
    /// Fails where the caller's roles do not permit it, or where the session has not proved enough: a second factor, if
    /// one of the roles takes one, and that lately. Nobody administers in another's place.
    pub(crate) fn require(&self, auth: &Auth, permission: Permission) -> Result<(), Problem> {
        let SignedIn { caller, found, .. } = &self.signed_in;
        if found.session.impersonated_by.is_some() {
            return Err(Problem::impersonated());
        }
        if !self.permissions.contains(permission) {
            self.record_denial(auth, permission);
            return Err(AdministrationError::NotAllowed(permission).into());
        }
        let proved = found.session.authentication();
        if auth.settings.two_factor.is_required_for(&found.user.roles) && !proved.has_second_factor() {
            let has_one = found.user.two_factor_enabled;
            return Err(Problem::step_up(if has_one { StepUp::TwoFactor } else { StepUp::TwoFactorSetup }));
        }
        if found.is_fresh(&auth.settings.session, caller.now) { Ok(()) } else { Err(Problem::session_not_fresh()) }
    }

    /// Tells whether the caller's roles permit it.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }

    fn record_denial(&self, auth: &Auth, permission: Permission) {
        let SignedIn { caller, found, .. } = &self.signed_in;
        let (resource, action) = permission.names();
        auth.denials.record(Denial {
            event: Event::AccessDenied,
            outcome: Outcome::MissingRole,
            user_id: Some(found.user.id.clone()),
            place: format!("_auth/admin {resource}:{action}"),
            client: caller.client.clone(),
            at: caller.now,
        });
    }
}

/// Reads whom something is to be done to; what is no id names nobody.
pub(crate) fn user_ref(fields: &mut Fields<'_>, key: &str) -> Result<UserRef, AdministrationError> {
    let id: Result<UserId, _> = fields.string(key).parse();
    id.map(UserRef::Id).map_err(|_| AdministrationError::UnknownUser)
}
