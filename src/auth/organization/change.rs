//! Changes and deletes organizations, and says which one a session works in.

use serde_json::json;

use crate::{
    auth::{
        Auth, Flow, FoundSession,
        organization::{
            error::{OrganizationAction, OrganizationError},
            membership::{LockedOrganization, find_own},
        },
        session::find::still_signed_in,
    },
    store::{
        Constraint, StoreError,
        audit::Event,
        organizations::{self, Organization, OrganizationChanges, OrganizationRef},
        retry_once,
    },
    types::OrganizationId,
};

/// Tells whether an organization could have the slug.
pub async fn is_slug_free(auth: &Auth, slug: &str) -> Result<bool, StoreError> {
    Ok(!organizations::is_slug_taken(&mut *auth.db.acquire().await?, slug).await?)
}

/// Changes what an organization shows. The next request of any member tells the new slug to upstreams.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn update_organization(
    flow: Flow<'_>,
    id: &OrganizationId,
    changes: &OrganizationChanges,
    current: &FoundSession,
) -> Result<Organization, OrganizationError> {
    retry_once(|| async {
        let mut locked = LockedOrganization::begin(flow, id, current, None).await?;
        locked.require(("organization", "update"), OrganizationAction::Update)?;
        let organization = match organizations::update(&mut locked.transaction, id, changes).await {
            Err(StoreError::Conflict(Constraint::OrganizationSlug)) => return Err(OrganizationError::SlugTaken),
            updated => updated?.ok_or(OrganizationError::UnknownOrganization)?,
        };
        locked.record(flow, Event::OrganizationUpdated, json!({})).await?;
        locked.transaction.commit().await?;
        Ok(organization)
    })
    .await
}

/// Deletes an organization with its members and invitations, and returns what it was.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn delete_organization(
    flow: Flow<'_>,
    id: &OrganizationId,
    current: &FoundSession,
) -> Result<Organization, OrganizationError> {
    retry_once(|| async {
        let mut locked = LockedOrganization::begin(flow, id, current, None).await?;
        locked.require(("organization", "delete"), OrganizationAction::Delete)?;
        organizations::delete(&mut locked.transaction, id).await?;
        locked.record(flow, Event::OrganizationDeleted, json!({})).await?;
        locked.transaction.commit().await?;
        Ok(locked.organization)
    })
    .await
}

/// Lets the session work in an organization of its user's, or in none.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn activate_organization(
    flow: Flow<'_>,
    organization: Option<&OrganizationRef>,
    current: &FoundSession,
) -> Result<Option<Organization>, OrganizationError> {
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let found = match organization {
            Some(organization) => Some(find_own(&mut transaction, organization, current).await?.0),
            None => None,
        };
        let id = found.as_ref().map(|organization| &organization.id);
        organizations::update_active(&mut transaction, &current.session.id, id).await?;
        transaction.commit().await?;
        Ok(found)
    })
    .await
}
