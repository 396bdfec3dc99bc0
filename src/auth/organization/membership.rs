//! Finds and locks who is in an organization, for whatever changes that.

use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::{
    auth::{
        Flow, FoundSession,
        audit::record::record_about,
        organization::error::{OrganizationAction, OrganizationError},
        session::find::still_signed_in,
    },
    store::{
        StoreError, Tx,
        audit::{Event, Outcome},
        organizations::{
            self, Organization, OrganizationRef,
            members::{self, Member},
        },
        users,
    },
    types::{OrganizationId, OrganizationRoles, UserId},
};

/// Returns the id of the organization that is named, or else of the one that the session works in.
pub fn named_or_active(
    named: Option<OrganizationId>,
    current: &FoundSession,
) -> Result<OrganizationId, OrganizationError> {
    let active = || current.session.organization.as_ref().map(|organization| organization.id.clone());
    named.or_else(active).ok_or(OrganizationError::NoActiveOrganization)
}

/// Finds an organization and who asks in it. Whoever is not in it learns nothing of it, not even whether it exists.
pub(crate) async fn find_own(
    connection: &mut PgConnection,
    organization: &OrganizationRef,
    current: &FoundSession,
) -> Result<(Organization, Member), OrganizationError> {
    let found = organizations::find(connection, organization).await?.ok_or(OrganizationError::NotAMember)?;
    let member = members::find(connection, &found.id, &current.user.id).await?;
    Ok((found, member.ok_or(OrganizationError::NotAMember)?))
}

/// Holds an organization that nobody else changes until the transaction ends, and who changes it.
#[derive(Debug)]
pub(crate) struct LockedOrganization {
    pub(crate) transaction: Tx,
    pub(crate) organization: Organization,
    /// Is who asks, as a member.
    pub(crate) member: Member,
}

impl LockedOrganization {
    /// Begins a change: locks the users whom it is about, in their order, and then the organization. The session has to
    /// live, and its user to be a member.
    pub(crate) async fn begin(
        flow: Flow<'_>,
        organization: &OrganizationId,
        current: &FoundSession,
        about: Option<&UserId>,
    ) -> Result<Self, OrganizationError> {
        let mut transaction = flow.auth.db.begin().await?;
        let users: Vec<&str> = about.into_iter().chain([&current.user.id]).map(UserId::as_str).collect();
        users::list_locked(&mut transaction, &users).await?;
        still_signed_in(&mut transaction, current).await?;
        let found = organizations::find_locked(&mut transaction, organization).await?;
        let organization = found.ok_or(OrganizationError::NotAMember)?;
        let member = members::find(&mut transaction, &organization.id, &current.user.id).await?;
        let member = member.ok_or(OrganizationError::NotAMember)?;
        Ok(Self { transaction, organization, member })
    }

    /// Requires that whoever asks may do this.
    pub(crate) fn require(
        &self,
        (resource, action): (&str, &str),
        otherwise: OrganizationAction,
    ) -> Result<(), OrganizationError> {
        if self.member.roles.allow(resource, action) { Ok(()) } else { Err(OrganizationError::NotAllowed(otherwise)) }
    }

    /// Requires that whoever asks may give these roles, and deal with whoever has them.
    pub(crate) fn require_rank(
        &self,
        roles: &OrganizationRoles,
        otherwise: OrganizationAction,
    ) -> Result<(), OrganizationError> {
        if self.member.roles.may_deal_with(roles) { Ok(()) } else { Err(OrganizationError::NotAllowed(otherwise)) }
    }

    /// Appends an entry to the audit log.
    pub(crate) async fn record(&mut self, flow: Flow<'_>, event: Event, detail: Value) -> Result<(), StoreError> {
        let mut detail = detail;
        detail["organization"] = json!(self.organization.id);
        record(flow, &mut self.transaction, event, &self.member.user_id, detail).await
    }
}

/// Appends an entry about an organization to the audit log, and counts it. It names nobody but by id.
pub(crate) async fn record(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    event: Event,
    actor: &UserId,
    detail: Value,
) -> Result<(), StoreError> {
    record_about(flow, connection, (event, Outcome::Success), Some(actor), detail).await?;
    flow.auth.metrics.organizations.count(event.as_str());
    Ok(())
}
