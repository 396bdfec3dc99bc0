//! Holds `auth.two_factor:` of gateway.yaml, compiled.

use std::time::Duration;

/// Says which second factors there are, and who needs one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoFactorSettings {
    /// Users can set one up, and are asked for it. Default true.
    pub enabled: bool,
    /// Names the site in authenticator apps. Default: the host of `public_url`.
    pub issuer: String,
    /// A code may be mailed in place of one from an authenticator app. Default true.
    pub mailed_code: bool,
    /// Says for how long a browser can be spared the second factor. Default 30 days, which is the most; zero is never.
    pub trust_device: Duration,
    /// Lists the roles whose users come past no route that looks at sessions without one. Default: none.
    pub required_for_roles: Vec<String>,
}

impl TwoFactorSettings {
    /// Is the longest time that a browser can be trusted (TOTP-08).
    pub const MAX_TRUST: Duration = Duration::from_hours(30 * 24);
    /// Is the longest [`Self::issuer`], in characters.
    pub const MAX_ISSUER: usize = 64;

    /// Returns the settings that hold where nothing is configured.
    #[must_use]
    pub fn new(issuer: &str) -> Self {
        Self {
            enabled: true,
            issuer: issuer.to_owned(),
            mailed_code: true,
            trust_device: Self::MAX_TRUST,
            required_for_roles: Vec::new(),
        }
    }

    /// Tells whether somebody with these roles needs a second factor in every session, so that no browser is spared it.
    #[must_use]
    pub fn is_required_for(&self, roles: &[String]) -> bool {
        roles.iter().any(|role| self.required_for_roles.contains(role))
    }
}
