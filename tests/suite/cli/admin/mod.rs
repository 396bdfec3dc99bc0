//! Administration on the command line, against the database of a running gateway.

mod documentation;
mod factors;
mod keys;
mod organizations;
mod refusals;
mod routes;
mod sessions;
mod users;
mod welcome;

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::harness::{TestGateway, gateway::command};

impl TestGateway {
    /// Runs the binary with this gateway's configuration and database, and nothing on standard input.
    pub(crate) fn cli(&self, arguments: &[&str]) -> Ended {
        self.cli_with_input(arguments, "")
    }

    /// The same with standard input.
    pub(crate) fn cli_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        run(command(&self.db.url(), self.directory.path()), arguments, input)
    }

    /// The answer of a command as JSON.
    pub(crate) fn cli_json(&self, arguments: &[&str]) -> Value {
        self.cli(&[arguments, &["--json"]].concat()).json()
    }
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command, arguments: &[&str], input: &str) -> Ended {
    let command = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary can be run");
    // A command that reads nothing may be gone by now.
    let _ = child.stdin.take().expect("stdin is piped").write_all(input.as_bytes());
    child.wait_with_output().expect("the binary ends").into()
}

/// Tells how a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The one JSON object of an answer.
    pub(crate) fn json(&self) -> Value {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts that nothing was done, and why.
    pub(crate) fn assert_refused(&self, code: i32, needle: &str) {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{self:?}");
        assert!(self.stderr.contains(needle), "{needle:?} in {self:?}");
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it ended by itself"),
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("output is UTF-8"),
        }
    }
}
