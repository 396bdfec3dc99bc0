//! Is the one mapping from errors to responses.

pub(crate) mod admin;
pub(crate) mod api_keys;
pub(crate) mod flows;
pub(crate) mod layer;
pub(crate) mod oauth;
pub(crate) mod organizations;
pub(crate) mod passkeys;
pub(crate) mod problem;
