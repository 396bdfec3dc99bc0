//! Turns the errors of administrative flows into responses, as [`super::flows`] does with those of the others.

use http::StatusCode;

use crate::{
    api::error::problem::Problem,
    auth::admin::{AdministrationError, ChangeUserError, CreateUserError, ImpersonationError, Permission},
    types::FieldError,
};

impl From<AdministrationError> for Problem {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::UnknownUser => Self::new(StatusCode::NOT_FOUND, "USER_NOT_FOUND", "User not found"),
            AdministrationError::UnknownSession => {
                Self::new(StatusCode::NOT_FOUND, "SESSION_NOT_FOUND", "Session not found")
            }
            AdministrationError::NotAllowed(permission) => {
                let (code, message) = not_allowed(permission);
                Self::new(StatusCode::FORBIDDEN, code, message)
            }
            AdministrationError::Outranked => Self::new(
                StatusCode::FORBIDDEN,
                "YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS",
                "The user's roles permit what yours do not",
            ),
            AdministrationError::Oneself(permission) => oneself(permission),
            AdministrationError::LastAdministrator => Self::bad_request(
                "YOU_CANNOT_DEMOTE_THE_LAST_ADMINISTRATOR",
                "Nobody else can give roles to users: give somebody else your role first",
            ),
            AdministrationError::LastOwner(organizations) => Self::bad_request(
                "YOU_ARE_THE_ONLY_OWNER_OF_AN_ORGANIZATION",
                format!("Nobody else owns these organizations: {}", organizations.join(", ")),
            ),
            AdministrationError::UnknownOrganization => {
                Self::bad_request("ORGANIZATION_NOT_FOUND", "Organization not found")
            }
            AdministrationError::UnknownApiKey => {
                Self::new(StatusCode::NOT_FOUND, "KEY_NOT_FOUND", "API Key not found")
            }
            AdministrationError::Store(error) => error.into(),
        }
    }
}

fn not_allowed(permission: Permission) -> (&'static str, &'static str) {
    match permission {
        Permission::UserCreate => ("YOU_ARE_NOT_ALLOWED_TO_CREATE_USERS", "You are not allowed to create users"),
        Permission::UserList => ("YOU_ARE_NOT_ALLOWED_TO_LIST_USERS", "You are not allowed to list users"),
        Permission::UserGet => ("YOU_ARE_NOT_ALLOWED_TO_GET_USER", "You are not allowed to get user"),
        Permission::UserUpdate => ("YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS", "You are not allowed to update users"),
        Permission::UserSetRole => {
            ("YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE", "You are not allowed to change users role")
        }
        Permission::UserBan => ("YOU_ARE_NOT_ALLOWED_TO_BAN_USERS", "You are not allowed to ban users"),
        Permission::UserDelete => ("YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS", "You are not allowed to delete users"),
        Permission::UserSetEmail => {
            ("YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL", "You are not allowed to update users email")
        }
        Permission::UserSetPassword => {
            ("YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD", "You are not allowed to set users password")
        }
        Permission::UserImpersonate => {
            ("YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS", "You are not allowed to impersonate users")
        }
        Permission::UserImpersonateAdmins => ("YOU_CANNOT_IMPERSONATE_ADMINS", "You cannot impersonate admins"),
        Permission::SessionList => {
            ("YOU_ARE_NOT_ALLOWED_TO_LIST_USERS_SESSIONS", "You are not allowed to list users sessions")
        }
        Permission::SessionRevoke | Permission::SessionDelete => {
            ("YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS", "You are not allowed to revoke users sessions")
        }
        Permission::AuditList => {
            ("YOU_ARE_NOT_ALLOWED_TO_LIST_AUDIT_EVENTS", "You are not allowed to list audit events")
        }
        Permission::OrganizationList => {
            ("YOU_ARE_NOT_ALLOWED_TO_LIST_ORGANIZATIONS", "You are not allowed to list organizations")
        }
        Permission::MailRead => ("YOU_ARE_NOT_ALLOWED_TO_READ_MAIL", "You are not allowed to see the mail outbox"),
        Permission::MailRetry => ("YOU_ARE_NOT_ALLOWED_TO_RETRY_MAIL", "You are not allowed to send mail again"),
        Permission::HealthRead => {
            ("YOU_ARE_NOT_ALLOWED_TO_READ_HEALTH", "You are not allowed to see the gateway's health")
        }
    }
}

/// Names what administrators do to others only.
fn oneself(permission: Permission) -> Problem {
    let (code, message) = match permission {
        Permission::UserBan => ("YOU_CANNOT_BAN_YOURSELF", "You cannot ban yourself"),
        Permission::UserDelete => ("YOU_CANNOT_REMOVE_YOURSELF", "You cannot remove yourself"),
        Permission::UserSetPassword => {
            ("YOU_CANNOT_SET_YOUR_PASSWORD", "Change your own password with change-password")
        }
        Permission::UserSetEmail => ("EMAIL_CAN_NOT_BE_UPDATED", "Change your own address with change-email"),
        Permission::UserImpersonate
        | Permission::UserImpersonateAdmins
        | Permission::UserCreate
        | Permission::UserList
        | Permission::UserGet
        | Permission::UserUpdate
        | Permission::UserSetRole
        | Permission::SessionList
        | Permission::SessionRevoke
        | Permission::SessionDelete
        | Permission::AuditList
        | Permission::OrganizationList
        | Permission::MailRead
        | Permission::MailRetry
        | Permission::HealthRead => ("YOU_CANNOT_IMPERSONATE_YOURSELF", "You cannot impersonate yourself"),
    };
    Problem::bad_request(code, message)
}

impl From<CreateUserError> for Problem {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::EmailTaken => email_taken(),
            CreateUserError::Administration(error) => error.into(),
        }
    }
}

impl From<ChangeUserError> for Problem {
    fn from(error: ChangeUserError) -> Self {
        match error {
            ChangeUserError::EmailTaken => email_taken(),
            ChangeUserError::HeadersTooLong(name) => {
                Self::validation(&[format!("[body.data.{name}] Invalid input: {}", FieldError::HeadersTooLong)])
            }
            ChangeUserError::Administration(error) => error.into(),
        }
    }
}

fn email_taken() -> Problem {
    Problem::bad_request("USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.")
}

impl From<ImpersonationError> for Problem {
    fn from(error: ImpersonationError) -> Self {
        match error {
            ImpersonationError::IsAdministrator => {
                AdministrationError::NotAllowed(Permission::UserImpersonateAdmins).into()
            }
            ImpersonationError::Banned => Self::new(StatusCode::FORBIDDEN, "BANNED_USER", "The user is banned"),
            ImpersonationError::Administration(error) => error.into(),
        }
    }
}
