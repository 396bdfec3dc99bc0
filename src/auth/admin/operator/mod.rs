//! Holds what operators do on the command line: API keys with more than users give themselves, invitations to sign up, and
//! organizations, at which administrators only look.

pub(crate) mod api_keys;
pub(crate) mod invite;
pub(crate) mod organizations;
