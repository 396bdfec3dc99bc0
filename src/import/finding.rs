//! Describes what an operator has to know of single records: why one does not come, or comes otherwise than it was.

use std::fmt;

use crate::import::{place::Place, record::Kind};

/// Says what became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It does not come.
    LeftOut,
    /// It comes, but not all of it.
    Changed,
}

impl Effect {
    /// Returns the name in the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeftOut => "left_out",
            Self::Changed => "changed",
        }
    }
}

/// Says what is the matter with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Is stable, in capitals.
    pub code: &'static str,
    /// Says what was found.
    pub message: String,
    /// Says what the operator can do.
    pub advice: &'static str,
}

impl Reason {
    pub(crate) fn new(code: &'static str, message: impl Into<String>, advice: &'static str) -> Self {
        Self { code, message: message.into(), advice }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}); {}", self.message, self.code, self.advice)
    }
}

/// Is one line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    pub place: Place,
    pub effect: Effect,
    pub reason: Reason,
}
