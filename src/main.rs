//! Is the `authgate` binary: arguments in, exit code out.

use std::{io::Write, process::ExitCode};

use authgate::cli::{self, Cli};
use clap::Parser;

// A proxied request makes some eighty small allocations; with the system's allocator it passes a seventh fewer requests
// (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            // Where standard error is gone, nobody is left to be told.
            let _ = writeln!(std::io::stderr(), "authgate: {failure}");
            failure.exit_code()
        }
    }
}
