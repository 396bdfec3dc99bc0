//! Serves administrators: users, their sessions, acting in a user's place, and who may do what (contract §4.6).

pub(crate) mod audit;
pub(crate) mod health;
pub(crate) mod impersonation;
pub(crate) mod organizations;
pub(crate) mod outbox;
pub(crate) mod permission;
pub(crate) mod roles_and_bans;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod sign_in_methods;
pub(crate) mod users;
