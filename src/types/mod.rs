//! The vocabulary every room shares: identifiers, addresses, tokens, secrets.
//!
//! Each type has one fallible constructor and is valid from then on. Nothing here does I/O or knows another room.

mod blocklist;
mod client_ip;
mod email;
mod identity;
mod ids;
mod origin;
mod password;
mod public_url;
mod role;
mod secret;
mod token;

pub use blocklist::Blocklist;
pub use client_ip::ClientIp;
pub use email::{Email, EmailError};
pub use identity::{ActiveSession, Activity, Credential, Identity};
pub use ids::{AccountId, InvalidId, RenewalId, RequestId, SessionId, UserId, VerificationId};
pub use origin::{Origin, OriginError, OriginPattern, TrustedOrigins};
pub use password::{Owner, Password, PasswordError, PasswordHash, PasswordRules};
pub use public_url::PublicUrl;
pub use role::{InvalidRole, Role};
pub use secret::Secret;
pub use token::{BrowserToken, FlowSecret, MailToken, MalformedToken, SessionToken, StateToken, TokenHash};
