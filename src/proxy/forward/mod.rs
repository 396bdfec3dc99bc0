//! Carries a decided request to its upstream and back, or to the auth API.

pub(crate) mod access_log;
pub(crate) mod bridge;
pub(crate) mod ctx;
pub(crate) mod hooks;
pub(crate) mod response;
pub(crate) mod upstream_response;
