//! Holds what people do with organizations (`auth.organizations`): they found them, invite each other, and say who may do
//! what there. Whoever acts is a member of the moment: what the session says of that is never trusted.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod error;
pub(crate) mod invite;
pub(crate) mod last_owner;
pub(crate) mod members;
pub(crate) mod membership;
pub(crate) mod read;
pub(crate) mod reply;
pub(crate) mod settings;
pub(crate) mod team_members;
pub(crate) mod teams;
