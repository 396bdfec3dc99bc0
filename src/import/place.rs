//! Names where something stood in its origin, so that an operator finds it there.

use std::{fmt, sync::Arc};

/// Is a row of a table, or a line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Row {
        table: Arc<str>,
        key: String,
    },
    /// Lines are counted from 1.
    Line {
        file: Arc<str>,
        line: u64,
    },
    /// Is an object within a file that has no lines of its own, by its position from 1.
    Item {
        file: Arc<str>,
        list: &'static str,
        number: u64,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row { table, key } => write!(f, "{table} {key:?}"),
            Self::Line { file, line } => write!(f, "{file}:{line}"),
            Self::Item { file, list, number } => write!(f, "{file}, {list} {number}"),
        }
    }
}

/// Is a record with where it stood.
#[derive(Debug, Clone)]
pub(crate) struct Located<T> {
    pub(crate) place: Place,
    pub(crate) record: T,
}
