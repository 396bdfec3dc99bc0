//! Holds the pretend providers, for social buttons on a laptop without an account anywhere: a page that asks who to be,
//! and the few endpoints around it, as OpenID Connect, GitHub and Apple have them. Only `authgate dev` has them; what
//! they say is true nowhere else.

mod apple_credentials;
mod authorize;
mod discovery;
mod endpoint;
mod fields;
mod github;
mod grants;
mod protocol;
mod responses;
mod routes;
mod token;

pub(crate) use apple_credentials::AppleCredentials;
pub(crate) use protocol::{CLIENT_ID, CLIENT_SECRET, issuer};
pub(crate) use routes::routes;
