//! Is the auth API as the proxy knows it.

use std::sync::Arc;

use crate::{
    api::{PictureBodies, Router},
    pages::ErrorPages,
    proxy::decide::long_bodies::LongBodies,
    routing::own_paths::OwnPaths,
};

/// Holds what the gateway responds to itself: a router and the paths that are its own.
#[derive(Clone)]
pub struct AuthApi {
    pub(crate) router: Router,
    pub(crate) paths: OwnPaths,
    pub(crate) long_bodies: Arc<LongBodies>,
    /// Tell people in a browser why they get no page.
    pub(crate) error_pages: Option<ErrorPages>,
}

impl AuthApi {
    /// Lets `router` respond below `base_path` by `templates`, and below the prefixes of `pages` (paths without trailing
    /// slash); nothing there is ever forwarded.
    #[must_use]
    pub fn new(router: Router, base_path: String, templates: &[String], pages: Vec<String>) -> Self {
        let paths = OwnPaths::new(base_path, templates, pages);
        Self { router, paths, long_bodies: Arc::default(), error_pages: None }
    }

    /// Lets browsers be told of rejections by pages.
    #[must_use]
    pub fn with_error_pages(self, error_pages: Option<ErrorPages>) -> Self {
        Self { error_pages, ..self }
    }

    /// Lets bodies that may hold a picture be longer.
    #[must_use]
    pub fn with_long_bodies(self, pictures: PictureBodies) -> Self {
        Self { long_bodies: Arc::new(LongBodies::new(pictures)), ..self }
    }
}

impl std::fmt::Debug for AuthApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuthApi({:?})", self.paths)
    }
}
