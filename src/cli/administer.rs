//! Holds what the administrative commands have in common: the database of the configuration and nothing else of a gateway,
//! who is asking, how users are named, and how results are written.

use std::{
    fmt::Write as _,
    io::{IsTerminal, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, anyhow};
use nix::unistd::{Uid, User};
use time::OffsetDateTime;

use crate::{
    app,
    auth::admin::{Actor, Administration, AdministrationError, UserRef},
    cli::{ConfigArgs, Failure, output::print_line},
    config::{self, Config},
    crypto::Keyring,
    mail::{OUTBOX_PURPOSE, Outbox},
    store,
    types::OrganizationRole,
};

/// A cell of a table is cut at this many characters.
const MAX_CELL_WIDTH: usize = 48;
/// Bounds an answer in bytes.
const MAX_ANSWER_LINE: u64 = 1024;
/// Bounds a duration to ten years, as for durations of the configuration.
const MAX_DURATION: Duration = Duration::from_hours(3650 * 24);

/// Holds what is common to all of them.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Answer with one JSON object; docs/administration.md describes it
    #[arg(long)]
    pub(crate) json: bool,
}

/// Loads the configuration and lets `work` administer its database.
pub(crate) fn administer<T>(
    common: &Common,
    work: impl AsyncFnOnce(&Config, &Administration, OffsetDateTime) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let config = config::load(&common.config.config)?;
    administer_database(&config, &config.database, work)
}

/// Lets `work` administer a database with this configuration.
pub(crate) fn administer_database<T>(
    config: &Config,
    database: &store::Settings,
    work: impl AsyncFnOnce(&Config, &Administration, OffsetDateTime) -> Result<T, Failure>,
) -> Result<T, Failure> {
    app::build_runtime(1)?.block_on(async {
        let db = app::open_database(database).await?;
        let outbox = Outbox::new(Keyring::new(&config.secrets).sealer(OUTBOX_PURPOSE));
        let has_organizations = config.auth.organizations.is_some();
        let administration = Administration { db, outbox, actor: Actor::Operator(operator()), has_organizations };
        let done = work(config, &administration, now()).await;
        administration.db.close().await;
        done
    })
}

/// Returns the name at the operating system; the number where it has none, as in most containers.
fn operator() -> String {
    let uid = Uid::current();
    User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

/// Returns the time in whole milliseconds, as times are stored and shown.
fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_millisecond(now.millisecond()).unwrap_or(now)
}

/// Reads a user's id or address.
pub(crate) fn who(text: &str) -> Result<UserRef, String> {
    if text.contains('@') {
        return text.parse().map(UserRef::Email).map_err(|error| format!("{error}"));
    }
    text.parse().map(UserRef::Id).map_err(|error| format!("name a user by id or e-mail address; {error}"))
}

/// Reads a role in an organization.
pub(crate) fn organization_role(text: &str) -> Result<OrganizationRole, String> {
    text.parse().map_err(|error| format!("{error}"))
}

/// Reads how long something lasts.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if !duration.is_zero() && duration <= MAX_DURATION => Ok(duration),
        Ok(_) => Err("must be longer than nothing and at most 3650d".to_owned()),
        Err(_) => Err("a duration is a number with m, h or d, for example 12h or 7d".to_owned()),
    }
}

/// Returns a function that names the user in an error.
pub(crate) fn with_user(who: &UserRef) -> impl FnOnce(AdministrationError) -> Failure {
    let name = match who {
        UserRef::Id(id) => id.to_string(),
        UserRef::Email(email) => email.as_str().to_owned(),
    };
    move |error| Failure::Runtime(anyhow::Error::new(error).context(name))
}

/// Writes the result in the form that was asked for.
pub(crate) fn answer(json: bool, object: &serde_json::Value, text: &str) -> Result<ExitCode, Failure> {
    if json { print_line(&format!("{object:#}")) } else { print_line(text.trim_end()) }
}

/// Refuses where nobody can be asked and nobody said yes beforehand.
pub(crate) fn require_yes(yes: bool, what: &str) -> Result<(), Failure> {
    if yes || std::io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::Usage(anyhow!("nobody is there to be asked: {what} with --yes")))
}

/// Asks on the terminal, and fails unless the answer is yes.
pub(crate) fn confirm(question: &str, otherwise: &'static str) -> Result<(), Failure> {
    std::io::stderr().write_all(format!("{question} Type yes: ").as_bytes()).context("could not ask")?;
    let typed = read_line(MAX_ANSWER_LINE)?;
    if *typed == "yes" { Ok(()) } else { Err(Failure::Runtime(anyhow!(otherwise))) }
}

/// Lays columns out under their titles. What users wrote cannot break out of its cell.
pub(crate) fn table<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| clean(cell))).collect();
    let titles = titles.map(str::to_owned);
    let width = |column: usize| {
        std::iter::once(&titles).chain(&rows).filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or_default()).collect();
    let mut text = String::new();
    for row in std::iter::once(&titles).chain(&rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Returns the text without what moves a terminal's cursor or reverses its text, and not too long.
pub(crate) fn clean(text: &str) -> String {
    let is_unsafe = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown: String =
        text.chars().take(MAX_CELL_WIDTH).map(|c| if is_unsafe(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if text.chars().count() > MAX_CELL_WIDTH {
        shown.pop();
        shown.push('…');
    }
    shown
}

/// Reads one line from standard input, without its end.
pub(crate) fn read_line(most_bytes: u64) -> anyhow::Result<zeroize::Zeroizing<String>> {
    use std::io::{BufRead, Read};
    let mut line = zeroize::Zeroizing::new(String::new());
    std::io::stdin().lock().take(most_bytes).read_line(&mut line).context("could not read standard input")?;
    if line.is_empty() {
        return Err(anyhow!("standard input is empty"));
    }
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_named_by_id_or_address() {
        for (text, expected) in [
            ("0190b3c5-7a3b-7c00-8000-000000000000", true),
            ("Ada@Example.com", true),
            ("ada@", false),
            ("ada lovelace", false),
            ("", false),
        ] {
            assert_eq!(who(text).is_ok(), expected, "{text:?}");
        }
        assert_eq!(who("Ada@Example.com"), who("ada@example.com"));
    }

    #[test]
    fn durations_are_bounded() {
        for (text, expected) in [
            ("7d", Ok(Duration::from_hours(7 * 24))),
            ("1h30m", Ok(Duration::from_mins(90))),
            ("0s", Err(())),
            ("9999d", Err(())),
            ("20000y", Err(())),
            ("soon", Err(())),
        ] {
            assert_eq!(parse_duration(text).map_err(|_| ()), expected, "{text}");
        }
    }

    #[test]
    fn tables_line_up_and_hold_what_users_wrote() {
        let rows = [["1".to_owned(), "Ä\u{1b}[31m\u{202e}x".to_owned()], ["22".to_owned(), "y".repeat(60)]];
        let expected = format!("ID  NAME\n1   Ä\u{fffd}[31m\u{fffd}x\n22  {}…\n", "y".repeat(47));
        assert_eq!(table(["ID", "NAME"], &rows), expected);
    }
}
