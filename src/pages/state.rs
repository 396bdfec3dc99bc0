//! Holds what all pages share.

use std::fmt;

use axum::Router;

use crate::{
    auth as flows,
    crypto::Mac,
    pages::{Settings, look::Look},
};

/// Is the state of all pages.
pub(crate) struct Pages {
    pub(crate) api: Router,
    pub(crate) settings: Settings,
    pub(crate) auth: flows::Settings,
    pub(crate) form_mac: Mac,
    pub(crate) look: Look,
}

impl Pages {
    /// Tells whether browsers come by https.
    pub(crate) fn is_secure(&self) -> bool {
        self.auth.public_url.is_https()
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pages")
    }
}
