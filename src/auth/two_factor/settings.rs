//! Holds `auth.two_factor:` of gateway.yaml, compiled.

use std::time::Duration;

/// Says which second factors there are, and who needs one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoFactorSettings {
    /// Users can set one up, and are asked for it. Default true.
    pub enabled: bool,
    /// A code may be mailed in place of one from an authenticator app. Default true.
    pub mailed_code: bool,
    /// Says for how long a browser can be spared the second factor. Default 30 days, which is the most.
    pub trust_device: Duration,
}

impl TwoFactorSettings {
    /// Is the longest time that a browser can be trusted (TOTP-08).
    pub const MAX_TRUST: Duration = Duration::from_hours(30 * 24);
}

impl Default for TwoFactorSettings {
    fn default() -> Self {
        Self { enabled: true, mailed_code: true, trust_device: Self::MAX_TRUST }
    }
}
