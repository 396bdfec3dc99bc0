//! Holds what operators do to users and sessions. Each change is one transaction with its audit record in it.

pub(crate) mod administration;
pub(crate) mod api_keys;
pub(crate) mod create_user;
pub(crate) mod factors;
pub(crate) mod invite;
pub(crate) mod organizations;
pub(crate) mod remove_user;
pub(crate) mod sessions;
pub(crate) mod users;

pub use administration::{Administration, AdministrationError};
pub use api_keys::{KeyRevocation, OperatorApiKey, create_key, list_keys, revoke_key, revoke_keys};
pub use create_user::{CreateUserError, NewUser, Welcome, create_user};
pub use factors::{Factor, Factors, FactorsReset, find_factors, reset_factors};
pub use invite::{InviteError, Invited, invite, withdraw_invitation};
pub use organizations::{
    OrganizationAdministrationError, add_member, find_organization, found_organization, list_organization_members,
    list_organizations, remove_organization, take_member_out,
};
pub use remove_user::{Removed, remove_user};
pub use sessions::{SessionRevocation, list_sessions, revoke_session, revoke_sessions};
pub use users::{Banned, NewBan, ban_user, find_user, list_users, set_roles, unban_user};

pub use crate::store::organizations::ListedOrganization;
pub use crate::store::users::admin::{Ban, Filter, OpenSession, UserRecord, UserRef};
pub use crate::store::{passkeys::Passkey, two_factor::trusted_devices::TrustedDevice};
