//! The `authgate` binary: arguments in, exit code out.

use std::{io::Write, process::ExitCode};

use authgate::cli::{self, Cli};
use clap::Parser;

// A proxied request makes many small allocations. Measured with LTO, the bare framework goes from 0.43 to 0.55 of
// nginx's requests per second.
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
