//! Reads a table of users, a line each, with the names of the columns in the first one.

use std::{path::PathBuf, sync::Arc};

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::import::{
    error::ImportError,
    fields::{Aliases, Fields, plain},
    file::Source,
    finding::Reason,
    ids::derived_id,
    in_progress::Import,
    person::identity,
    place::Place,
    progress::Unit,
    record::{Ban, Kind, Password, Record, User},
};

/// Says where the file is, and what its columns are called.
#[derive(Debug)]
pub struct Csv {
    pub path: PathBuf,
    /// Holds names of columns by what they are: one of those that `authgate import csv --help` lists, or
    /// `identity:PROVIDER`.
    pub columns: Vec<(String, String)>,
}

/// Lists the columns that have a meaning of their own; all others may be additional fields.
const KNOWN: [&str; 14] = [
    "id",
    "email",
    "email_verified",
    "name",
    "image",
    "roles",
    "banned",
    "ban_reason",
    "ban_expires",
    "username",
    "language",
    "password_hash",
    "created_at",
    "updated_at",
];
/// Stands before the name of a provider, in the name of the column that holds ids of users there.
const IDENTITY: &str = "identity";
/// Says how much of the beginning is looked at for the end of the first line.
const HEAD: u64 = 64 * 1024;

/// Reads the users of the table, and hands them to the import.
pub(super) async fn read(settings: &Csv, import: &mut Import) -> Result<(), ImportError> {
    let source = Source::open(&settings.path)?;
    let done = source.resume(import)?;
    import.progress.begin(source.bytes, Unit::Bytes);
    import.progress.say("users");
    let unread = unread_ends(&source.peek(HEAD)?);
    let unreadable = |error: csv::Error| ImportError::Origin(format!("{}: {error}", source.name));
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(&source.file);
    let names = reader.headers().map_err(unreadable)?.clone();
    let columns = Columns::new(&names, &settings.columns)
        .map_err(|message| ImportError::Origin(format!("{}:1: {message}", source.name)))?;
    let (mut number, mut bytes, now) = (0, 0, import.now());
    let mut record = StringRecord::new();
    loop {
        let begin = reader.position().line();
        let read = match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => Ok(()),
            // Everything behind it can be read all the same.
            Err(error) if matches!(error.kind(), ErrorKind::Utf8 { .. }) => Err(not_in_utf8()),
            Err(error) => return Err(unreadable(error)),
        };
        number += 1;
        let read_until = reader.position().byte();
        import.progress.advance(read_until - bytes);
        bytes = read_until;
        if number <= done {
            continue;
        }
        let line = record.position().filter(|_| read.is_ok()).map_or(begin, csv::Position::line);
        let place = Place::Line { file: Arc::clone(&source.name), line: line + unread };
        match read.and_then(|()| columns.row(&record)).and_then(|row| columns.records(&row, now)) {
            Ok(records) => records.into_iter().for_each(|record| import.push(place.clone(), record)),
            Err(reason) => import.leave_out(Kind::User, place, reason),
        }
        import.passed(source.position(number)).await?;
    }
}

/// Returns how many ends of lines a reader has not counted yet where a line begins: of the two characters that end a line
/// of Windows it has then read the first.
fn unread_ends(head: &[u8]) -> u64 {
    let end = head.iter().position(|byte| *byte == b'\n');
    end.map_or(0, |end| u64::from(head[..end].ends_with(b"\r")))
}

/// Says what the columns of a table are.
struct Columns<'a> {
    names: &'a StringRecord,
    aliases: Aliases,
    /// Holds providers by the columns that hold ids of users there, in the form of [`plain`].
    providers: Vec<(String, String)>,
}

impl<'a> Columns<'a> {
    /// Reads the first line, and refuses names that mean nothing.
    fn new(names: &'a StringRecord, said: &[(String, String)]) -> Result<Self, String> {
        let is_there = |column: &str| names.iter().any(|name| plain(name) == column);
        let listed = names.iter().collect::<Vec<_>>().join(", ");
        let (mut aliases, mut providers) = (Aliases::default(), Vec::new());
        let by_name = Arc::make_mut(&mut aliases);
        for (column, name) in said {
            let provider = provider(column);
            if provider.is_none() && !KNOWN.iter().any(|known| plain(known) == plain(column)) {
                let known = KNOWN.join(", ");
                return Err(format!("--column {column}={name}: what can be named is {known}, {IDENTITY}:PROVIDER"));
            }
            if !is_there(&plain(name)) {
                return Err(format!("there is no column {name}, which --column {column}={name} names, but {listed}"));
            }
            match provider {
                Some(provider) => providers.push((plain(name), provider)),
                None => drop(by_name.insert(plain(column), plain(name))),
            }
        }
        if !is_there(by_name.get("email").map_or("email", String::as_str)) {
            return Err(format!(
                "there is no column email, but {listed}, which are separated by commas; say which it is with --column \
                 email=NAME"
            ));
        }
        providers.extend(names.iter().filter_map(|name| Some((plain(name), provider(name)?))));
        Ok(Self { names, aliases, providers })
    }

    /// Takes a line apart. One with too few values may have lost any of them.
    fn row(&self, record: &StringRecord) -> Result<Fields, Reason> {
        if record.len() != self.names.len() {
            let message = format!("{} values for {} columns", record.len(), self.names.len());
            let advice = "write a value or nothing for each column, and put quotes around values with commas";
            return Err(Reason::new("LINE_UNREADABLE", message, advice));
        }
        let row = self.names.iter().zip(record.iter()).map(|(name, value)| (name.to_owned(), Value::from(value)));
        Ok(Fields::new(row.collect::<Map<_, _>>(), Arc::clone(&self.aliases)))
    }

    /// Makes records of a line.
    fn records(&self, row: &Fields, now: OffsetDateTime) -> Result<Vec<Record>, Reason> {
        let email = row.required("email")?;
        let id = row.text("id").unwrap_or_else(|| derived_id(&email.to_lowercase()));
        let created_at = row.time_or("createdAt", now)?;
        let changed_at = row.time("updatedAt")?;
        let updated_at = changed_at.unwrap_or(created_at);
        let ban = if row.clear_flag("banned")? {
            // A user's age says nothing of the ban's.
            let at = changed_at.unwrap_or(now);
            Some(Ban { at, reason: row.text("banReason"), expires_at: row.time("banExpires")? })
        } else {
            None
        };
        let roles = row.text("roles").unwrap_or_default();
        let user = User {
            id: id.clone(),
            email,
            email_verified: row.flag("emailVerified"),
            name: row.text("name").unwrap_or_default(),
            image: row.text("image"),
            roles: roles.split([',', ';', ' ']).filter(|role| !role.is_empty()).map(str::to_owned).collect(),
            ban,
            username: row.text("username"),
            language: row.text("language"),
            additional_fields: self.additional_fields(row),
            created_at,
            updated_at,
        };
        let mut records = vec![Record::User(user)];
        if let Some(hash) = row.text("passwordHash") {
            records.push(Record::Password(Password { user_id: id.clone(), hash, created_at, updated_at }));
        }
        for (name, value) in row.all() {
            let provider = self.providers.iter().find(|(column, _)| *column == plain(name));
            if let (Some((_, provider)), Some(account)) = (provider, value.as_str().filter(|text| !text.is_empty())) {
                records.push(Record::Identity(identity(&id, provider.clone(), account.to_owned(), created_at)));
            }
        }
        Ok(records)
    }

    /// Returns all values that are not empty and have no meaning of their own.
    fn additional_fields(&self, row: &Fields) -> Map<String, Value> {
        let mut fields = row.all_but(&KNOWN);
        fields.retain(|name, value| {
            value.as_str().is_some_and(|text| !text.is_empty())
                && self.providers.iter().all(|(column, _)| *column != plain(name))
        });
        fields
    }
}

/// Returns the provider whose ids of users a column holds: that of `Identity:Google` is `google`.
fn provider(column: &str) -> Option<String> {
    let (start, provider) = column.split_once(':')?;
    let provider = provider.trim().to_ascii_lowercase();
    (plain(start) == IDENTITY && !provider.is_empty()).then_some(provider)
}

fn not_in_utf8() -> Reason {
    Reason::new("LINE_UNREADABLE", "the line is not in UTF-8", "save the table in UTF-8")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

    fn columns<'a>(names: &'a StringRecord, said: &[(&str, &str)]) -> Result<Columns<'a>, String> {
        let said: Vec<_> = said.iter().map(|(column, name)| ((*column).to_owned(), (*name).to_owned())).collect();
        Columns::new(names, &said)
    }

    #[test]
    fn names_of_columns_that_mean_nothing_are_refused() {
        let names = StringRecord::from(vec!["Mail", "google id"]);
        let refused = |said: &[(&str, &str)]| columns(&names, said).err().unwrap_or_default();
        assert_eq!(refused(&[("e_mail", "mail"), ("Identity:Google", "google_id")]), "");
        assert!(
            refused(&[]).starts_with("there is no column email, but Mail, google id, which are separated by commas")
        );
        assert!(refused(&[("emial", "Mail")]).starts_with("--column emial=Mail: what can be named is id, email, "));
        assert_eq!(
            refused(&[("email", "address")]),
            "there is no column address, which --column email=address names, but Mail, google id"
        );
    }

    #[test]
    fn a_line_becomes_records() {
        let names = ["email", "Banned", "created_at", "IDENTITY:Google", "gh", "other", "Mail"].to_vec();
        let names = StringRecord::from(names);
        let columns = columns(&names, &[("email", "mail"), ("identity:github", "GH")]).unwrap();
        let line = StringRecord::from(vec!["old@x.example", "TRUE", "1600000000", "108", "77", "", "a@x.example"]);
        let records = columns.records(&columns.row(&line).unwrap(), NOW).unwrap();
        let [Record::User(user), Record::Identity(google), Record::Identity(github)] = records.as_slice() else {
            panic!("{records:?}")
        };
        assert_eq!((user.email.as_str(), user.created_at), ("a@x.example", datetime!(2020-09-13 12:26:40 UTC)));
        assert_eq!(user.ban.as_ref().map(|ban| ban.at), Some(NOW), "nobody was banned when they signed up");
        let fields: Vec<&str> = user.additional_fields.keys().map(String::as_str).collect();
        assert_eq!(fields, ["email"], "the column that is not the address is as any other");
        let of = |identity: &crate::import::record::Identity| format!("{} {}", identity.provider, identity.account_id);
        assert_eq!([of(google), of(github)], ["google 108", "github 77"]);
        let short = StringRecord::from(vec!["a@x.example"]);
        assert_eq!(columns.row(&short).unwrap_err().code, "LINE_UNREADABLE");
    }
}
