//! Is the audit log: what flows record within their transaction, and what the proxy denied.

pub(crate) mod denial_queue;
pub(crate) mod denials;
pub(crate) mod record;
