//! Says how far an import is, in terms of its origin.

use serde::{Deserialize, Serialize};

/// Is the last record that was dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// Names a table, or a list within a file.
    pub(crate) step: String,
    /// Is the key of a row, or the number of a line.
    pub(crate) after: String,
    /// Is how many bytes of the report tell of what was dealt with.
    #[serde(default)]
    pub(crate) report_length: u64,
}

impl Position {
    pub(crate) fn new(step: &str, after: String) -> Self {
        Self { step: step.to_owned(), after, report_length: 0 }
    }
}
