//! Counts what an import does, and writes down every record that does not come as it was.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions, Permissions},
    io::{self, BufWriter, Read, Write},
    os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt},
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
    /// Are users who came and whose address nobody has proved.
    pub unverified: u64,
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
        self.unverified += other.unverified;
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
    /// Say what an operator should know of the origin as a whole.
    notes: Vec<String>,
}

/// Says how many findings a terminal shows; the file has all.
const SHOWN: usize = 20;

impl Report {
    /// Creates the file, or goes on in one where an import goes on: behind what was written of the batches that are here.
    pub(crate) fn new(path: Option<&Path>, counts: AllCounts, kept: Option<u64>) -> io::Result<Self> {
        let file = path.map(|path| open(path, kept)).transpose()?.map(BufWriter::new);
        Ok(Self { counts, file, shown: Vec::new(), notes: Vec::new() })
    }

    /// Keeps what an operator should know of the origin as a whole.
    pub(crate) fn note(&mut self, text: String) {
        self.notes.push(text);
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

    /// Lets nothing be lost with the process, and returns how many bytes are in the file.
    pub(crate) fn flush(&mut self) -> io::Result<u64> {
        let Some(file) = &mut self.file else { return Ok(0) };
        file.flush()?;
        Ok(file.get_ref().metadata()?.len())
    }

    /// Ends the file with the counts, and returns what a terminal shows.
    pub(crate) fn finish(mut self, is_dry_run: bool) -> io::Result<Summary> {
        if let Some(file) = &mut self.file {
            let (counts, notes) = (&self.counts, &self.notes);
            let line = json!({ "effect": "summary", "dry_run": is_dry_run, "counts": counts, "notes": notes });
            writeln!(file, "{line}")?;
        }
        self.flush()?;
        Ok(Summary { counts: self.counts, findings: self.shown, notes: self.notes, is_dry_run })
    }
}

/// Is how lines of a report begin, with their keys in the order of letters, and as they did before.
const BEGINNINGS: [&[u8]; 3] = [b"{\"advice\":", b"{\"counts\":", b"{\"effect\":"];

/// Opens the file for nobody but its owner: it holds addresses. A file that is something else is not written over.
fn open(path: &Path, kept: Option<u64>) -> io::Result<File> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    // A device or a pipe holds nothing that could be lost.
    if !file.metadata()?.is_file() {
        return Ok(file);
    }
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(10).read_to_end(&mut head)?;
    if !head.is_empty() && !BEGINNINGS.contains(&head.as_slice()) {
        let message = "the file is there and is no report of an import; name another one with --report";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    file.set_permissions(Permissions::from_mode(0o600))?;
    // What is behind it was written of a batch that was not committed, and comes once more. A file that was taken away begins
    // anew.
    let length = kept.unwrap_or(0).min(file.metadata()?.len());
    let mut last = [b'\n'];
    if length > 0 {
        file.read_exact_at(&mut last, length - 1)?;
    }
    file.set_len(if last == *b"\n" { length } else { 0 })?;
    io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
    Ok(file)
}

/// Describes what an import has done, or would do.
#[derive(Debug, Clone)]
pub struct Summary {
    pub counts: AllCounts,
    /// Are the first findings.
    pub findings: Vec<Finding>,
    /// Say what an operator should know of the origin as a whole.
    pub notes: Vec<String>,
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
        json!({ "dry_run": self.is_dry_run, "counts": self.counts, "notes": self.notes })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::import::{finding::Reason, place::Place};

    #[test]
    fn a_report_is_its_owners_and_is_written_over_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.jsonl");
        let report = |kept| Report::new(Some(&path), AllCounts::default(), kept);
        let finding = || Finding {
            kind: Kind::User,
            place: Place::Line { file: "x".into(), line: 1 },
            effect: Effect::LeftOut,
            reason: Reason::new("X", "x", "x"),
        };
        for (kept, lines) in [(None, 2), (None, 2), (Some(u64::MAX), 4)] {
            let mut report = report(kept).unwrap();
            report.add(finding()).unwrap();
            report.finish(false).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), lines);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        for other in ["email,name\n", "{\"type\":\"user\"}\n", "{\n"] {
            fs::write(&path, other).unwrap();
            for kept in [None, Some(u64::MAX)] {
                let refused = report(kept).unwrap_err().to_string();
                assert!(refused.contains("is no report of an import"), "{refused}");
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), other);
        }
        fs::write(&path, "").unwrap();
        report(None).unwrap();
    }
}
