//! Reads a table of users, a line each, with the names of the columns in the first one.

use std::{path::PathBuf, sync::Arc};

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::import::{
    error::ImportError,
    fields::{Aliases, Fields, plain},
    file::Source,
    finding::Reason,
    ids::derived_id,
    in_progress::Import,
    place::Place,
    record::{Ban, Identity, Kind, Password, Record, User},
};

/// Says where the file is, and what its columns are called.
#[derive(Debug)]
pub struct Csv {
    pub path: PathBuf,
    /// Holds names of columns by what they are.
    pub columns: Vec<(String, String)>,
}

/// Lists the columns that have a meaning of their own, in the form of [`plain`]; all others may be additional fields.
const KNOWN: [&str; 14] = [
    "id",
    "email",
    "emailverified",
    "name",
    "image",
    "roles",
    "banned",
    "banreason",
    "banexpires",
    "username",
    "language",
    "passwordhash",
    "createdat",
    "updatedat",
];
/// Stands before the name of a provider, in the name of the column that holds ids of users there.
const IDENTITY: &str = "identity:";

/// Reads everything.
pub(super) async fn read(settings: &Csv, import: &mut Import) -> Result<(), ImportError> {
    let source = Source::open(&settings.path)?;
    let done = source.resume(import)?;
    import.progress.begin(source.bytes);
    import.progress.say("users");
    let aliases = settings.columns.iter().map(|(column, actual)| (plain(column), plain(actual)));
    let aliases: Aliases = Arc::new(aliases.collect());
    let unreadable = |error: csv::Error| ImportError::Origin(format!("{}: {error}", source.name));
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(&source.file);
    let names = reader.headers().map_err(unreadable)?.clone();
    let is_there = |column: &str| {
        let column = aliases.get(&plain(column)).cloned().unwrap_or_else(|| plain(column));
        names.iter().any(|name| plain(name) == column)
    };
    if !is_there("email") {
        return Err(ImportError::Origin(format!(
            "{}:1: there is no column email, but {}; say which it is with --column email=NAME",
            source.name,
            names.iter().collect::<Vec<_>>().join(", ")
        )));
    }
    let (mut number, mut bytes, now) = (0, 0, import.now());
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            // Everything behind it can be read all the same.
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                number += 1;
                let place = Place::Line { file: Arc::clone(&source.name), line };
                import.leave_out(
                    Kind::User,
                    place,
                    Reason::new("LINE_UNREADABLE", error.to_string(), "save it in UTF-8"),
                );
                continue;
            }
            Err(error) => return Err(unreadable(error)),
        }
        number += 1;
        let read_until = reader.position().byte();
        import.progress.advance(read_until - bytes);
        bytes = read_until;
        if number <= done {
            continue;
        }
        let line = record.position().map_or(line, csv::Position::line);
        let place = || Place::Line { file: Arc::clone(&source.name), line };
        if record.len() > names.len() {
            let message = format!("{} values for {} columns", record.len(), names.len());
            import.leave_out(Kind::User, place(), Reason::new("LINE_UNREADABLE", message, "put quotes around commas"));
        } else {
            let row = names.iter().zip(record.iter()).map(|(name, value)| (name.to_owned(), Value::from(value)));
            match records(&Fields::new(row.collect::<Map<_, _>>(), Arc::clone(&aliases)), now) {
                Ok(records) => records.into_iter().for_each(|record| import.push(place(), record)),
                Err(reason) => import.leave_out(Kind::User, place(), reason),
            }
        }
        import.passed(source.position(number)).await?;
    }
}

/// Makes records of a line.
fn records(row: &Fields, now: OffsetDateTime) -> Result<Vec<Record>, Reason> {
    let email = row.required("email")?;
    let id = row.text("id").unwrap_or_else(|| derived_id(&email.to_lowercase()));
    let created_at = row.time_or("createdAt", now)?;
    let updated_at = row.time_or("updatedAt", created_at)?;
    let ban = if row.flag("banned") {
        Some(Ban { at: updated_at, reason: row.text("banReason"), expires_at: row.time("banExpires")? })
    } else {
        None
    };
    let mut identities = Vec::new();
    let mut additional_fields = Map::new();
    for (name, value) in row.all() {
        let Some(text) = value.as_str().filter(|text| !text.is_empty()) else { continue };
        if let Some(provider) = name.strip_prefix(IDENTITY) {
            identities.push(identity(&id, provider, text, created_at));
        } else if !KNOWN.contains(&plain(name).as_str()) {
            additional_fields.insert(name.to_owned(), value.clone());
        }
    }
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
        additional_fields,
        created_at,
        updated_at,
    };
    let mut records = vec![Record::User(user)];
    if let Some(hash) = row.text("passwordHash") {
        records.push(Record::Password(Password { user_id: id, hash, created_at, updated_at }));
    }
    records.extend(identities);
    Ok(records)
}

fn identity(user_id: &str, provider: &str, account_id: &str, at: OffsetDateTime) -> Record {
    Record::Identity(Identity {
        user_id: user_id.to_owned(),
        provider: provider.to_owned(),
        account_id: account_id.to_owned(),
        scopes: Vec::new(),
        access_token: None,
        refresh_token: None,
        id_token: None,
        access_token_expires_at: None,
        refresh_token_expires_at: None,
        created_at: at,
        updated_at: at,
    })
}
