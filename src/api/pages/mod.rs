//! Renders the few pages of our own: no script, nothing loaded from anywhere, no referrer, not framed, not kept
//! (MAIL-09).

pub(crate) mod confirmation;
pub(crate) mod forms;
pub(crate) mod message;
pub(crate) mod oauth_failure;
pub(crate) mod organization_invitation;
pub(crate) mod response;
