//! Serves the pages that mailed links open.

pub(crate) mod change_email;
pub(crate) mod delete_user;
mod link;
pub(crate) mod magic_link;
pub(crate) mod organization_invitation;
pub(crate) mod reset_password;
pub(crate) mod verify_email;
