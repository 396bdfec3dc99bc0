//! Describes a proved first factor, whatever proved it.

use crate::{
    store::users::User,
    types::{AuthMethod, SecondFactor, SessionToken, TrustedDeviceToken},
};

/// Describes whose first factor was proved, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FirstFactor<'a> {
    pub(crate) user: &'a User,
    pub(crate) method: AuthMethod<'a>,
    /// Is what the same act proved beside it: a passkey that verified its user is two factors.
    pub(crate) second_factor: Option<SecondFactor>,
    pub(crate) remember: bool,
    /// Is the session that the browser had before; it ends (SESS-02).
    pub(crate) replaces: Option<&'a SessionToken>,
    /// Spare the browser the second factor.
    pub(crate) trusted_devices: &'a [TrustedDeviceToken],
}
