//! Counts what an import does, and writes down every record that does not come as it was.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::import::{
    finding::{Effect, Finding},
    record::Kind,
};

/// Counts records of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Were found in the origin.
    pub read: u64,
    /// Are new here.
    pub imported: u64,
    /// Came earlier, and the origin has changed them since.
    pub updated: u64,
    /// Were here already.
    pub unchanged: u64,
    /// Were joined with somebody who was here already.
    pub merged: u64,
    /// Have expired, so that they would be of no use.
    pub expired: u64,
    /// Do not come; the report says why.
    pub left_out: u64,
    /// Come, but not all of them; the report says what is missing.
    pub changed: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.imported += other.imported;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.merged += other.merged;
        self.expired += other.expired;
        self.left_out += other.left_out;
        self.changed += other.changed;
    }

    pub(crate) fn add_finding(&mut self, effect: Effect) {
        match effect {
            Effect::LeftOut => self.left_out += 1,
            Effect::Changed => self.changed += 1,
        }
    }
}

/// Holds the counts of all kinds.
pub type AllCounts = BTreeMap<Kind, Counts>;

/// Holds what an import has done so far.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) counts: AllCounts,
    file: Option<BufWriter<File>>,
    /// Are the first findings, for the terminal.
    shown: Vec<Finding>,
}

/// Says how many findings a terminal shows; the file has all.
const SHOWN: usize = 20;

impl Report {
    /// Creates the file, or goes on in one where an import goes on.
    pub(crate) fn new(path: Option<&Path>, counts: AllCounts, goes_on: bool) -> io::Result<Self> {
        let open = |path| OpenOptions::new().create(true).write(true).append(goes_on).truncate(!goes_on).open(path);
        Ok(Self { counts, file: path.map(open).transpose()?.map(BufWriter::new), shown: Vec::new() })
    }

    pub(crate) fn count(&mut self, kind: Kind) -> &mut Counts {
        self.counts.entry(kind).or_default()
    }

    /// Writes down one record.
    pub(crate) fn add(&mut self, finding: Finding) -> io::Result<()> {
        self.count(finding.kind).add_finding(finding.effect);
        if let Some(file) = &mut self.file {
            let line = json!({
                "effect": finding.effect.as_str(),
                "type": finding.kind,
                "at": finding.place.to_string(),
                "code": finding.reason.code,
                "reason": finding.reason.message,
                "advice": finding.reason.advice,
            });
            writeln!(file, "{line}")?;
        }
        if self.shown.len() < SHOWN {
            self.shown.push(finding);
        }
        Ok(())
    }

    /// Lets nothing be lost with the process.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }

    /// Ends the file with the counts, and returns what a terminal shows.
    pub(crate) fn finish(mut self, is_dry_run: bool) -> io::Result<Summary> {
        if let Some(file) = &mut self.file {
            writeln!(file, "{}", json!({ "effect": "summary", "dry_run": is_dry_run, "counts": self.counts }))?;
        }
        self.flush()?;
        Ok(Summary { counts: self.counts, findings: self.shown, is_dry_run })
    }
}

/// Describes what an import has done, or would do.
#[derive(Debug, Clone)]
pub struct Summary {
    pub counts: AllCounts,
    /// Are the first findings.
    pub findings: Vec<Finding>,
    pub is_dry_run: bool,
}

impl Summary {
    /// Tells whether every record comes.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.counts.values().all(|counts| counts.left_out == 0)
    }

    /// Returns how many findings there are beyond those that are shown.
    #[must_use]
    pub fn hidden_findings(&self) -> u64 {
        let all: u64 = self.counts.values().map(|counts| counts.left_out + counts.changed).sum();
        all.saturating_sub(u64::try_from(self.findings.len()).unwrap_or(u64::MAX))
    }

    /// Returns the counts as they are stored and written with `--json`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "dry_run": self.is_dry_run, "counts": self.counts })
    }
}
