//! Serves organizations, as the client's plugin asks for them.

pub(crate) mod active;
pub(crate) mod change;
pub(crate) mod invitations;
pub(crate) mod members;
pub(crate) mod membership;
pub(crate) mod read;
pub(crate) mod replies;
pub(crate) mod team_members;
pub(crate) mod teams;
