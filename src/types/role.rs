//! Defines names of roles (HDR-09).

use std::fmt;

/// Means that the text is not `[a-z0-9_:-]{1,64}`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a role is 1 to 64 characters out of a-z 0-9 _ : -")]
pub struct InvalidRole;

/// Names what a user may do, by name. `X-User-Roles` separates them by commas, so no role has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Role(String);

impl Role {
    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_:-".contains(&b);
        let is_role = (1..=64).contains(&text.len()) && text.bytes().all(is_name);
        if is_role { Ok(Self(text.to_owned())) } else { Err(InvalidRole) }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_a_header_carries_as_one() {
        let long = "a".repeat(65);
        for (text, is_role) in [
            ("admin", true),
            ("team:read-only_2", true),
            ("", false),
            ("a,admin", false),
            ("Admin", false),
            ("a b", false),
            ("ädmin", false),
            (&long, false),
        ] {
            assert_eq!(text.parse::<Role>().is_ok(), is_role, "{text:?}");
        }
    }
}
