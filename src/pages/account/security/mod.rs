//! Serves the page with everything that opens the account: a file a section, and a file for the pages that belong to one.

mod devices;
pub(super) mod identities;
pub(super) mod page;
pub(super) mod passkeys;
mod password;
mod sessions;
pub(super) mod submit;
pub(super) mod two_factor;
