//! The endpoints of the auth API, a folder for each tag of its description.

mod account;
mod admin;
mod api_keys;
mod email_codes;
mod magic_links;
mod multi_session;
mod openapi;
mod organizations;
pub(crate) mod passkeys;
pub(crate) mod password;
mod sessions;
mod sign_in;
pub(crate) mod sign_up;
mod social;
pub(crate) mod two_factor;
mod username;
mod verification;
