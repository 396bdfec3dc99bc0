//! Shows what an import has done: counts, and the first records that do not come as they were.

use std::{fmt::Write as _, path::Path};

use crate::{
    cli::administer::{clean, table},
    import::{AllCounts, Summary, escaped, record::Kind},
};

/// Shows counts, and the first records that do not come as they were.
pub(super) fn summary_text(summary: &Summary, report: &Path) -> String {
    let mut text = counts_table(&summary.counts);
    if !summary.findings.is_empty() {
        text.push('\n');
    }
    for finding in &summary.findings {
        let effect = finding.effect.as_str().replace('_', " ");
        let line = format!("{effect}: {}: {}", finding.place, finding.reason);
        text.push_str(&escaped(&line));
        text.push('\n');
    }
    match summary.hidden_findings() {
        0 => {}
        hidden => drop(writeln!(text, "and {hidden} more")),
    }
    match summary.counts.get(&Kind::User).map_or(0, |counts| counts.unverified) {
        0 => {}
        unverified => drop(writeln!(
            text,
            "\n{unverified} users have an address that is not verified: whoever proves it chooses a password anew, and what came \
             along to sign in with ends (--trust-addresses, docs/moving-in.md)"
        )),
    }
    for note in &summary.notes {
        let _ = writeln!(text, "\n{}", escaped(note));
    }
    let _ = writeln!(text, "\nreport: {}", clean(&report.display().to_string()));
    if summary.is_dry_run {
        text.push_str("nothing was written: leave out --dry-run to import\n");
    }
    text
}

fn counts_table(counts: &AllCounts) -> String {
    let rows: Vec<[String; 9]> = counts
        .iter()
        .map(|(kind, counts)| {
            [
                kind.plural().replace('_', " "),
                counts.read.to_string(),
                counts.imported.to_string(),
                counts.updated.to_string(),
                counts.merged.to_string(),
                counts.unchanged.to_string(),
                counts.expired.to_string(),
                counts.changed.to_string(),
                counts.left_out.to_string(),
            ]
        })
        .collect();
    table(["", "READ", "IMPORTED", "UPDATED", "MERGED", "UNCHANGED", "EXPIRED", "CHANGED", "LEFT OUT"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Counts, record::Kind};

    #[test]
    fn what_does_not_come_whole_is_counted_and_what_is_not_there_is_said() {
        let counts = Counts { read: 3, imported: 2, changed: 1, left_out: 1, ..Counts::default() };
        let summary = Summary {
            counts: [(Kind::TwoFactor, counts)].into(),
            findings: Vec::new(),
            notes: vec!["no table \u{1b}[31m".to_owned()],
            is_dry_run: true,
        };
        let expected = "             READ  IMPORTED  UPDATED  MERGED  UNCHANGED  EXPIRED  CHANGED  LEFT OUT\n\
                        two factors  3     2         0        0       0          0        1        1\nand 2 more\n\n\
                        no table \\u{1b}[31m\n\nreport: x\n\
                        nothing was written: leave out --dry-run to import\n";
        assert_eq!(summary_text(&summary, Path::new("x")), expected);
    }
}
