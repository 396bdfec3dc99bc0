//! Serves sign-in with providers, and the identities that are linked.

pub(crate) mod callback;
pub(crate) mod linked_identities;
pub(crate) mod provider_failure;
pub(crate) mod provider_sign_in;
pub(crate) mod provider_tokens;
