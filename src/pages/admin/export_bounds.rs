//! Bounds what the audit log is exported to: a file of a page, unlike that of the command, is made in memory.

use crate::language::Texts;

/// Bounds the pages of events in one file.
pub(crate) const MAX_PAGES: usize = 20;
/// Is the number of events of a page.
pub(crate) const PAGE: usize = 1000;
/// Bounds the file in bytes, below what the proxy takes of a response of the gateway's own.
pub(crate) const MAX_BYTES: usize = MAX_MEBIBYTES * 1024 * 1024;
const MAX_MEBIBYTES: usize = 3;

/// Says what a file has at most.
pub(crate) fn text(t: Texts) -> String {
    let (events, size) = (t.number((MAX_PAGES * PAGE) as u64), t.number(MAX_MEBIBYTES as u64));
    t.with("admin-export-bounds", &[("events", &events), ("size", &size)])
}
