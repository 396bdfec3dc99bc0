//! Parses what a request of the auth API brings: body, caller, fields.

pub(crate) mod administrator;
pub(crate) mod api_keys;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod fields;
pub(crate) mod organization;
pub(crate) mod paging;
pub(crate) mod schemas;
pub(crate) mod signed_in;
pub(crate) mod two_factor;
pub(crate) mod username;
