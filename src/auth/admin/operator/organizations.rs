//! Looks organizations up, founds and deletes them, and says who is in them.

use serde_json::{Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{
        admin::{Administration, AdministrationError, administration::find_locked as find_user_locked},
        organization::last_owner::is_last_owner,
    },
    store::{
        Constraint, StoreError,
        audit::Event,
        organizations::{
            self, ListedOrganization, Organization, OrganizationRef,
            members::{self, Member, MemberField, MemberQuery, MemberUser},
        },
        retry_once,
        users::admin::{UserRecord, UserRef},
    },
    types::{OrganizationId, OrganizationRole, OrganizationRoles},
};

/// Describes why nothing was changed about an organization.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationAdministrationError {
    #[error("there is no such organization")]
    UnknownOrganization,
    #[error("there is no such user")]
    UnknownUser,
    #[error("the user is not in the organization")]
    NotAMember,
    #[error("the slug is taken")]
    SlugTaken,
    #[error("the user is the only owner; make another member an owner first, or delete the organization")]
    OnlyOwner,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AdministrationError> for OrganizationAdministrationError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::LastOwner(_) => Self::OnlyOwner,
            AdministrationError::UnknownOrganization => Self::UnknownOrganization,
            AdministrationError::Store(error) => Self::Store(error),
            // Operators may do everything, and name nothing but a user here.
            AdministrationError::UnknownUser
            | AdministrationError::UnknownSession
            | AdministrationError::UnknownApiKey
            | AdministrationError::NotAllowed(_)
            | AdministrationError::Outranked
            | AdministrationError::Oneself(_)
            | AdministrationError::LastAdministrator => Self::UnknownUser,
        }
    }
}

/// Returns a page of organizations, and whether more follow.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_organizations(
    administration: &Administration,
    after: Option<&OrganizationId>,
    search: Option<&str>,
    limit: u32,
) -> Result<(Vec<ListedOrganization>, bool), StoreError> {
    let mut connection = administration.db.acquire().await?;
    let mut listed = organizations::list(&mut connection, after, search, i64::from(limit) + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = listed.len() > limit;
    listed.truncate(limit);
    Ok((listed, has_more))
}

/// Finds an organization with its members, oldest first, and tells how many there are.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_organization_members(
    administration: &Administration,
    name: &str,
    (limit, offset): (u32, u32),
) -> Result<(Organization, Vec<MemberUser>, i64), OrganizationAdministrationError> {
    let mut connection = administration.db.acquire().await?;
    let organization = find(&mut connection, name).await?;
    let query = MemberQuery {
        limit: limit.into(),
        offset: offset.into(),
        sort_by: MemberField::CreatedAt,
        descending: false,
        filter: None,
    };
    let listed = members::list(&mut connection, &organization.id, &query).await?;
    let total = members::count(&mut connection, &organization.id, None).await?;
    Ok((organization, listed, total))
}

/// Founds an organization with its owner. No limit of users holds for operators.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn create_organization(
    administration: &Administration,
    (name, slug): (&str, &str),
    owner: &UserRef,
    now: OffsetDateTime,
) -> Result<(Organization, UserRecord), OrganizationAdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let owner = find_user_locked(&mut transaction, owner).await?;
        let organization = Organization {
            id: OrganizationId::generate(),
            name: name.to_owned(),
            slug: slug.to_owned(),
            logo: None,
            metadata: None,
            created_at: now,
        };
        match organizations::insert(&mut transaction, &organization).await {
            Err(StoreError::Conflict(Constraint::OrganizationSlug)) => {
                return Err(OrganizationAdministrationError::SlugTaken);
            }
            inserted => inserted?,
        }
        let member = Member::new(&organization.id, &owner.user.id, &OrganizationRole::Owner.into(), now);
        members::insert(&mut transaction, &member).await?;
        let about = (&organization, Some(&owner));
        record(administration, &mut transaction, Event::OrganizationCreated, about, json!({}), now).await?;
        transaction.commit().await?;
        Ok((organization, owner))
    })
    .await
}

/// Puts a user into an organization, or gives a member other roles. Nobody has to be invited for that.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn add_member(
    administration: &Administration,
    name: &str,
    who: &UserRef,
    roles: &OrganizationRoles,
    now: OffsetDateTime,
) -> Result<(Organization, UserRecord), OrganizationAdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let user = find_user_locked(&mut transaction, who).await?;
        let organization = find_locked(&mut transaction, name).await?;
        let detail = json!({ "member": user.user.id, "roles": roles.names() });
        let known = members::find(&mut transaction, &organization.id, &user.user.id).await?;
        let event = if let Some(member) = known {
            if !roles.contains(OrganizationRole::Owner) && is_last_owner(&mut transaction, &member).await? {
                return Err(OrganizationAdministrationError::OnlyOwner);
            }
            members::update_roles(&mut transaction, &member.id, roles).await?;
            Event::MemberRolesChanged
        } else {
            members::insert(&mut transaction, &Member::new(&organization.id, &user.user.id, roles, now)).await?;
            Event::MemberAdded
        };
        record(administration, &mut transaction, event, (&organization, Some(&user)), detail, now).await?;
        transaction.commit().await?;
        Ok((organization, user))
    })
    .await
}

/// Takes a user out of an organization. It counts at their next request.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn remove_member(
    administration: &Administration,
    name: &str,
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<(Organization, UserRecord), OrganizationAdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let user = find_user_locked(&mut transaction, who).await?;
        let organization = find_locked(&mut transaction, name).await?;
        let member = members::find(&mut transaction, &organization.id, &user.user.id).await?;
        let member = member.ok_or(OrganizationAdministrationError::NotAMember)?;
        if is_last_owner(&mut transaction, &member).await? {
            return Err(OrganizationAdministrationError::OnlyOwner);
        }
        members::delete(&mut transaction, &member.id).await?;
        organizations::update_left(&mut transaction, &member.user_id, &organization.id).await?;
        let (about, detail) = ((&organization, Some(&user)), json!({ "member": user.user.id }));
        record(administration, &mut transaction, Event::MemberRemoved, about, detail, now).await?;
        transaction.commit().await?;
        Ok((organization, user))
    })
    .await
}

/// Finds an organization by its id or slug.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_organization(
    administration: &Administration,
    name: &str,
) -> Result<Organization, OrganizationAdministrationError> {
    find(&mut *administration.db.acquire().await?, name).await
}

/// Deletes an organization with its members and invitations.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_organization(
    administration: &Administration,
    name: &str,
    now: OffsetDateTime,
) -> Result<Organization, OrganizationAdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let organization = find_locked(&mut transaction, name).await?;
        organizations::delete(&mut transaction, &organization.id).await?;
        let about = (&organization, None);
        record(administration, &mut transaction, Event::OrganizationDeleted, about, json!({}), now).await?;
        transaction.commit().await?;
        Ok(organization)
    })
    .await
}

/// Finds by the id, or else by the slug, which can look like an id.
pub(super) async fn find(
    connection: &mut PgConnection,
    name: &str,
) -> Result<Organization, OrganizationAdministrationError> {
    if let Ok(id) = name.parse()
        && let Some(found) = organizations::find(connection, &OrganizationRef::Id(id)).await?
    {
        return Ok(found);
    }
    let found = organizations::find(connection, &OrganizationRef::Slug(name.to_owned())).await?;
    found.ok_or(OrganizationAdministrationError::UnknownOrganization)
}

pub(super) async fn find_locked(
    connection: &mut PgConnection,
    name: &str,
) -> Result<Organization, OrganizationAdministrationError> {
    let found = find(connection, name).await?;
    let locked = organizations::find_locked(connection, &found.id).await?;
    locked.ok_or(OrganizationAdministrationError::UnknownOrganization)
}

async fn record(
    administration: &Administration,
    connection: &mut PgConnection,
    event: Event,
    (organization, user): (&Organization, Option<&UserRecord>),
    mut detail: Value,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    detail["organization"] = json!(organization.id);
    administration.record(connection, event, user.map(|user| &user.user.id), detail, now).await
}
