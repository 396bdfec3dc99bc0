//! Each file is about one noun; each handler reads, calls one flow, and responds.

pub(crate) mod admin;
pub(crate) mod api_keys;
pub(crate) mod avatars;
pub(crate) mod email_codes;
pub(crate) mod export_data;
pub(crate) mod key_set;
pub(crate) mod magic_link;
pub(crate) mod oauth;
pub(crate) mod organizations;
pub(crate) mod pages;
pub(crate) mod passkeys;
pub(crate) mod password_reset;
pub(crate) mod passwords;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_up;
pub(crate) mod two_factor;
pub(crate) mod user;
pub(crate) mod username;
pub(crate) mod verification;
