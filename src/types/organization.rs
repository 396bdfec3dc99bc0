//! Defines what members of organizations may do there, by role, and the organization that a session works in.

use crate::types::OrganizationId;

/// Means that the text names no role of an organization.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the roles in an organization are owner, admin and member")]
pub struct InvalidOrganizationRole(pub String);

/// Names what a member may do in an organization. It says nothing of what the user may do elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrganizationRole {
    Owner,
    Admin,
    Member,
}

impl OrganizationRole {
    /// Lists all roles, the mightiest first.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Admin, Self::Member];

    /// Returns the name, as clients and upstreams see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    /// Tells whether the role allows an action on a resource: the client's plugin decides by the same table.
    #[must_use]
    pub fn allows(self, resource: &str, action: &str) -> bool {
        let manages = match resource {
            "organization" => action == "update" || (action == "delete" && self == Self::Owner),
            "member" | "team" => matches!(action, "create" | "update" | "delete"),
            "invitation" => matches!(action, "create" | "cancel"),
            "ac" | "apiKey" => matches!(action, "create" | "read" | "update" | "delete"),
            _ => false,
        };
        manages && (self != Self::Member || (resource == "ac" && action == "read"))
    }
}

impl std::str::FromStr for OrganizationRole {
    type Err = InvalidOrganizationRole;

    fn from_str(text: &str) -> Result<Self, InvalidOrganizationRole> {
        let role = Self::ALL.into_iter().find(|role| role.as_str() == text);
        role.ok_or_else(|| InvalidOrganizationRole(text.to_owned()))
    }
}

/// Holds the roles of a member: at least one, each once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrganizationRoles(Vec<OrganizationRole>);

impl OrganizationRoles {
    /// Reads names, each of which may hold several that are separated by commas. `None` where there is no name at all.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Option<Self>, InvalidOrganizationRole> {
        let names = names.into_iter().flat_map(|name| name.split(',')).map(str::trim);
        let mut roles = names.filter(|name| !name.is_empty()).map(str::parse).collect::<Result<Vec<_>, _>>()?;
        roles.sort_unstable();
        roles.dedup();
        Ok((!roles.is_empty()).then_some(Self(roles)))
    }

    /// Lists them, the mightiest first.
    pub fn iter(&self) -> impl Iterator<Item = OrganizationRole> + '_ {
        self.0.iter().copied()
    }

    /// Lists the names.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.iter().map(OrganizationRole::as_str).collect()
    }

    /// Returns the names with commas between them, as clients and upstreams see them.
    #[must_use]
    pub fn joined(&self) -> String {
        self.names().join(",")
    }

    /// Tells whether this role is among them.
    #[must_use]
    pub fn contains(&self, role: OrganizationRole) -> bool {
        self.0.contains(&role)
    }

    /// Tells whether somebody with these roles may give the others, and deal with whoever has them: only owners deal with
    /// owners.
    #[must_use]
    pub fn may_deal_with(&self, others: &Self) -> bool {
        self.contains(OrganizationRole::Owner) || !others.contains(OrganizationRole::Owner)
    }

    /// Tells whether one of the roles allows an action on a resource.
    #[must_use]
    pub fn allow(&self, resource: &str, action: &str) -> bool {
        self.0.iter().any(|role| role.allows(resource, action))
    }

    /// Tells whether a single one of the roles allows all of these.
    #[must_use]
    pub fn allow_all(&self, actions: &[(&str, &str)]) -> bool {
        let allows_all =
            |role: &OrganizationRole| actions.iter().all(|(resource, action)| role.allows(resource, action));
        !actions.is_empty() && self.0.iter().any(allows_all)
    }
}

impl From<OrganizationRole> for OrganizationRoles {
    fn from(role: OrganizationRole) -> Self {
        Self(vec![role])
    }
}

impl TryFrom<Vec<String>> for OrganizationRoles {
    type Error = InvalidOrganizationRole;

    fn try_from(names: Vec<String>) -> Result<Self, InvalidOrganizationRole> {
        let roles = Self::parse(names.iter().map(String::as_str))?;
        roles.ok_or_else(|| InvalidOrganizationRole(String::new()))
    }
}

/// Limits the name of an organization or a team, in characters.
const MAX_ORGANIZATION_NAME: usize = 100;

/// Tells whether a text can be the name of an organization or a team: one line.
#[must_use]
pub fn is_organization_name(text: &str) -> bool {
    (1..=MAX_ORGANIZATION_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Tells whether a text can be the slug of an organization: upstreams get it in a header, and the table takes no other.
#[must_use]
pub fn is_organization_slug(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| is_plain(b) || b == b'_' || b == b'-')
        && text.bytes().next().is_some_and(is_plain)
}

/// Describes the organization that a session works in, with what its user may do there: a membership that the database
/// had after the request arrived.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ActiveOrganization {
    pub id: OrganizationId,
    pub slug: String,
    pub roles: OrganizationRoles,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_allow_what_the_plugin_says() {
        use OrganizationRole::{Admin, Member, Owner};
        for (resource, action, expected) in [
            ("organization", "update", &[Owner, Admin][..]),
            ("organization", "delete", &[Owner]),
            ("organization", "create", &[]),
            ("member", "create", &[Owner, Admin]),
            ("member", "update", &[Owner, Admin]),
            ("member", "delete", &[Owner, Admin]),
            ("invitation", "create", &[Owner, Admin]),
            ("invitation", "cancel", &[Owner, Admin]),
            ("invitation", "delete", &[]),
            ("team", "create", &[Owner, Admin]),
            ("ac", "read", &[Owner, Admin, Member]),
            ("ac", "update", &[Owner, Admin]),
            ("apiKey", "create", &[Owner, Admin]),
            ("apiKey", "read", &[Owner, Admin]),
            ("apiKey", "delete", &[Owner, Admin]),
            ("project", "read", &[]),
        ] {
            let found: Vec<_> =
                OrganizationRole::ALL.into_iter().filter(|role| role.allows(resource, action)).collect();
            assert_eq!(found, expected, "{resource}:{action}");
        }
    }

    #[test]
    fn only_owners_deal_with_owners() {
        let roles = |names: &str| OrganizationRoles::parse([names]).unwrap().unwrap();
        for (own, others, expected) in [
            ("owner", "owner", true),
            ("admin,owner", "member,owner", true),
            ("admin", "owner,member", false),
            ("admin", "admin", true),
        ] {
            assert_eq!(roles(own).may_deal_with(&roles(others)), expected, "{own} {others}");
        }
    }

    #[test]
    fn a_slug_is_what_a_header_carries() {
        let long = "a".repeat(65);
        for (text, expected) in [
            ("acme", true),
            ("7-eleven_x", true),
            ("", false),
            ("-a", false),
            ("A", false),
            ("a b", false),
            (&long, false),
        ] {
            assert_eq!(is_organization_slug(text), expected, "{text:?}");
        }
    }

    #[test]
    fn roles_are_read_from_lists_and_texts_alike() {
        let read =
            |names: &[&str]| OrganizationRoles::parse(names.iter().copied()).map(|roles| roles.map(|r| r.joined()));
        assert_eq!(read(&["member, owner"]), Ok(Some("owner,member".to_owned())));
        assert_eq!(read(&["admin", "admin"]), Ok(Some("admin".to_owned())));
        assert_eq!(read(&["", ","]), Ok(None));
        assert_eq!(read(&["Owner"]), Err(InvalidOrganizationRole("Owner".to_owned())));
        let both = OrganizationRoles::try_from(vec!["admin".to_owned(), "member".to_owned()]).unwrap();
        assert!(both.allow_all(&[("member", "create"), ("ac", "read")]));
        assert!(!both.allow_all(&[]) && !both.allow_all(&[("member", "create"), ("organization", "delete")]));
    }
}
