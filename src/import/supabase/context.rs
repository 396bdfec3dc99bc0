//! Says what the rows of Supabase cannot say by themselves.

use time::OffsetDateTime;

/// Holds what a row of Supabase cannot say by itself.
pub(super) struct Context {
    /// Are additional fields that users may not set themselves.
    pub(super) protected_fields: Vec<String>,
    pub(super) now: OffsetDateTime,
}

/// Is what the table of second factors is known by.
pub(super) const FACTOR: &str = "mfa_factor";
