//! What a response of the auth API carries: cookies, JSON, redirects; and how long it takes at least.

pub(crate) mod cookie;
pub(crate) mod json;
pub(crate) mod redirect;
pub(crate) mod timing;
pub(crate) mod views;
