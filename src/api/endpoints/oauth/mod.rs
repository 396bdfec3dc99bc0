//! Sign-in with providers, and the identities that are linked.

pub(crate) mod linked_identities;
pub(crate) mod provider_failure;
pub(crate) mod provider_tokens;
pub(crate) mod social_callback;
pub(crate) mod social_sign_in;
