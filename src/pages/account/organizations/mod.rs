//! Serves the pages of organizations.

pub(super) mod list;
pub(super) mod member;
mod members;
pub(super) mod organization;
