//! Tells whose request it is: the credential of a request, the look-up of its session, and what is told of sessions that
//! ended.
//!
//! This room knows neither routes nor flows: `proxy` asks it for every request, `auth` opens and ends what it finds.

pub(crate) mod activity;
pub(crate) mod assertion;
mod better_auth;
mod better_auth_links;
pub(crate) mod cache;
mod cookie_names;
pub mod credential;
pub(crate) mod identify;
pub(crate) mod jwt;
pub(crate) mod key_quota;
pub mod lookup;
mod organization_claims;
pub(crate) mod revocation_feed;
mod settings;

pub use crate::crypto::KeyAlgorithm;
pub use activity::SessionActivity;
pub use assertion::{AssertionKeys, AssertionSettings, Assertions};
pub use better_auth::BetterAuthCookies;
pub use better_auth_links::SignedLink;
pub use cache::SessionCache;
pub use cookie_names::CookieNames;
pub use identify::{identify, identify_key};
pub use jwt::{JWT_PURPOSE, JwtSettings, JwtSubject, Jwts};
pub use key_quota::{KeyQuotas, QuotaExceeded};
pub use organization_claims::OrganizationClaims;
pub use revocation_feed::{RevocationFeed, Watched};
pub use settings::{CheckMode, CookieSettings, SameSite, SessionSettings};
