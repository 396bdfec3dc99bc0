//! Holds a problem of the auth API.

use http::StatusCode;

/// Holds why the API did not do what was asked, in its own words.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// Is the stable code.
    pub(crate) code: String,
    pub(crate) message: String,
    /// Names the fields that it is about, where the API says so.
    pub(crate) fields: Vec<String>,
    pub(crate) retry_after: Option<u64>,
}
