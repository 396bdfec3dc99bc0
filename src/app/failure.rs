//! Describes why a command failed, and the exit code and the line that say so.

use std::{fmt, process::ExitCode};

use crate::config::ConfigErrors;

/// Says why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The command line or the configuration is at fault.
    Usage(anyhow::Error),
    /// Holds every other failure.
    Runtime(anyhow::Error),
}

impl Failure {
    /// Returns 2 for usage and configuration, 1 otherwise.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Runtime(_) => ExitCode::FAILURE,
        }
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::Usage(errors.into())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Runtime(error)
    }
}

/// Writes the whole chain on one line. Several libraries repeat their cause in their own text; it is told once.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(error) | Self::Runtime(error)) = self;
        let mut told = String::new();
        for cause in error.chain() {
            let text = cause.to_string();
            if told.is_empty() {
                told = text;
            } else if !told.ends_with(&text) {
                told.push_str(": ");
                told.push_str(&text);
            }
        }
        f.write_str(told.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_failure_is_one_line_and_repeats_nothing() {
        let cause = anyhow!("connection refused");
        let repeated = cause.context("error communicating with database: connection refused");
        let failure = Failure::Runtime(repeated.context("database.url: cannot connect"));
        assert_eq!(
            failure.to_string(),
            "database.url: cannot connect: error communicating with database: connection refused"
        );
    }
}
