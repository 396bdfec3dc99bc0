//! Deals with addresses: their proof, their change and its undo, and the links that are mailed for both.

pub(crate) mod callback_url;
pub(crate) mod change;
pub(crate) mod confirm_change;
pub(crate) mod link;
pub(crate) mod link_preview;
pub(crate) mod prove_address;
pub(crate) mod send_verification;
mod signed_elsewhere;
pub(crate) mod undo_change;
pub(crate) mod verification;
pub(crate) mod verify;
