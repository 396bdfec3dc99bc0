//! Serves the pages of organizations.

pub(super) mod list;
pub(super) mod member;
pub(super) mod organization;
