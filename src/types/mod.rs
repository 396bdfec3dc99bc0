//! Holds the vocabulary every room shares: identifiers, addresses, tokens, secrets.
//!
//! Each type has one fallible constructor and is valid from then on. Nothing here does I/O or knows another room.

mod api_key;
mod authentication;
mod authority;
mod blocklist;
mod client_ip;
mod color;
mod email;
mod email_domain;
mod first_seen;
pub mod header_text;
mod identity;
mod ids;
mod mailed_code;
mod method;
mod one_time_code;
mod organization;
mod origin;
mod passkey;
mod password;
mod public_url;
mod role;
mod secret;
mod timestamp;
mod token;
mod user_fields;
mod username;

pub use api_key::{ApiKey, ApiKeyGrant, ApiKeyOwner, ApiKeyRejection, ApiKeyState, MalformedApiKey};
pub use authentication::{AuthMethod, Authentication, SecondFactor, StepUp};
pub use authority::{split_port, without_port};
pub use blocklist::{Blocklist, Owner};
pub use client_ip::ClientIp;
pub use color::Color;
pub use email::{Email, EmailError};
pub use email_domain::{EmailDomain, InvalidEmailDomain};
pub use first_seen::FirstSeen;
pub use identity::{
    AcceptedCredentials, ActiveSession, ActiveUser, Activity, Credential, Identity, KeyOrganization, Principal,
    SessionKey, Told,
};
pub use ids::{
    AccountId, ApiKeyId, InvalidId, InvitationId, MemberId, OrganizationId, PasskeyId, RequestId, SessionId, TeamId,
    TeamMemberId, TokenRefreshId, TrustedDeviceId, UserId, VerificationId,
};
pub use mailed_code::MailedCode;
pub use method::{SERVED_METHODS, is_served};
pub use one_time_code::{BackupCode, MalformedCode, OneTimeCode};
pub use organization::{
    ActiveOrganization, InvalidOrganizationRole, OrganizationRole, OrganizationRoles, is_organization_name,
    is_organization_slug,
};
pub use origin::{Origin, OriginError, OriginPattern, TrustedOrigins, is_loopback_host, split_app_url};
pub use passkey::{CredentialId, InvalidCredentialId, PasskeyUserHandle};
pub use password::{Password, PasswordError, PasswordHash, PasswordRules};
pub use public_url::PublicUrl;
pub use role::{InvalidRole, Role};
pub use secret::Secret;
pub use timestamp::{format_timestamp, parse_timestamp, write_timestamp};
pub use token::{
    BrowserToken, ChallengeToken, FlowSecret, MailToken, MalformedToken, PasskeyChallengeToken, SessionToken,
    StateToken, TokenHash, TrustedDeviceToken,
};
pub use user_fields::{FieldError, FieldType, UserField, UserFields};
pub use username::{Username, UsernameError, UsernameRules};
