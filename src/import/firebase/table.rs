//! Reads the export as CSV, which has no names of columns: each line is brought into the form that it would have as JSON.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    auth::FirebaseProject,
    import::{
        error::ImportError,
        fields::Fields,
        file::Source,
        finding::Reason,
        firebase::users,
        in_progress::Import,
        place::Place,
        record::Kind,
        tables::{Found, take},
    },
};

/// Are the first columns.
const COLUMNS: [&str; 7] = ["localId", "email", "emailVerified", "passwordHash", "salt", "displayName", "photoUrl"];
/// Are the providers that an export knows, with four columns each: id, address, name, picture.
const PROVIDERS: [&str; 4] = ["google.com", "facebook.com", "twitter.com", "github.com"];
/// Is where the columns behind the providers begin. Some releases have one or two more before the first that says anything.
const REST: usize = 23;
const MOST_COLUMNS: usize = 32;

/// Reads the users of the table, and hands them to the import.
pub(super) async fn read(
    source: &Source,
    project: Option<&FirebaseProject>,
    import: &mut Import,
) -> Result<(), ImportError> {
    let (done, now) = (source.resume(import)?, import.now());
    let unreadable = |error: csv::Error| ImportError::Origin(format!("{}: {error}", source.name));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&source.file);
    let mut line = csv::ByteRecord::new();
    let (mut number, mut bytes) = (0, 0);
    while reader.read_byte_record(&mut line).map_err(unreadable)? {
        number += 1;
        import.progress.advance(reader.position().byte() - bytes);
        bytes = reader.position().byte();
        if number <= done {
            continue;
        }
        let at = line.position().map_or(number, csv::Position::line);
        let place = Place::Line { file: Arc::clone(&source.name), line: at };
        let mut found = Found::default();
        let read = user(&line).and_then(|row| users::read(&Fields::of_object(row), project, now, &mut found));
        take(import, Kind::User, &place, read, found);
        import.passed(source.position(number)).await?;
    }
    Ok(())
}

/// Returns the user of a line as an object of the other form.
fn user(line: &csv::ByteRecord) -> Result<Map<String, Value>, Reason> {
    let unreadable = |message: String| {
        Reason::new(
            "LINE_UNREADABLE",
            message,
            "export the users as JSON, which says what is what: auth:export users.json",
        )
    };
    if !(COLUMNS.len()..=MOST_COLUMNS).contains(&line.len()) {
        return Err(unreadable(format!("{} values, and a user has about 28", line.len())));
    }
    let values: Result<Vec<&str>, _> = line.iter().map(std::str::from_utf8).collect();
    let values = values.map_err(|_| unreadable("is not in UTF-8".to_owned()))?;
    let value = |column: usize| values.get(column).copied().unwrap_or_default();
    let mut user: Map<String, Value> =
        COLUMNS.iter().enumerate().map(|(column, name)| ((*name).to_owned(), json!(value(column)))).collect();
    let accounts = PROVIDERS.iter().zip((COLUMNS.len()..).step_by(4)).filter(|(_, column)| !value(*column).is_empty());
    let accounts: Vec<Value> =
        accounts.map(|(provider, column)| json!({ "providerId": provider, "rawId": value(column) })).collect();
    user.insert("providerUserInfo".to_owned(), json!(accounts));
    let is_time = |text: &str| (11..=14).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let created = (REST..REST + 3).find(|column| is_time(value(*column))).unwrap_or(REST);
    for (column, name) in
        ["createdAt", "lastSignedInAt", "phoneNumber", "disabled", "customAttributes"].iter().enumerate()
    {
        user.insert((*name).to_owned(), json!(value(created + column)));
    }
    Ok(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Map<String, Value>, Reason> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        user(&reader.byte_records().next().unwrap().unwrap())
    }

    #[test]
    fn a_line_says_what_an_object_would() {
        let providers = "108,g@example.com,G,,,,,,,,,,77,h@example.com,H,";
        let line = format!(
            "abc,a@example.com,true,aGFzaA==,c2FsdA==,\"A, B\",,{providers},1600000000123,1700000000456,+15551234567,true,\"{{\"\"role\"\":\"\"editor\"\"}}\","
        );
        let user = read(&line).unwrap();
        for (name, expected) in [
            ("localId", json!("abc")),
            ("displayName", json!("A, B")),
            ("createdAt", json!("1600000000123")),
            ("phoneNumber", json!("+15551234567")),
            ("disabled", json!("true")),
            ("customAttributes", json!("{\"role\":\"editor\"}")),
            (
                "providerUserInfo",
                json!([{ "providerId": "google.com", "rawId": "108" }, { "providerId": "github.com", "rawId": "77" }]),
            ),
        ] {
            assert_eq!(user[name], expected, "{name}");
        }
        // The line that Firebase's own documentation shows has a column more before the times.
        let shown = format!("abc,a@example.com,true,,,,,{},,1508893925000,1508893925000,+1555", ",".repeat(15));
        let user = read(&shown).unwrap();
        assert_eq!((&user["createdAt"], &user["phoneNumber"]), (&json!("1508893925000"), &json!("+1555")));
        assert_eq!(read("a,b").unwrap_err().code, "LINE_UNREADABLE");
    }
}
