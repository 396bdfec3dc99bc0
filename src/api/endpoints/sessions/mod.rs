//! Serves the endpoints about sessions.

pub(crate) mod current;
pub(crate) mod device_sessions;
pub(crate) mod session_management;
