//! Is one provider as it is seen from here: its endpoints, tokens, keys and profiles. It knows no account and no
//! session.

pub(crate) mod apple;
pub(crate) mod client;
pub(crate) mod endpoints;
pub(crate) mod error;
pub(crate) mod http_client;
pub(crate) mod id_token;
pub(crate) mod jwks;
pub(crate) mod loggable;
pub(crate) mod profile;
pub(crate) mod settings;
pub(crate) mod token_endpoint;
