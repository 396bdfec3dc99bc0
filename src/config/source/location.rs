//! Tells where in the configuration's sources something is.

use std::{fmt, sync::Arc};

/// Says where a mistake is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SourceLocation {
    /// Means that the file could not be read at all.
    File,
    /// Counts line and column from 1, the latter in characters.
    Text { line: usize, column: usize },
    /// Names an environment variable that overrides a key.
    Variable(Arc<str>),
    /// Names an option of the command line, or a command, that decides a key itself.
    Argument(&'static str),
}

impl SourceLocation {
    pub(crate) fn line_and_column(line: usize, column: usize) -> Self {
        Self::Text { line: line.max(1), column: column.max(1) }
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => Ok(()),
            Self::Text { line, column } => write!(f, "{line}:{column}"),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Argument(name) => f.write_str(name),
        }
    }
}
