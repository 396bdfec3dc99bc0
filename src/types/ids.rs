//! Defines public identifiers. All are text (`[A-Za-z0-9_-]{1,64}`), so that imported rows keep theirs; new ones are
//! `UUIDv7`, whose time order keeps index inserts at one end.

use std::fmt;

use uuid::Uuid;

/// Means that the text is not `[A-Za-z0-9_-]{1,64}`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an id is 1 to 64 characters out of A-Z a-z 0-9 _ -")]
pub struct InvalidId;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(transparent)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Makes a new, time-ordered id.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7().to_string())
            }

            /// Returns the id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if is_id(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                if is_id(&text) { Ok(Self(text)) } else { Err(InvalidId) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// Names a row of `auth.users`; it is what the upstream sees as `X-User-Id`.
    UserId
}
text_id! {
    /// Names a row of `auth.sessions`. It names a session in lists and logs and opens nothing.
    SessionId
}
text_id! {
    /// Names a row of `auth.accounts`: one way for a user to sign in.
    AccountId
}
text_id! {
    /// Names a row of `auth.verifications`.
    VerificationId
}

text_id! {
    /// Names one attempt to refresh a provider's tokens.
    TokenRefreshId
}
text_id! {
    /// Names a row of `auth.trusted_devices`.
    TrustedDeviceId
}
text_id! {
    /// Names a row of `auth.passkeys`.
    PasskeyId
}
text_id! {
    /// Names a row of `auth.api_keys`; it is what the upstream sees as `X-Api-Key-Id`.
    ApiKeyId
}

impl ApiKeyId {
    /// Makes a new id that no session has: whoever watches sessions watches keys among them.
    #[must_use]
    pub fn generate_for_key() -> Self {
        Self(format!("key_{}", Uuid::now_v7().simple()))
    }
}

text_id! {
    /// Names a row of `auth.organizations`; it is what the upstream sees as `X-Org-Id`.
    OrganizationId
}
text_id! {
    /// Names a row of `auth.organization_members`: a user in an organization.
    MemberId
}
text_id! {
    /// Names a row of `auth.organization_invitations`.
    InvitationId
}
text_id! {
    /// Names a row of `auth.organization_teams`.
    TeamId
}
text_id! {
    /// Names a row of `auth.organization_team_members`: a member in a team.
    TeamMemberId
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Names one request in logs, in `X-Request-Id` and in error bodies.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Makes a new id, in time order.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7().to_string())
    }

    /// Returns the id a trusted proxy sent, where it is `[A-Za-z0-9-]{1,64}`; anything else could forge log lines.
    #[must_use]
    pub fn from_trusted(text: &str) -> Option<Self> {
        let valid = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        valid.then(|| Self(text.to_owned()))
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_imported_and_own_ids_and_nothing_that_could_break_a_header() {
        let long = "a".repeat(65);
        for (text, valid) in [
            ("0190b3c5-7a3b-7c00-8000-000000000000", true),
            ("vJ8qOQwI8Zb3xk1q2P0sYt5uLr7nHd4e", true),
            ("", false),
            ("a b", false),
            ("a\r\nX: y", false),
            ("ä", false),
            (long.as_str(), false),
        ] {
            assert_eq!(text.parse::<UserId>().is_ok(), valid, "{text:?}");
        }
    }

    #[test]
    fn generated_ids_are_valid() {
        assert!(UserId::generate().as_str().parse::<UserId>().is_ok());
        assert!(RequestId::from_trusted(RequestId::generate().as_str()).is_some());
    }
}
