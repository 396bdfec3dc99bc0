//! Says what the rows of better-auth cannot say by themselves.

use std::collections::HashSet;

use time::OffsetDateTime;

use crate::types::Secret;

/// Holds what a row cannot say by itself.
pub(super) struct Context<'a> {
    pub(super) secrets: &'a [Secret],
    /// Is when the import began.
    pub(super) now: OffsetDateTime,
    /// Have proved their second factor, so that it is in force.
    pub(super) with_second_factor: HashSet<String>,
    /// Are those of them who have no row of a second factor that was proved.
    pub(super) without_proof: HashSet<String>,
}
