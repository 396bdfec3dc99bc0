//! The command line: configurations judged, start-ups refused in one clear line, migrations.

mod check;
mod start;

use std::{
    fs,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::gateway::{Ports, base_config, command, merge};

/// A directory with a configuration in it.
struct Workplace {
    directory: TempDir,
    database_url: String,
}

impl Workplace {
    /// Takes changes to the configuration that every test starts from.
    fn new(changes: &Value) -> Self {
        let directory = TempDir::with_prefix("authgate-cli-").unwrap();
        let mut config = base_config(Ports::reserve(), 1, directory.path());
        merge(&mut config, changes);
        fs::write(directory.path().join("gateway.yaml"), config.to_string()).unwrap();
        Self { directory, database_url: "postgres://postgres:hidden-database-password@127.0.0.1:1/none".to_owned() }
    }

    /// Takes this text instead.
    fn with_text(text: &str) -> Self {
        let workplace = Self::new(&serde_json::json!({}));
        fs::write(workplace.directory.path().join("gateway.yaml"), text).unwrap();
        workplace
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.database_url, self.directory.path());
        command.args(arguments).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().expect("the binary can be run"))
    }
}

/// Tells how a command ended.
#[derive(Debug)]
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it ended by itself"),
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("output is UTF-8"),
        }
    }

    fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Asserts that the trouble is told in one line of standard error that contains this.
    fn assert_one_line(&self, code: i32, needle: &str) {
        assert_eq!(self.code, code, "{self:?}");
        let lines: Vec<&str> = self.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        assert_eq!(lines.len(), 1, "{self:?}");
        assert!(lines[0].to_lowercase().contains(&needle.to_lowercase()), "{needle:?} in {self:?}");
        assert!(!self.all().contains("panicked"), "{self:?}");
    }
}
