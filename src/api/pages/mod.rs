//! Describes the pages of mailed links, by the ids of their texts; the room of the pages renders them.

pub(crate) mod confirmation;
pub(crate) mod forms;
pub(crate) mod message;
pub(crate) mod organization_invitation;
pub(crate) mod response;
