//! Defines what every administrative flow receives, and how it fails.

use crate::{
    mail::Outbox,
    store::{Db, StoreError},
};

/// Holds what every one of these flows receives.
#[derive(Debug)]
pub struct Administration {
    pub db: Db,
    /// Takes mail, which the gateway delivers when it runs.
    pub outbox: Outbox,
    /// This is who is at the command line, by the operating system; the audit log's actor is `cli:` and this.
    pub operator: String,
}

/// Describes why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    #[error("there is no such user")]
    UnknownUser,
    #[error("there is no such session; it may have ended already")]
    UnknownSession,
    /// These organizations, by their slugs, would be without an owner.
    #[error("nobody else owns these organizations, of which others are members: {}", .0.join(", "))]
    LastOwner(Vec<String>),
    #[error("there is no such API key; it may have been deleted already")]
    UnknownApiKey,
    #[error(transparent)]
    Store(#[from] StoreError),
}
