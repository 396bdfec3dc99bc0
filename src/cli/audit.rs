//! Runs `authgate audit`: the audit log for people, and for what they keep it in.

use std::{
    io::{self, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use time::{Date, OffsetDateTime, macros::format_description};

use crate::{
    auth::admin::{
        AUDIT_CSV_TITLES, Administration, AuditEvent, AuditFilter, MAX_AUDIT_PAGE, audit_csv_line, audit_object,
        list_audit_events, parse_cursor, write_cursor,
    },
    cli::{
        Failure,
        administer::{Common, administer, answer, parse_duration, table},
    },
    types::{format_timestamp, parse_timestamp},
};

/// Says how often a long export tells how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// List events, newest first
    #[command(after_help = "Examples:\n  authgate audit list --since 24h\n  authgate audit list --user \
                            0190b3c5-7a3b-7c00-8000-000000000000 --event sign_in --limit 500 --json\n\nAn event says \
                            whom it is about (USER) and who caused it (ACTOR): the user, an administrator, or cli: and \
                            a name.")]
    List(List),
    /// Write events to standard output, oldest first, an object or a row a line
    #[command(after_help = "Examples:\n  authgate audit export --since 30d > audit.jsonl\n  authgate audit export \
                            --since 2026-11-01 --until 2026-12-01 --format csv > november.csv\n\nHow far it is stands \
                            on standard error. Cells of a table that spreadsheets would take for a formula begin with \
                            an apostrophe.")]
    Export(Export),
}

/// Holds what both commands take.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Only events about this account, by its id
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// Only events that this user caused, by their id, or cli: and a name
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Only events of this name; may be given several times
    #[arg(long = "event", value_name = "NAME")]
    events: Vec<String>,
    /// Only events with this outcome
    #[arg(long, value_name = "NAME")]
    outcome: Option<String>,
    /// From then on: a time, a date, or how long ago, such as 24h
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Moment>,
    /// Before then
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Moment>,
    #[command(flatten)]
    common: Common,
}

impl Selection {
    fn filter(&self, is_oldest_first: bool, now: OffsetDateTime) -> AuditFilter {
        AuditFilter {
            user_id: self.user.clone(),
            actor: self.actor.clone(),
            events: self.events.clone(),
            outcome: self.outcome.clone(),
            since: self.since.map(|moment| moment.before(now)),
            until: self.until.map(|moment| moment.before(now)),
            is_oldest_first,
            after: None,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    selection: Selection,
    /// At most so many, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Go on behind a page
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    selection: Selection,
    /// Write events in this form; `--json` is the same as jsonl
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// An object a line
    Jsonl,
    /// A table with commas
    Csv,
}

/// Is a time, or how long ago it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    At(OffsetDateTime),
    Ago(Duration),
}

impl Moment {
    fn before(self, now: OffsetDateTime) -> OffsetDateTime {
        match self {
            Self::At(time) => time,
            Self::Ago(duration) => now - duration,
        }
    }
}

/// Reads a time, a date or a duration.
fn moment(text: &str) -> Result<Moment, String> {
    let is_storable = |time: &OffsetDateTime| (1900..9999).contains(&time.year());
    if let Some(time) = parse_timestamp(text) {
        return Ok(Moment::At(time));
    }
    let date = Date::parse(text, format_description!("[year]-[month]-[day]")).map(|date| date.midnight().assume_utc());
    if let Some(time) = date.ok().filter(is_storable) {
        return Ok(Moment::At(time));
    }
    parse_duration(text).map(Moment::Ago).map_err(|_| {
        "a time such as 2026-11-30T12:00:00Z, a date such as 2026-11-30, or how long ago, such as 24h or 7d".to_owned()
    })
}

/// Does what the arguments say.
pub(crate) fn run(command: Audit) -> Result<ExitCode, Failure> {
    match command {
        Audit::List(arguments) => list(&arguments),
        Audit::Export(arguments) => export(&arguments),
    }
}

fn list(List { selection, limit, after }: &List) -> Result<ExitCode, Failure> {
    let after = match after.as_deref() {
        Some(text) => {
            let unknown = || Failure::Usage(anyhow::anyhow!("--after takes what a page ended with"));
            Some(parse_cursor(text).ok_or_else(unknown)?)
        }
        None => None,
    };
    let page = administer(&selection.common, async |_, admin, now| {
        let filter = AuditFilter { after, ..selection.filter(false, now) };
        list_audit_events(admin, &filter, i64::from(*limit), now).await.map_err(|error| Failure::Runtime(error.into()))
    })?;
    let next = page.next.map(write_cursor);
    let objects: Vec<Value> = page.events.iter().map(audit_object).collect();
    let rows: Vec<[String; 6]> = page.events.iter().map(row).collect();
    let mut text = table(["TIME", "EVENT", "OUTCOME", "USER", "ACTOR", "ADDRESS"], &rows);
    if let Some(next) = &next {
        text = format!("{text}more: --after {next}");
    }
    answer(selection.common.json, &json!({ "events": objects, "next": next }), &text)
}

fn row(event: &AuditEvent) -> [String; 6] {
    [
        format_timestamp(event.occurred_at),
        event.event.clone(),
        event.outcome.clone(),
        event.user_id.clone().unwrap_or_default(),
        event.actor.clone().unwrap_or_default(),
        event.ip_address.clone(),
    ]
}

fn export(Export { selection, format }: &Export) -> Result<ExitCode, Failure> {
    administer(&selection.common, async |_, admin, now| {
        let format = if selection.common.json { Format::Jsonl } else { *format };
        write_all(admin, selection.filter(true, now), format, now).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Writes page after page, so that an export of any length takes the memory of one.
async fn write_all(
    admin: &Administration,
    mut filter: AuditFilter,
    format: Format,
    now: OffsetDateTime,
) -> Result<(), Failure> {
    // The export ends at its own beginning: it does not wait for later events, its own among them.
    filter.until.get_or_insert(now);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut progress = Progress::begin();
    let unwritten = || "could not write to standard output";
    if format == Format::Csv {
        out.write_all(AUDIT_CSV_TITLES.as_bytes()).with_context(unwritten)?;
    }
    loop {
        let page = list_audit_events(admin, &filter, MAX_AUDIT_PAGE, now).await;
        let page = page.map_err(|error| Failure::Runtime(error.into()))?;
        for event in &page.events {
            let line = match format {
                Format::Jsonl => format!("{}\n", audit_object(event)),
                Format::Csv => audit_csv_line(event),
            };
            out.write_all(line.as_bytes()).with_context(unwritten)?;
        }
        progress.wrote(&page.events);
        filter.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    out.flush().with_context(unwritten)?;
    progress.end();
    Ok(())
}

/// Tells on standard error how far a long export is.
struct Progress {
    told_at: Instant,
    has_told: bool,
    count: usize,
}

impl Progress {
    fn begin() -> Self {
        Self { told_at: Instant::now(), has_told: false, count: 0 }
    }

    fn wrote(&mut self, events: &[AuditEvent]) {
        self.count += events.len();
        let Some(last) = events.last().filter(|_| self.told_at.elapsed() >= PROGRESS_EVERY) else { return };
        (self.told_at, self.has_told) = (Instant::now(), true);
        Self::tell(&format!("{} events, up to {}", self.count, format_timestamp(last.occurred_at)));
    }

    fn end(&self) {
        if self.has_told {
            Self::tell(&format!("{} events, all", self.count));
        }
    }

    /// Nobody may read it.
    fn tell(text: &str) {
        drop(writeln!(io::stderr(), "{text}"));
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn moments_are_times_dates_or_durations() {
        for (text, expected) in [
            ("2026-11-30T12:00:00Z", Some(Moment::At(datetime!(2026-11-30 12:00 UTC)))),
            ("2026-11-30", Some(Moment::At(datetime!(2026-11-30 00:00 UTC)))),
            ("24h", Some(Moment::Ago(Duration::from_hours(24)))),
            ("yesterday", None),
            ("2026-13-01", None),
        ] {
            assert_eq!(moment(text).ok(), expected, "{text}");
        }
    }
}
