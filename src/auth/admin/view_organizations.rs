//! Lets administrators look at organizations: a page of them, or one with its members. Who looked is recorded.

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::admin::{
        administration::{Administration, AdministrationError},
        operator::organizations::{OrganizationAdministrationError, list_organization_members, list_organizations},
    },
    store::{
        audit::Event,
        organizations::{ListedOrganization, Organization, members::MemberUser},
    },
    types::OrganizationId,
};

/// Returns a page of the organizations that a search finds, in the order of their ids, and whether more follow.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn search_organizations(
    administration: &Administration,
    after: Option<&OrganizationId>,
    search: Option<&str>,
    limit: u32,
    now: OffsetDateTime,
) -> Result<(Vec<ListedOrganization>, bool), AdministrationError> {
    let page = list_organizations(administration, after, search, limit).await?;
    let mut connection = administration.db.acquire().await?;
    let detail = json!({ "organizations": page.0.len() });
    administration.record(&mut connection, Event::OrganizationsListed, None, detail, now).await?;
    Ok(page)
}

/// Finds an organization by its id or slug, with some of its members and how many there are; `None` where there is none.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn view_organization(
    administration: &Administration,
    name: &str,
    part: (u32, u32),
    now: OffsetDateTime,
) -> Result<Option<(Organization, Vec<MemberUser>, i64)>, AdministrationError> {
    let found = match list_organization_members(administration, name, part).await {
        Ok(found) => found,
        Err(OrganizationAdministrationError::Store(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let mut connection = administration.db.acquire().await?;
    let detail = json!({ "organization": found.0.id });
    administration.record(&mut connection, Event::OrganizationViewed, None, detail, now).await?;
    Ok(Some(found))
}
