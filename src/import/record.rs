//! Defines what an origin has to give, in AuthGate's own terms. A line of `authgate export`, and of a `jsonl` file that
//! is imported, is one of these records.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::{OffsetDateTime, serde::rfc3339};

/// Is one object. Records of one kind refer to others by the ids that their origin gave them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Record {
    User(User),
    Password(Password),
    Identity(Identity),
    TwoFactor(TwoFactor),
    Passkey(Passkey),
    Session(Session),
    Organization(Organization),
    Team(Team),
    Member(Member),
    TeamMember(TeamMember),
    Invitation(Invitation),
    ApiKey(ApiKey),
    Verification(Verification),
}

impl Record {
    /// Returns its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::User(_) => Kind::User,
            Self::Password(_) => Kind::Password,
            Self::Identity(_) => Kind::Identity,
            Self::TwoFactor(_) => Kind::TwoFactor,
            Self::Passkey(_) => Kind::Passkey,
            Self::Session(_) => Kind::Session,
            Self::Organization(_) => Kind::Organization,
            Self::Team(_) => Kind::Team,
            Self::Member(_) => Kind::Member,
            Self::TeamMember(_) => Kind::TeamMember,
            Self::Invitation(_) => Kind::Invitation,
            Self::ApiKey(_) => Kind::ApiKey,
            Self::Verification(_) => Kind::Verification,
        }
    }
}

/// Names a kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    User,
    Password,
    Identity,
    TwoFactor,
    Passkey,
    Session,
    Organization,
    Team,
    Member,
    TeamMember,
    Invitation,
    ApiKey,
    Verification,
}

impl Kind {
    /// Lists all of them in the order in which they are written: nothing before what it refers to.
    pub const ALL: [Self; 13] = [
        Self::User,
        Self::Password,
        Self::Identity,
        Self::TwoFactor,
        Self::Passkey,
        Self::Organization,
        Self::Team,
        Self::Member,
        Self::TeamMember,
        Self::Invitation,
        Self::ApiKey,
        Self::Session,
        Self::Verification,
    ];

    /// Returns the name in counts and reports, for many of them.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Password => "passwords",
            Self::Identity => "identities",
            Self::TwoFactor => "two_factors",
            Self::Passkey => "passkeys",
            Self::Session => "sessions",
            Self::Organization => "organizations",
            Self::Team => "teams",
            Self::Member => "members",
            Self::TeamMember => "team_members",
            Self::Invitation => "invitations",
            Self::ApiKey => "api_keys",
            Self::Verification => "verifications",
        }
    }
}

/// Is somebody with an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct User {
    pub id: String,
    pub email: String,
    #[serde(default)]
    pub email_verified: bool,
    #[serde(default)]
    pub name: String,
    /// Is the address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ban: Option<Ban>,
    /// Is the name to sign in with, as its owner spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Is the code of a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Holds what the configuration adds to users.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub additional_fields: Map<String, Value>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Describes a ban.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ban {
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<OffsetDateTime>,
}

/// Is a password, as a hash in one of the spellings that docs/passwords.md lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Password {
    pub user_id: String,
    pub hash: String,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Is somebody's account at a provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    pub user_id: String,
    /// Is the provider's name in the configuration.
    pub provider: String,
    /// Is the user's id at the provider.
    pub account_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub access_token_expires_at: Option<OffsetDateTime>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub refresh_token_expires_at: Option<OffsetDateTime>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Is a second factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TwoFactor {
    pub user_id: String,
    /// Is the secret of an authenticator app, in base 32; without one, codes are mailed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Holds the codes in plain text, as their owner has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backup_codes: Vec<String>,
    /// Holds SHA-256 of codes, in hexadecimal digits, where nothing else is known of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backup_code_hashes: Vec<String>,
    #[serde(with = "rfc3339")]
    pub enabled_at: OffsetDateTime,
}

/// Is a passkey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Passkey {
    pub id: String,
    pub user_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Is in base64url.
    pub credential_id: String,
    /// Is in COSE form, in base64url.
    pub public_key: String,
    /// Is what the authenticator knows its user by, in base64url, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_handle: Option<String>,
    pub counter: u32,
    pub backup_eligible: bool,
    pub backed_up: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<String>,
    /// Is a UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aaguid: Option<String>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<OffsetDateTime>,
}

/// Is a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Session {
    pub id: String,
    pub user_id: String,
    /// Is SHA-256 of the token, in hexadecimal digits.
    pub token_hash: String,
    /// Says how it was opened, as `X-Auth-Method` tells it.
    pub auth_method: String,
    #[serde(default = "yes")]
    pub remember: bool,
    #[serde(default)]
    pub ip_address: String,
    #[serde(default)]
    pub user_agent: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_organization_id: Option<String>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub expires_at: OffsetDateTime,
}

fn yes() -> bool {
    true
}

/// Is an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Organization {
    pub id: String,
    pub name: String,
    pub slug: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Is a team of an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Team {
    pub id: String,
    pub organization_id: String,
    pub name: String,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Is somebody in an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
    pub id: String,
    pub organization_id: String,
    pub user_id: String,
    pub roles: Vec<String>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Is somebody in a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TeamMember {
    pub id: String,
    pub team_id: String,
    pub user_id: String,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Is an invitation to an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Invitation {
    pub id: String,
    pub organization_id: String,
    pub email: String,
    pub roles: Vec<String>,
    /// Are teams that it leads into too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub team_ids: Vec<String>,
    /// Is `pending`, `accepted`, `rejected` or `canceled`.
    pub status: String,
    pub inviter_id: String,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Is an API key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKey {
    pub id: String,
    pub user_id: String,
    /// Is SHA-256 of the whole key, in hexadecimal digits.
    pub key_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<OffsetDateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Holds lists of actions by resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refill: Option<Refill>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<OffsetDateTime>,
}

/// Is a link or a code that was mailed, and that still works once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Verification {
    pub id: String,
    pub purpose: MailedFor,
    /// Is whose it is, or `email` says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Is the address that it was mailed to, where it is found by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Is SHA-256 of the token of a link, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_hash: Option<String>,
    /// Is a code in plain text, as it was mailed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Counts how often a wrong code was given.
    #[serde(default)]
    pub tries: u16,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Says what a link or a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MailedFor {
    /// Is a link that sets a new password.
    ResetPassword,
    /// Is a link that deletes the account of whoever is signed in.
    DeleteUser,
    /// Is a link that signs in.
    MagicLink,
    /// Is a code that signs in.
    SignInCode,
    /// Is a code that proves the address of an account.
    VerifyEmailCode,
    /// Is a code that sets a new password.
    ResetPasswordCode,
}

impl MailedFor {
    /// Tells whether it is a code rather than a link.
    #[must_use]
    pub fn is_code(self) -> bool {
        matches!(self, Self::SignInCode | Self::VerifyEmailCode | Self::ResetPasswordCode)
    }
}

/// Says how often the uses of a key are filled up, and to what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Refill {
    pub amount: i64,
    pub interval_ms: i64,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub last_at: Option<OffsetDateTime>,
}

/// Limits the uses of a key within a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimit {
    pub max: i64,
    pub window_ms: i64,
}
