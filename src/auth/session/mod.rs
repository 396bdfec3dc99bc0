//! Deals with sessions as flows see them: opened, found, listed and ended.

pub(crate) mod complete;
pub(crate) mod device_session_cookies;
pub(crate) mod device_sessions;
pub(crate) mod end;
pub(crate) mod extend;
pub(crate) mod find;
pub(crate) mod first_factor;
pub(crate) mod list;
pub(crate) mod open;
pub(crate) mod revoke;
pub(crate) mod sign_out;
