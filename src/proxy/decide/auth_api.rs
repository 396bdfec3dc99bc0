//! The auth API as the proxy knows it.

use crate::{api::Router, routing::own_paths::OwnPaths};

/// Holds what the gateway responds to itself: a router and the paths that are its own.
#[derive(Clone)]
pub struct AuthApi {
    pub(crate) router: Router,
    pub(crate) paths: OwnPaths,
}

impl AuthApi {
    /// Lets `router` respond below `base_path` by `templates`, and below `development` where that is given (paths
    /// without trailing slash); nothing there is ever forwarded.
    #[must_use]
    pub fn new(router: Router, base_path: String, templates: &[String], development: Option<String>) -> Self {
        Self { router, paths: OwnPaths::new(base_path, templates, development) }
    }
}

impl std::fmt::Debug for AuthApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuthApi({:?})", self.paths)
    }
}
