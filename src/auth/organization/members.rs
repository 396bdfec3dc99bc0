//! Removes members and changes what they may do. Only owners deal with owners, and the last one stays.

use serde_json::json;

use crate::{
    auth::{
        Flow, FoundSession,
        organization::{
            error::{OrganizationAction, OrganizationError},
            last_owner::is_last_owner,
            membership::LockedOrganization,
        },
    },
    store::{
        StoreError,
        audit::Event,
        organizations::{
            self,
            members::{self, Member, MemberUser},
        },
        retry_once,
    },
    types::{Email, MemberId, OrganizationId, OrganizationRole, OrganizationRoles, UserId},
};

/// Tells how a member is named.
#[derive(Debug, Clone)]
pub enum MemberRef {
    Id(MemberId),
    Email(Email),
}

/// Removes a member. The sessions of the user work in the organization no longer, from their next request on.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn remove_member(
    flow: Flow<'_>,
    organization: &OrganizationId,
    who: &MemberRef,
    current: &FoundSession,
) -> Result<MemberUser, OrganizationError> {
    retry_once(|| async {
        let target = find_user(flow, organization, who).await?;
        let mut locked = LockedOrganization::begin(flow, organization, current, target.as_ref()).await?;
        locked.require(("member", "delete"), OrganizationAction::RemoveMember)?;
        let removed = find_again(&mut locked, target.as_ref()).await?;
        locked.require_rank(&removed.member.roles, OrganizationAction::RemoveMember)?;
        if is_last_owner(&mut locked.transaction, &removed.member).await? {
            return Err(OrganizationError::OnlyOwner);
        }
        end(&mut locked, &removed.member).await?;
        let detail = json!({ "member": removed.member.user_id });
        locked.record(flow, Event::MemberRemoved, detail).await?;
        locked.transaction.commit().await?;
        Ok(removed)
    })
    .await
}

/// Takes whoever asks out of an organization.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn leave_organization(
    flow: Flow<'_>,
    organization: &OrganizationId,
    current: &FoundSession,
) -> Result<MemberUser, OrganizationError> {
    retry_once(|| async {
        let mut locked = match LockedOrganization::begin(flow, organization, current, None).await {
            Err(OrganizationError::NotAMember) => return Err(OrganizationError::UnknownMember),
            begun => begun?,
        };
        let left = find_again(&mut locked, Some(&current.user.id)).await?;
        if is_last_owner(&mut locked.transaction, &left.member).await? {
            return Err(OrganizationError::OnlyOwner);
        }
        end(&mut locked, &left.member).await?;
        locked.record(flow, Event::MemberLeft, json!({})).await?;
        locked.transaction.commit().await?;
        Ok(left)
    })
    .await
}

/// Gives a member other roles. They count at the next request.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn update_member_roles(
    flow: Flow<'_>,
    organization: &OrganizationId,
    id: &MemberId,
    roles: &OrganizationRoles,
    current: &FoundSession,
) -> Result<Member, OrganizationError> {
    retry_once(|| async {
        let target = find_user(flow, organization, &MemberRef::Id(id.clone())).await?;
        let mut locked = LockedOrganization::begin(flow, organization, current, target.as_ref()).await?;
        locked.require(("member", "update"), OrganizationAction::UpdateMember)?;
        let MemberUser { member, .. } = find_again(&mut locked, target.as_ref()).await?;
        locked.require_rank(&member.roles, OrganizationAction::UpdateMember)?;
        locked.require_rank(roles, OrganizationAction::UpdateMember)?;
        if !roles.contains(OrganizationRole::Owner) && is_last_owner(&mut locked.transaction, &member).await? {
            return Err(OrganizationError::NoOwnerLeft);
        }
        let changed = members::update_roles(&mut locked.transaction, &member.id, roles).await?;
        let changed = changed.ok_or(OrganizationError::UnknownMember)?;
        let detail = json!({ "member": member.user_id, "roles": roles.names() });
        locked.record(flow, Event::MemberRolesChanged, detail).await?;
        locked.transaction.commit().await?;
        Ok(changed)
    })
    .await
}

/// Finds whom a change is about, before anything is locked.
async fn find_user(
    flow: Flow<'_>,
    organization: &OrganizationId,
    who: &MemberRef,
) -> Result<Option<UserId>, StoreError> {
    let named = match who {
        MemberRef::Id(id) => (Some(id), None, None),
        MemberRef::Email(email) => (None, None, Some(email)),
    };
    let found = members::find_named(&mut *flow.auth.db.acquire().await?, organization, named).await?;
    Ok(found.map(|found| found.member.user_id))
}

/// Finds the same under the locks.
async fn find_again(locked: &mut LockedOrganization, user: Option<&UserId>) -> Result<MemberUser, OrganizationError> {
    let Some(user) = user else { return Err(OrganizationError::UnknownMember) };
    let found = members::find_named(&mut locked.transaction, &locked.organization.id, (None, Some(user), None)).await?;
    found.ok_or(OrganizationError::UnknownMember)
}

async fn end(locked: &mut LockedOrganization, member: &Member) -> Result<(), StoreError> {
    members::delete(&mut locked.transaction, &member.id).await?;
    organizations::update_left(&mut locked.transaction, &member.user_id, &member.organization_id).await
}
