//! Shows what an import has done: counts, and the first records that do not come as they were.

use std::{fmt::Write as _, path::Path};

use crate::{
    cli::administer::{clean, table},
    import::{AllCounts, Summary},
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
        text.push_str(&line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>());
        text.push('\n');
    }
    match summary.hidden_findings() {
        0 => {}
        hidden => drop(writeln!(text, "and {hidden} more")),
    }
    let _ = writeln!(text, "\nreport: {}", clean(&report.display().to_string()));
    if summary.is_dry_run {
        text.push_str("nothing was written: leave out --dry-run to import\n");
    }
    text
}

fn counts_table(counts: &AllCounts) -> String {
    let rows: Vec<[String; 8]> = counts
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
                counts.left_out.to_string(),
            ]
        })
        .collect();
    table(["", "READ", "IMPORTED", "UPDATED", "MERGED", "UNCHANGED", "EXPIRED", "LEFT OUT"], &rows)
}
