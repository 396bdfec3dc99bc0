//! Says how far an import is, in terms of its origin.

use serde::{Deserialize, Serialize};

/// Is the last record that was dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// Names a table, or a list within a file.
    pub(crate) step: String,
    /// Is the key of a row, or the number of a line.
    pub(crate) after: String,
}
