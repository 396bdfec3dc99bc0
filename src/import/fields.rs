//! Reads one row of an origin's table, whatever its columns are spelled like: `emailVerified`, `email_verified` and
//! `EmailVerified` are one name.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value};
use time::{Date, OffsetDateTime, PrimitiveDateTime, format_description::well_known::Iso8601};

use crate::{
    import::{finding::Reason, mistake::mistake},
    types::parse_timestamp,
};

/// Is a name in the form in which names are compared.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Says which column of a table has another name than it is known by.
pub(crate) type Aliases = Arc<HashMap<String, String>>;

/// Holds the values of one row.
#[derive(Debug)]
pub(crate) struct Fields {
    values: HashMap<String, Value>,
    /// Holds the columns as they are spelled, for those that nobody knows beforehand.
    spelled: Vec<(String, String)>,
    aliases: Aliases,
    /// Holds the rows of other tables that belong to this one, by what these tables are known by.
    joined: HashMap<&'static str, Vec<Fields>>,
    /// Is what an operator can do about a value that is missing.
    advice: &'static str,
}

impl Fields {
    pub(crate) fn new(row: Map<String, Value>, aliases: Aliases) -> Self {
        let spelled = row.keys().map(|name| (plain(name), name.clone())).collect();
        let values = row.into_iter().map(|(name, value)| (plain(&name), value)).collect();
        let advice = "fill it in in the origin, or name the column with --column";
        Self { values, spelled, aliases, joined: HashMap::new(), advice }
    }

    /// Takes an object of a file, whose keys nobody can name otherwise.
    pub(crate) fn of_object(object: Map<String, Value>) -> Self {
        Self { advice: "fill it in in the origin, and export it again", ..Self::new(object, Aliases::default()) }
    }

    /// Adds the rows of another table that belong to this one.
    pub(crate) fn join(&mut self, table: &'static str, rows: Vec<Self>) {
        self.joined.insert(table, rows);
    }

    /// Returns the rows of another table that belong to this one; `None` where the origin has no such table.
    pub(crate) fn joined(&self, table: &str) -> Option<&[Self]> {
        self.joined.get(table).map(Vec::as_slice)
    }

    /// Reads a row as it comes from the database.
    pub(crate) fn parse(json: &str, aliases: &Aliases) -> Result<Self, Reason> {
        let advice = "correct what PostgreSQL cannot write as JSON in that row";
        let row = serde_json::from_str(json).map_err(|error| Reason::new("ROW_UNREADABLE", mistake(&error), advice))?;
        Ok(Self::new(row, Arc::clone(aliases)))
    }

    /// Returns a value that is not null.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        let name = plain(name);
        let name = self.aliases.get(&name).unwrap_or(&name);
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// Returns a text that is not empty; a number is one too.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    /// Returns a text, or says that it is missing.
    pub(crate) fn required(&self, name: &str) -> Result<String, Reason> {
        self.text(name).ok_or_else(|| Reason::new("VALUE_MISSING", format!("{name} is empty or no text"), self.advice))
    }

    /// Returns whether something is so; what is missing is not.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Number(number)) => number.as_i64().is_some_and(|number| number != 0),
            Some(Value::String(text)) => is_yes(text),
            _ => false,
        }
    }

    /// Returns whether something is so, and refuses a word that could mean either.
    pub(crate) fn clear_flag(&self, name: &str) -> Result<bool, Reason> {
        let text = self.text(name).unwrap_or_default();
        if !is_yes(&text) && !NO.contains(&text.to_ascii_lowercase().as_str()) {
            let message = format!("{name} is {text:?}, which says neither yes nor no");
            return Err(Reason::new("VALUE_INVALID", message, "write true or false"));
        }
        Ok(is_yes(&text))
    }

    /// Returns a whole number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        match self.value(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Returns a time; one without a zone is in UTC.
    pub(crate) fn time(&self, name: &str) -> Result<Option<OffsetDateTime>, Reason> {
        let Some(value) = self.value(name).filter(|value| value.as_str() != Some("")) else { return Ok(None) };
        let time = match value {
            Value::String(text) => parse_epoch(text).or_else(|| parse_time(text)),
            Value::Number(number) => number.as_i64().and_then(from_epoch),
            _ => None,
        };
        time.map(Some).ok_or_else(|| {
            Reason::new(
                "TIME_INVALID",
                format!("{name} is no time from 1900 to 9998: {value}"),
                "correct the time in the origin",
            )
        })
    }

    /// Returns a time, or another one where it is missing.
    pub(crate) fn time_or(&self, name: &str, otherwise: OffsetDateTime) -> Result<OffsetDateTime, Reason> {
        Ok(self.time(name)?.unwrap_or(otherwise))
    }

    /// Returns JSON, which may be written down as a text, even as a text within a text.
    pub(crate) fn json(&self, name: &str) -> Option<Value> {
        let mut value = self.value(name)?.clone();
        for _ in 0..2 {
            let Value::String(text) = &value else { break };
            value = serde_json::from_str(text).ok()?;
        }
        Some(value)
    }

    /// Returns all values by the names of their columns, as they are spelled in the origin.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.spelled.iter().filter_map(|(plain, name)| Some((name.as_str(), self.values.get(plain)?)))
    }

    /// Returns all values that are not null, but for those of these names.
    pub(crate) fn all_but(&self, names: &[&str]) -> Map<String, Value> {
        let known: Vec<String> =
            names.iter().map(|name| plain(name)).map(|name| self.aliases.get(&name).cloned().unwrap_or(name)).collect();
        let others = self.all().filter(|(name, value)| !value.is_null() && !known.contains(&plain(name)));
        others.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }
}

/// Are the words that say no, in small letters; so does an empty text.
const NO: [&str; 6] = ["", "false", "f", "0", "no", "n"];

/// Tells whether a text says yes, in whatever case a spreadsheet or a program wrote it.
fn is_yes(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "true" | "t" | "1" | "yes" | "y")
}

/// Reads seconds or milliseconds since 1970. Fewer digits are a date without dashes.
fn parse_epoch(text: &str) -> Option<OffsetDateTime> {
    let is_number = text.len() >= 9 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).and_then(from_epoch)
}

/// Reads a time of PostgreSQL, or of ISO 8601.
pub(crate) fn parse_time(text: &str) -> Option<OffsetDateTime> {
    let text = text.replacen(' ', "T", 1);
    parse_timestamp(&text).or_else(|| {
        let day = || Some(Date::parse(&text, &Iso8601::DATE).ok()?.midnight());
        let time = PrimitiveDateTime::parse(&text, &Iso8601::DEFAULT).ok().or_else(day)?.assume_utc();
        (1900..9999).contains(&time.year()).then_some(time)
    })
}

/// Reads milliseconds, or seconds where these are too few to be milliseconds of our time.
pub(crate) fn from_epoch(number: i64) -> Option<OffsetDateTime> {
    let milliseconds = if number.unsigned_abs() < 100_000_000_000 { number.checked_mul(1000)? } else { number };
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).ok()?;
    (1900..9999).contains(&time.year()).then_some(time)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    fn fields(row: Value) -> Fields {
        let Value::Object(row) = row else { panic!("a row is an object") };
        let aliases = HashMap::from([("email".to_owned(), "mail".to_owned())]);
        Fields::new(row, Arc::new(aliases))
    }

    #[test]
    fn names_are_one_however_they_are_spelled() {
        for row in [json!({"emailVerified": true}), json!({"email_verified": 1}), json!({"EMAIL_VERIFIED": "t"})] {
            assert!(fields(row.clone()).flag("emailVerified"), "{row}");
        }
        assert!(!fields(json!({"email_verified": null})).flag("emailVerified"));
        for (text, expected) in
            [("TRUE", Some(true)), ("Y", Some(true)), ("False", Some(false)), ("", Some(false)), ("ja", None)]
        {
            let row = fields(json!({ "banned": text }));
            let clear = row.clear_flag("banned");
            assert_eq!(
                (clear.as_ref().ok().copied(), row.flag("banned")),
                (expected, expected == Some(true)),
                "{text}"
            );
            assert!(clear.is_ok() || clear.unwrap_err().code == "VALUE_INVALID");
        }
        assert_eq!(fields(json!({"mail": "a@b.example", "email": "x"})).text("email").as_deref(), Some("a@b.example"));
        assert_eq!(fields(json!({"id": 42})).required("id").unwrap(), "42");
        let missing = fields(json!({"id": ""})).required("id").unwrap_err();
        assert!(missing.code == "VALUE_MISSING" && missing.advice.contains("--column"), "{missing:?}");
        let missing = Fields::of_object(Map::new()).required("id").unwrap_err();
        assert!(!missing.advice.contains("--column"), "a file has no columns that could be named: {missing:?}");
    }

    #[test]
    fn times_are_read_in_each_spelling() {
        let expected = Some(datetime!(2026-01-02 03:04:05.678 UTC));
        for value in [
            json!("2026-01-02T03:04:05.678+00:00"),
            json!("2026-01-02T05:04:05.678+02:00"),
            json!("2026-01-02 03:04:05.678"),
            json!("2026-01-02T03:04:05.678"),
            json!(1_767_323_045_678_i64),
            json!("1767323045678"),
        ] {
            assert_eq!(fields(json!({ "at": value })).time("at").unwrap(), expected, "{value}");
        }
        assert_eq!(parse_time("2026-01-02"), Some(datetime!(2026-01-02 00:00 UTC)));
        assert_eq!(parse_epoch("1767323045"), parse_time("2026-01-02 03:04:05"));
        assert_eq!(fields(json!({ "at": "20260102" })).time("at").unwrap(), Some(datetime!(2026-01-02 00:00 UTC)));
        assert_eq!(from_epoch(1_767_323_045), Some(datetime!(2026-01-02 03:04:05 UTC)));
        for value in [json!("soon"), json!("infinity"), json!("20000-01-01T00:00:00Z"), json!([])] {
            assert_eq!(fields(json!({ "at": value })).time("at").unwrap_err().code, "TIME_INVALID", "{value}");
        }
        assert_eq!(fields(json!({})).time("at").unwrap(), None);
    }

    #[test]
    fn json_is_read_out_of_texts() {
        let expected = Some(json!({ "a": [1] }));
        for value in [json!({ "a": [1] }), json!("{\"a\":[1]}"), json!("\"{\\\"a\\\":[1]}\"")] {
            assert_eq!(fields(json!({ "x": value })).json("x"), expected, "{value}");
        }
    }
}
