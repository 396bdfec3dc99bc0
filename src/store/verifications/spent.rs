//! Describes rows of `auth.verifications` that were spent, or that were read.

use time::OffsetDateTime;

use crate::{
    store::verifications::{payload::Payload, purpose::Purpose},
    types::UserId,
};

/// Describes a row that was spent, or that was read. It may be too old.
#[derive(Debug)]
pub struct Spent {
    pub user_id: Option<UserId>,
    /// Is `None` where no version of the gateway wrote it.
    pub payload: Option<Payload>,
    pub expires_at: OffsetDateTime,
}

/// Holds the same as the database has it.
pub(super) struct SpentRow {
    pub(super) user_id: Option<UserId>,
    pub(super) payload: serde_json::Value,
    pub(super) expires_at: OffsetDateTime,
}

impl SpentRow {
    pub(super) fn read(self, purpose: Purpose) -> Spent {
        let Self { user_id, payload, expires_at } = self;
        Spent { user_id, payload: Payload::parse(purpose, payload), expires_at }
    }
}
