//! Says who is signed in, as the auth API tells it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::pages::{
    error::PageError,
    layout::{Layout, PersonView},
    visit::Visit,
};

/// Holds a session with its user.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Session {
    pub(crate) session: SessionView,
    pub(crate) user: UserView,
}

impl Session {
    /// Returns the address of the user in whose place an administrator acts.
    pub(crate) fn in_place_of(&self) -> Option<&str> {
        self.session.impersonated_by.as_ref().map(|_| self.user.email.as_str())
    }

    /// Shows in a layout who is signed in.
    pub(crate) fn shown<'v>(&self, visit: &Visit, layout: Layout<'v>) -> Layout<'v> {
        let UserView { name, email, .. } = &self.user;
        Layout {
            person: Some(PersonView {
                // Nobody has to have a name, and a link needs a text.
                name: if name.trim().is_empty() { email } else { name }.clone(),
                account: visit.account_path("settings"),
                sign_out: visit.auth_path("sign-out"),
            }),
            impersonating: self.in_place_of().map(|email| visit.t.with("impersonating", &[("email", email)])),
            ..layout
        }
    }
}

/// Holds what pages need of a session.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView {
    #[serde(default)]
    pub(crate) impersonated_by: Option<String>,
    #[serde(default)]
    pub(crate) active_organization_id: Option<String>,
}

/// Holds what pages need of a user.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    #[serde(default)]
    pub(crate) image: Option<String>,
    #[serde(default)]
    pub(crate) username: Option<String>,
    #[serde(default)]
    pub(crate) display_username: Option<String>,
    #[serde(default)]
    pub(crate) two_factor_enabled: bool,
    /// Lists roles, separated by commas.
    #[serde(default)]
    pub(crate) role: Option<String>,
    /// Holds, among others, what the configuration adds to users.
    #[serde(flatten)]
    pub(crate) further: Map<String, Value>,
}

impl UserView {
    pub(crate) fn roles(&self) -> Vec<String> {
        let roles = self.role.as_deref().unwrap_or_default().split(',');
        roles.map(str::trim).filter(|role| !role.is_empty()).map(str::to_owned).collect()
    }
}

/// Returns who is signed in, if anybody is.
pub(crate) async fn find(visit: &Visit) -> Result<Option<Session>, PageError> {
    visit.get("/get-session").await?.parse()
}

/// Returns who is signed in, or leads to the page to sign in at.
pub(crate) async fn require(visit: &Visit) -> Result<Session, PageError> {
    find(visit).await?.ok_or(PageError::SignInFirst)
}
