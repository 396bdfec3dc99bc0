//! Says what administrators may do: single permissions, what a role holds of them, and what follows for somebody with
//! these roles.

use std::{collections::BTreeMap, time::Duration};

/// Names one thing that an administrator may do, as `resource:action`, by the names of the client's plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    UserCreate,
    UserList,
    UserGet,
    UserUpdate,
    UserSetRole,
    UserBan,
    UserDelete,
    UserSetEmail,
    UserSetPassword,
    UserImpersonate,
    UserImpersonateAdmins,
    SessionList,
    SessionRevoke,
    SessionDelete,
    AuditList,
    OrganizationList,
    MailRead,
    MailRetry,
    HealthRead,
}

impl Permission {
    /// Lists all of them, in the order in which they are shown.
    pub const ALL: [Self; 19] = [
        Self::UserCreate,
        Self::UserList,
        Self::UserGet,
        Self::UserUpdate,
        Self::UserSetRole,
        Self::UserBan,
        Self::UserDelete,
        Self::UserSetEmail,
        Self::UserSetPassword,
        Self::UserImpersonate,
        Self::UserImpersonateAdmins,
        Self::SessionList,
        Self::SessionRevoke,
        Self::SessionDelete,
        Self::AuditList,
        Self::OrganizationList,
        Self::MailRead,
        Self::MailRetry,
        Self::HealthRead,
    ];

    /// Returns resource and action, as they are configured and asked for.
    #[must_use]
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::UserCreate => ("user", "create"),
            Self::UserList => ("user", "list"),
            Self::UserGet => ("user", "get"),
            Self::UserUpdate => ("user", "update"),
            Self::UserSetRole => ("user", "set-role"),
            Self::UserBan => ("user", "ban"),
            Self::UserDelete => ("user", "delete"),
            Self::UserSetEmail => ("user", "set-email"),
            Self::UserSetPassword => ("user", "set-password"),
            Self::UserImpersonate => ("user", "impersonate"),
            Self::UserImpersonateAdmins => ("user", "impersonate-admins"),
            Self::SessionList => ("session", "list"),
            Self::SessionRevoke => ("session", "revoke"),
            Self::SessionDelete => ("session", "delete"),
            Self::AuditList => ("audit", "list"),
            Self::OrganizationList => ("organization", "list"),
            Self::MailRead => ("mail", "read"),
            Self::MailRetry => ("mail", "retry"),
            Self::HealthRead => ("health", "read"),
        }
    }

    /// Tells whether `resource:*` leaves it out, so that it has to be written: nothing that reaches for other
    /// administrators is given by the way.
    #[must_use]
    pub fn is_written_out(self) -> bool {
        self == Self::UserImpersonateAdmins
    }

    const fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// Holds some of the permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u32);

impl Permissions {
    /// Returns these with one more.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | permission.bit())
    }

    const fn without(self, permission: Permission) -> Self {
        Self(self.0 & !permission.bit())
    }

    #[must_use]
    pub fn contains(self, permission: Permission) -> bool {
        self.covers(Self::default().with(permission))
    }

    /// Tells whether nothing in the others is missing here.
    #[must_use]
    pub fn covers(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::default(), Self::with)
    }
}

/// Configures what administrators may do over the auth API: `auth.admin` of gateway.yaml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminSettings {
    /// Holds the permissions of each role that has any. Default: `admin` has all but those that are
    /// [written out](Permission::is_written_out).
    pub roles: BTreeMap<String, Permissions>,
    /// Says how long an administrator may act in a user's place; `None` where they may not. Default: none.
    pub impersonation: Option<Duration>,
    /// Administrators choose passwords of others. Default false: they have a link mailed.
    pub set_passwords: bool,
}

impl AdminSettings {
    /// Is the default time that an administrator may act in a user's place, and the longest.
    pub const IMPERSONATION: Duration = Duration::from_hours(1);
    /// Is the role that has permissions where none are configured.
    pub const ROLE: &'static str = "admin";

    /// Returns what somebody with these roles may do. What the configuration turns off nobody may.
    #[must_use]
    pub fn permissions_of(&self, roles: &[String]) -> Permissions {
        let held = roles.iter().filter_map(|role| self.roles.get(role));
        let mut permissions = held.fold(Permissions::default(), |all, more| Permissions(all.0 | more.0));
        if self.impersonation.is_none() {
            permissions = permissions.without(Permission::UserImpersonate).without(Permission::UserImpersonateAdmins);
        }
        if !self.set_passwords {
            permissions = permissions.without(Permission::UserSetPassword);
        }
        permissions
    }

    /// Lists the roles whose users give roles to others: the last such user stays.
    #[must_use]
    pub fn roles_that_set_roles(&self) -> Vec<&str> {
        let may = |permissions: &Permissions| permissions.contains(Permission::UserSetRole);
        self.roles.iter().filter(|(_, permissions)| may(permissions)).map(|(role, _)| role.as_str()).collect()
    }
}

impl Default for AdminSettings {
    fn default() -> Self {
        let all = Permission::ALL.into_iter().filter(|permission| !permission.is_written_out()).collect();
        Self { roles: BTreeMap::from([(Self::ROLE.to_owned(), all)]), impersonation: None, set_passwords: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_add_up_to_what_the_configuration_leaves_on() {
        let mut settings = AdminSettings::default();
        let support = [Permission::UserList, Permission::UserImpersonate].into_iter().collect();
        settings.roles.insert("support".into(), support);
        let of = |settings: &AdminSettings, roles: &[&str]| {
            settings.permissions_of(&roles.iter().map(|&role| role.to_owned()).collect::<Vec<_>>())
        };
        assert!(of(&settings, &["editor"]).is_empty());
        assert!(of(&settings, &["support"]).contains(Permission::UserList));
        let admin = of(&settings, &["editor", "admin"]);
        assert!(admin.covers(of(&settings, &["support"])) && !of(&settings, &["support"]).covers(admin));
        for (permission, is_on) in [
            (Permission::UserSetRole, true),
            (Permission::UserImpersonate, false),
            (Permission::UserSetPassword, false),
            (Permission::UserImpersonateAdmins, false),
        ] {
            assert_eq!(admin.contains(permission), is_on, "{permission:?}");
        }
        (settings.impersonation, settings.set_passwords) = (Some(AdminSettings::IMPERSONATION), true);
        let admin = of(&settings, &["admin"]);
        assert!(admin.contains(Permission::UserImpersonate) && admin.contains(Permission::UserSetPassword));
        assert!(!admin.contains(Permission::UserImpersonateAdmins));
        assert_eq!(settings.roles_that_set_roles(), ["admin"]);
    }
}
