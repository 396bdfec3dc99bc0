//! Writes what commands print to standard output.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Context;

use crate::app::Failure;

/// Writes a line; failing to is a failure of the command.
pub(crate) fn print_line(text: &str) -> Result<ExitCode, Failure> {
    writeln!(io::stdout(), "{text}").context("could not write to standard output")?;
    Ok(ExitCode::SUCCESS)
}
