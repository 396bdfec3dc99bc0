//! Holds what the page about one user shows.

use http::StatusCode;
use serde::Deserialize;

use crate::pages::form::Form;

/// Describes the user as the API does.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) display_username: Option<String>,
    #[serde(default)]
    pub(crate) role: Option<String>,
    pub(crate) banned: bool,
    pub(crate) ban_reason: Option<String>,
    pub(crate) ban_expires: Option<String>,
    #[serde(default)]
    pub(crate) two_factor_enabled: bool,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// Says which form of the page did not work, what was typed, and why.
pub(crate) struct Failed<'f> {
    pub(crate) action: &'static str,
    pub(crate) form: &'f Form,
    pub(crate) status: StatusCode,
    /// Names the field that it is about.
    pub(crate) field: Option<&'static str>,
    pub(crate) text: String,
}
