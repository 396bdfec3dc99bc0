//! Holds `auth.organizations:` of gateway.yaml, compiled.

use std::time::Duration;

use crate::auth::email::callback_url::CallbackUrl;

/// Configures organizations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationSettings {
    /// Says who founds them. Default: anyone.
    pub creation: OrganizationCreation,
    /// Limits how many a user may own when founding one more. Default 5.
    pub max_per_user: u32,
    /// Limits the members of one. Default 100.
    pub max_members: u32,
    /// Limits the open invitations of one. Default 100.
    pub max_invitations: u32,
    /// Says how long an invitation works. Default 48 hours.
    pub invitation_expires_in: Duration,
    /// Is the frontend's page that signs people up. Default: none.
    pub sign_up_page: Option<CallbackUrl>,
    /// Configures teams within organizations; `None` where there are none. Default: none.
    pub teams: Option<TeamSettings>,
}

/// Configures teams within organizations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TeamSettings {
    /// Limits the teams of one organization. Default 20.
    pub max_per_organization: u32,
    /// Limits the members of one team. Default 100.
    pub max_members: u32,
}

impl Default for TeamSettings {
    fn default() -> Self {
        Self { max_per_organization: 20, max_members: 100 }
    }
}

impl Default for OrganizationSettings {
    fn default() -> Self {
        Self {
            creation: OrganizationCreation::Anyone,
            max_per_user: 5,
            max_members: 100,
            max_invitations: 100,
            invitation_expires_in: Duration::from_hours(48),
            sign_up_page: None,
            teams: None,
        }
    }
}

/// Says who founds organizations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OrganizationCreation {
    /// Lets every user.
    #[default]
    Anyone,
    /// Lets nobody; operators found organizations on the command line.
    Operators,
}
