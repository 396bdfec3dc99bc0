//! Founds organizations.

use serde_json::json;

use crate::{
    auth::{
        Flow, FoundSession, RateClass, limit_user,
        organization::{error::OrganizationError, membership::record, settings::OrganizationCreation, teams::new_team},
        session::find::still_signed_in,
    },
    store::{
        Constraint, StoreError,
        audit::Event,
        organizations::{
            self, Organization,
            members::{self, Member},
            teams,
        },
        retry_once,
    },
    types::{OrganizationId, OrganizationRole},
};

/// Holds what an organization is founded with.
#[derive(Debug)]
pub struct NewOrganization {
    pub name: String,
    pub slug: String,
    pub logo: Option<String>,
    pub metadata: Option<serde_json::Value>,
    /// The session goes on to work in the organization that it works in.
    pub keep_active: bool,
}

/// Founds an organization, which whoever asks owns, and lets the session work in it. Of two with one slug at once, one is
/// founded.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn create_organization(
    flow: Flow<'_>,
    input: &NewOrganization,
    current: &FoundSession,
) -> Result<(Organization, Member), OrganizationError> {
    let settings = flow.auth.settings.organizations.clone().unwrap_or_default();
    if settings.creation != OrganizationCreation::Anyone {
        return Err(OrganizationError::CreationRefused(settings.creation));
    }
    let _ = limit_user(flow, RateClass::Organization, &current.user.id).await?;
    retry_once(|| async {
        let user = &current.user.id;
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        if members::count_owned(&mut transaction, user).await? >= i64::from(settings.max_per_user) {
            return Err(OrganizationError::TooManyOrganizations);
        }
        let organization = Organization {
            id: OrganizationId::generate(),
            name: input.name.clone(),
            slug: input.slug.clone(),
            logo: input.logo.clone(),
            metadata: input.metadata.clone(),
            created_at: flow.now,
        };
        match organizations::insert(&mut transaction, &organization).await {
            Err(StoreError::Conflict(Constraint::OrganizationSlug)) => return Err(OrganizationError::AlreadyExists),
            inserted => inserted?,
        }
        let member = Member::new(&organization.id, user, &OrganizationRole::Owner.into(), flow.now);
        members::insert(&mut transaction, &member).await?;
        if !input.keep_active {
            organizations::update_active(&mut transaction, &current.session.id, Some(&organization.id)).await?;
        }
        if settings.teams.is_some() {
            // It has a first team, so that everybody can be in one.
            let team = new_team(&organization.id, &organization.name, flow);
            teams::insert(&mut transaction, &team).await?;
            teams::insert_member(&mut transaction, &team, user, flow.now).await?;
            if !input.keep_active {
                teams::update_active(&mut transaction, &current.session.id, Some(&team.id)).await?;
            }
        }
        let detail = json!({ "organization": organization.id });
        record(flow, &mut transaction, Event::OrganizationCreated, user, detail).await?;
        transaction.commit().await?;
        Ok((organization, member))
    })
    .await
}
