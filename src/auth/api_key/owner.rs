//! Tells who may deal with whose keys: everybody with their own, and members with those of their organization as their roles
//! there allow at this moment.

use sqlx::PgConnection;

use crate::{
    auth::{ApiKeyError, Auth, FoundSession, session::find::still_signed_in},
    store::{
        api_keys::{self, StoredApiKey},
        organizations::{self, members},
    },
    types::{ApiKeyId, ApiKeyOwner, OrganizationId, UserId},
};

/// Says what somebody wants to do with the keys of an organization: the actions of the client's plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyAction {
    Create,
    Read,
    Update,
    Delete,
}

impl KeyAction {
    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Requires that the user may do this with the keys of an organization.
pub(crate) async fn require(
    auth: &Auth,
    connection: &mut PgConnection,
    (user, organization): (&UserId, &OrganizationId),
    action: KeyAction,
) -> Result<(), ApiKeyError> {
    if auth.settings.organizations.is_none() {
        return Err(ApiKeyError::NoOrganizations);
    }
    let member = members::find(connection, organization, user).await?.ok_or(ApiKeyError::NotAMember)?;
    if member.roles.allow("apiKey", action.as_str()) { Ok(()) } else { Err(ApiKeyError::NotAllowed) }
}

/// Locks whoever is to own a new key: the user whose session it is, and the organization that is named. Of two who make
/// keys at once one finds those of the other.
pub(crate) async fn lock(
    auth: &Auth,
    connection: &mut PgConnection,
    current: &FoundSession,
    organization: Option<&OrganizationId>,
) -> Result<ApiKeyOwner, ApiKeyError> {
    still_signed_in(connection, current).await?;
    let user = &current.user.id;
    let Some(organization) = organization else { return Ok(ApiKeyOwner::User(user.clone())) };
    if auth.settings.organizations.is_none() {
        return Err(ApiKeyError::NoOrganizations);
    }
    organizations::find_locked(connection, organization).await?.ok_or(ApiKeyError::NotAMember)?;
    require(auth, connection, (user, organization), KeyAction::Create).await?;
    Ok(ApiKeyOwner::Organization(organization.clone()))
}

/// Finds a key that the user may deal with. To whoever is not in its organization it looks as if it were not there.
pub(crate) async fn find(
    auth: &Auth,
    connection: &mut PgConnection,
    (user, id): (&UserId, &ApiKeyId),
    action: KeyAction,
) -> Result<StoredApiKey, ApiKeyError> {
    let key = api_keys::find(connection, id).await?.ok_or(ApiKeyError::UnknownKey)?;
    match &key.owner {
        ApiKeyOwner::User(owner) if owner == user => Ok(key),
        ApiKeyOwner::User(_) => Err(ApiKeyError::UnknownKey),
        ApiKeyOwner::Organization(organization) => {
            match require(auth, connection, (user, organization), action).await {
                Ok(()) => Ok(key),
                Err(ApiKeyError::NotAMember | ApiKeyError::NoOrganizations) => Err(ApiKeyError::UnknownKey),
                Err(error) => Err(error),
            }
        }
    }
}
