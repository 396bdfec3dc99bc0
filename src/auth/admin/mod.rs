//! Holds what operators do to users and sessions. Each change is one transaction with its audit record in it.

pub(crate) mod administration;
pub(crate) mod audit;
pub(crate) mod create_user;
pub(crate) mod factors;
pub(crate) mod health;
pub(crate) mod impersonate;
pub(crate) mod operator;
pub(crate) mod outbox;
pub(crate) mod permissions;
pub(crate) mod remove_user;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod set_password;
pub(crate) mod sign_in_methods;
pub(crate) mod update_user;
pub(crate) mod users;
pub(crate) mod view_organizations;

pub use administration::{Actor, Administration, AdministrationError};
pub use audit::{
    AUDIT_CSV_TITLES, AuditPage, MAX_AUDIT_PAGE, audit_csv_line, audit_object, list_audit_events, parse_cursor,
    write_cursor,
};
pub use create_user::{CreateUserError, NewUser, Welcome, create_user};
pub use factors::{Factor, Factors, FactorsReset, find_factors, reset_factors};
pub use health::{Health, view_health};
pub use impersonate::{
    Impersonation, ImpersonationError, OwnSessionRestored, impersonate, presented_admin_session, return_to_own_session,
    stop_impersonating,
};
pub use operator::{
    api_keys::{ApiKeyOwnerRef, KeyRevocation, OperatorApiKey, create_key, list_keys, revoke_key, revoke_keys},
    invite::{InviteError, Invited, invite, withdraw_invitation},
    organizations::{
        OrganizationAdministrationError, add_member, create_organization, delete_organization, find_organization,
        list_organization_members, list_organizations, remove_member,
    },
};
pub use outbox::{OutboxPage, list_outbox, retry_mail};
pub use permissions::{AdminSettings, Permission, Permissions};
pub use remove_user::{Removed, remove_user};
pub use search::{UserPage, search_users, view_user};
pub use sessions::{SessionRevocation, list_sessions, revoke_session, revoke_sessions, view_sessions};
pub use set_password::set_user_password;
pub use sign_in_methods::{SignInMethods, view_sign_in_methods};
pub use update_user::{ChangeUserError, UserChange, change_user};
pub use users::{Banned, NewBan, ban_user, find_user, list_users, set_roles, unban_user};
pub use view_organizations::{search_organizations, view_organization};

pub use crate::store::audit_search::{AuditCursor, AuditEvent, AuditFilter};
pub use crate::store::organizations::ListedOrganization;
pub use crate::store::outbox_search::{OutboxCounts, OutboxEntry};
pub use crate::store::users::admin::{Ban, BanState, Filter, OpenSession, UserRecord, UserRef};
pub use crate::store::users::search::{
    Comparison, Condition, ListedUser, Operator, Order, OrderBy, Place, Search, TextField, TextSearch,
};
pub use crate::store::{passkeys::Passkey, two_factor::trusted_devices::TrustedDevice};
