//! Says what the rows of Django cannot say by themselves, and what its tables are known by.

use std::collections::HashMap;

use time::OffsetDateTime;

use crate::{import::tables::Names, types::Secret};

/// Says where it is, and what the flags of users mean.
#[derive(Debug)]
pub struct Django {
    pub url: Secret,
    pub names: Names,
    /// Is the role of superusers; without one they are users as all others.
    pub superuser_role: Option<String>,
    /// Is the role of staff.
    pub staff_role: Option<String>,
}

/// Holds what the rows cannot say by themselves.
pub(super) struct Context<'a> {
    pub(super) settings: &'a Django,
    /// Holds names of groups by their ids.
    pub(super) groups: HashMap<String, String>,
    pub(super) now: OffsetDateTime,
}

// Names of the joined tables, as they are known by.
pub(super) const ADDRESS: &str = "email_address";
pub(super) const GROUP_OF_USER: &str = "user_group";
pub(super) const AUTHENTICATOR: &str = "authenticator";
pub(super) const TOTP_DEVICE: &str = "totp_device";
pub(super) const TOKEN: &str = "social_token";
