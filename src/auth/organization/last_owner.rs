//! Keeps owners where there are members: an organization without one could not be taken care of by anybody.

use sqlx::PgConnection;

use crate::{
    store::{
        StoreError,
        organizations::members::{self, Member},
    },
    types::{OrganizationId, OrganizationRole, UserId},
};

/// Tells whether the organization would be without an owner if this member went or was none any more. The organization has
/// to be locked, so that of two who go at once the second is the last.
pub(crate) async fn is_last_owner(connection: &mut PgConnection, member: &Member) -> Result<bool, StoreError> {
    Ok(member.roles.contains(OrganizationRole::Owner) && members::count_other_owners(connection, member).await? == 0)
}

/// Lists the slugs of the organizations that would be without an owner, but with members, if the user's account was
/// deleted. Those in which the user is alone go with the account. The organizations are locked until the transaction ends; the
/// user has to be locked before.
pub(crate) async fn list_left_ownerless(
    connection: &mut PgConnection,
    user: &UserId,
) -> Result<Vec<String>, StoreError> {
    let mut ownerless = Vec::new();
    for (id, slug) in members::list_owned_locked(connection, user).await? {
        if is_needed(connection, &id, user).await? {
            ownerless.push(slug);
        }
    }
    Ok(ownerless)
}

async fn is_needed(
    connection: &mut PgConnection,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<bool, StoreError> {
    // The wait for the lock may have been long, so this is read under it.
    let Some(member) = members::find(connection, organization, user).await? else { return Ok(false) };
    let has_others = members::count(connection, organization, None).await? > 1;
    Ok(has_others && is_last_owner(connection, &member).await?)
}
