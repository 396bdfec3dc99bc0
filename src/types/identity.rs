//! Says who is asking, once a request's credential was held against the database.

use std::sync::Arc;

use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::types::{
    ActiveOrganization, ApiKeyGrant, ApiKeyRejection, AuthMethod, Authentication, Email, OrganizationId, SecondFactor,
    SessionId, TokenHash, UserId,
};

/// Says which credentials a request may be recognised by where it goes. What is not among them is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptedCredentials {
    pub cookie: bool,
    pub bearer: bool,
    pub api_key: bool,
}

impl AcceptedCredentials {
    /// Accepts every kind: the default.
    pub const ALL: Self = Self { cookie: true, bearer: true, api_key: true };

    /// Returns the kinds as the configuration names them.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let kinds = [(self.cookie, "cookie"), (self.bearer, "bearer"), (self.api_key, "api_key")];
        kinds.into_iter().filter(|(accepts, _)| *accepts).map(|(_, name)| name).collect()
    }
}

/// Says how a session is looked up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionKey {
    /// Names it by the token that opens it.
    Token(TokenHash),
    /// Names it by its id, which opens nothing: only a token that the gateway signed may stand behind it.
    Id(SessionId),
    /// Names no session but an API key, which opens what its owner may.
    ApiKey(TokenHash),
}

/// Says what upstreams are told of a session and its user beside what they always are. Nothing else is read for a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Names additional fields of users.
    pub fields: Vec<String>,
    /// The organization that the session works in.
    pub organization: bool,
}

/// Tells how a session was presented. How it was proved is another matter: see [`ActiveSession::authentication`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    Cookie,
    Bearer,
    /// Is an API key, in its header or as a bearer token.
    ApiKey,
}

/// Describes a live session with what the gateway tells the upstream of its principal, as the database had it after the
/// request arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveSession {
    /// Is the key's id where an API key was presented in place of a session.
    pub session_id: SessionId,
    pub principal: Principal,
    /// Is the name of the [`AuthMethod`] that opened it.
    pub auth_method: String,
    pub second_factor: Option<SecondFactor>,
    /// Is the administrator who uses it in its user's place; `None` where its user does.
    pub impersonated_by: Option<UserId>,
    /// Is when its holder last proved who they are: at the latest when it was opened.
    pub proved_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    /// Tells whether its browser keeps it when it closes.
    pub is_remembered: bool,
    pub activity: Activity,
}

/// Says in whose name a request is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Is a user, by a session or by an API key of their own.
    User { user: ActiveUser, api_key: Option<Arc<ApiKeyGrant>> },
    /// Is an organization, which has nothing but keys: it is no user, and has no role.
    Organization { organization: KeyOrganization, api_key: Arc<ApiKeyGrant> },
}

/// Describes a user in whose name a request is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveUser {
    pub id: UserId,
    pub email: Email,
    pub email_verified: bool,
    pub name: String,
    pub roles: Vec<String>,
    /// Holds what the configuration adds to users, as far as upstreams are told of it; null where that is nothing.
    pub additional_fields: Value,
    /// The user has a second factor in force.
    pub has_two_factor: bool,
    /// Is the organization that the session works in; `None` where organizations are off, or its user is in none of it.
    pub organization: Option<ActiveOrganization>,
}

/// Describes the organization whose API key was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOrganization {
    pub id: OrganizationId,
    pub slug: String,
}

impl ActiveSession {
    /// Returns the user in whose name it is; `None` for the key of an organization.
    #[must_use]
    pub fn user(&self) -> Option<&ActiveUser> {
        match &self.principal {
            Principal::User { user, .. } => Some(user),
            Principal::Organization { .. } => None,
        }
    }

    /// Returns that user's id.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        self.user().map(|user| &user.id)
    }

    /// Returns the API key, where one was presented in place of a session.
    #[must_use]
    pub fn api_key(&self) -> Option<&Arc<ApiKeyGrant>> {
        match &self.principal {
            Principal::User { api_key, .. } => api_key.as_ref(),
            Principal::Organization { api_key, .. } => Some(api_key),
        }
    }

    /// Returns the user, to be changed by a test.
    #[cfg(test)]
    pub(crate) fn user_mut(&mut self) -> &mut ActiveUser {
        match &mut self.principal {
            Principal::User { user, .. } => user,
            Principal::Organization { .. } => panic!("it is an organization's"),
        }
    }

    /// Returns how it was opened, and what proved its holder when.
    #[must_use]
    pub fn authentication(&self) -> Authentication<'_> {
        Authentication {
            method: AuthMethod::parse(&self.auth_method),
            second_factor: self.second_factor,
            proved_at: self.proved_at,
        }
    }
}

/// Tells what is due to be recorded of a session's use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Writes nothing.
    Recorded,
    /// Writes when it was last seen.
    Seen,
    /// Writes that, and that it lives on for so long from now.
    Extended { lifetime: Duration },
}

/// Tells what a request's credential turned out to be.
#[derive(Debug, Clone)]
pub enum Identity {
    /// Is no credential, or a cookie that no longer opens anything (browsers keep sending those).
    Anonymous,
    /// Is a bearer token that is malformed, unknown, expired or revoked: an error even where no session is needed, so
    /// that an API client never mistakes an anonymous answer for its own.
    RejectedBearer,
    /// Is an API key that opens nothing: an error for the same reason.
    RejectedApiKey(ApiKeyRejection),
    /// Is a live session.
    Session { session: Arc<ActiveSession>, credential: Credential },
}
