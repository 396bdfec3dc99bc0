//! Says what the rows of better-auth cannot say by themselves.

use std::collections::HashSet;

use crate::types::Secret;

/// Holds what a row cannot say by itself.
pub(super) struct Context<'a> {
    pub(super) secrets: &'a [Secret],
    /// Have proved their second factor, so that it is in force.
    pub(super) with_second_factor: HashSet<String>,
}
