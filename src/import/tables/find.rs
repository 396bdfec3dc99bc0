//! Finds the tables of an origin by what they are usually called, or by what the operator calls them.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    sync::Arc,
};

use crate::{
    import::{
        error::ImportError,
        fields::{Aliases, plain},
        record::Kind,
    },
    store::imports::source::Column,
};

/// Says what operators say of names that nobody can guess. What is named is compared without upper case and underscores;
/// the names themselves are spelled as PostgreSQL has them, and are no patterns.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Is the one schema that is read.
    pub schema: String,
    /// Holds names of tables by what they are.
    pub tables: HashMap<String, String>,
    /// Holds names of columns by table and what they are.
    pub columns: HashMap<(String, String), String>,
}

/// Describes a table that is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Is what the table is known by.
    pub(super) name: &'a str,
    /// Lists names that it may have, in the form of [`plain`].
    pub(super) spellings: &'a [&'a str],
    /// Lists columns that it has.
    pub(super) columns: &'a [&'a str],
}

/// Is a table that was found.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) aliases: Aliases,
}

impl Table {
    /// Returns how a column is spelled.
    pub(super) fn column(&self, columns: &[Column], name: &str) -> Option<String> {
        let wanted = plain(name);
        let wanted = self.aliases.get(&wanted).unwrap_or(&wanted);
        let column = columns.iter().find(|found| found.table == self.name && plain(&found.name) == *wanted);
        column.map(|column| column.name.clone())
    }
}

/// Refuses names of what the origin does not have. `known` lists the columns of a table that can be named; an empty list
/// says that all can.
pub(crate) fn check_names(
    names: &Names,
    tables: &[&str],
    known: fn(&str) -> &'static [&'static str],
) -> Result<(), ImportError> {
    let find = |what: &str| tables.iter().find(|table| plain(table) == plain(what));
    let all = tables.join(", ");
    // They are sorted, so that the same mistake is told each time.
    for (what, name) in names.tables.iter().collect::<BTreeMap<_, _>>() {
        if find(what).is_none() {
            return Err(ImportError::Origin(format!("--table {what}={name}: the tables of this origin are {all}")));
        }
    }
    for ((what, column), name) in names.columns.iter().collect::<BTreeMap<_, _>>() {
        let said = format!("--column {what}.{column}={name}");
        let Some(table) = find(what) else {
            return Err(ImportError::Origin(format!("{said}: the tables of this origin are {all}")));
        };
        let known = known(table);
        if !known.is_empty() && !known.iter().any(|known| plain(known) == plain(column)) {
            let known = known.join(", ");
            return Err(ImportError::Origin(format!("{said}: the columns of {table} that can be named are {known}")));
        }
    }
    Ok(())
}

/// Finds a table.
pub(super) fn find(columns: &[Column], names: &Names, wanted: Wanted<'_>) -> Result<Option<Table>, ImportError> {
    let Wanted { name, spellings, columns: required } = wanted;
    let said = names.tables.iter().find(|(what, _)| plain(what) == plain(name)).map(|(_, table)| table);
    let aliases = aliases(names, name);
    let has = |table: &str, column: &str| has(columns, &aliases, table, column);
    let is_it = |table: &&str| match said {
        Some(said) => table == said,
        None => spellings.contains(&plain(table).as_str()) && required.iter().all(|column| has(table, column)),
    };
    let mut matching = tables(columns).into_iter().filter(is_it);
    let Some(table) = matching.next() else {
        if let Some(said) = said {
            return Err(ImportError::Origin(format!("the schema {:?} has no table {said:?}", names.schema)));
        }
        let is_called_so = |table: &&str| spellings.contains(&plain(table).as_str());
        for table in tables(columns).into_iter().filter(is_called_so) {
            check_aliases(columns, &aliases, name, table)?;
        }
        return Ok(None);
    };
    if let Some(other) = matching.next() {
        return Err(ImportError::Origin(format!(
            "both {table:?} and {other:?} may be the {name}s; say which with --table {name}={table}"
        )));
    }
    check_aliases(columns, &aliases, name, table)?;
    let missing: Vec<&&str> = required.iter().filter(|column| !has(table, column)).collect();
    if let [column, ..] = missing.as_slice() {
        return Err(no_column(table, name, column, ""));
    }
    let of_table: Vec<&Column> = columns.iter().filter(|column| column.table == table).collect();
    let id = aliases.get("id").map_or("id", String::as_str);
    let key = of_table.iter().find(|column| plain(&column.name) == id).or_else(|| of_table.first());
    let key = key.map(|column| column.name.clone()).unwrap_or_default();
    Ok(Some(Table { name: table.to_owned(), key, aliases: Arc::new(aliases) }))
}

/// Returns an error where a table that was not found seems to be there, with a column under another name: what is in it
/// would be lost without a word.
pub(super) fn check_near_miss(
    columns: &[Column],
    names: &Names,
    wanted: Wanted<'_>,
    kind: Option<Kind>,
) -> Result<(), ImportError> {
    let aliases = aliases(names, wanted.name);
    for table in tables(columns).into_iter().filter(|table| wanted.spellings.contains(&plain(table).as_str())) {
        let missing = wanted.columns.iter().find(|column| !has(columns, &aliases, table, column));
        if let Some(column) = missing {
            return Err(no_column(table, wanted.name, column, kind.map_or("", without)));
        }
    }
    Ok(())
}

/// Says which tables there are, where one is missing that has to be there.
pub(super) fn missing(columns: &[Column], names: &Names, wanted: Wanted<'_>) -> ImportError {
    let name = wanted.name;
    let required = wanted.columns.join(", ");
    let mut text = format!("the schema {:?} has no table of {name}s with the columns {required}", names.schema);
    let _ = match tables(columns).as_slice() {
        [] => write!(text, "; it has no tables at all, or none that this role may read: say another with --schema"),
        some => write!(text, "; it has {}: say which it is with --table {name}=NAME", some.join(", ")),
    };
    ImportError::Origin(text)
}

/// Lists the tables, each once.
fn tables(columns: &[Column]) -> Vec<&str> {
    let mut tables: Vec<&str> = columns.iter().map(|column| column.table.as_str()).collect();
    tables.dedup();
    tables
}

/// Returns what operators say of the columns of a table.
fn aliases(names: &Names, table: &str) -> HashMap<String, String> {
    let of_table = names.columns.iter().filter(|((what, _), _)| plain(what) == plain(table));
    of_table.map(|((_, column), actual)| (plain(column), plain(actual))).collect()
}

/// Refuses names of columns that the table does not have.
fn check_aliases(
    columns: &[Column],
    aliases: &HashMap<String, String>,
    name: &str,
    table: &str,
) -> Result<(), ImportError> {
    let is_there = |actual: &str| columns.iter().any(|column| column.table == table && plain(&column.name) == actual);
    match aliases.iter().find(|(_, actual)| !is_there(actual)) {
        Some((column, actual)) => Err(ImportError::Origin(format!(
            "the table {table:?} has no column {actual:?}, which --column names for {name}.{column}"
        ))),
        None => Ok(()),
    }
}

fn has(columns: &[Column], aliases: &HashMap<String, String>, table: &str, column: &str) -> bool {
    let column = plain(column);
    let column = aliases.get(&column).unwrap_or(&column);
    columns.iter().any(|found| found.table == table && plain(&found.name) == *column)
}

fn no_column(table: &str, name: &str, column: &str, otherwise: &str) -> ImportError {
    ImportError::Origin(format!(
        "the table {table:?} has no column {column:?}; say which it is with --column {name}.{column}=NAME{otherwise}"
    ))
}

/// Says how to go on without a table.
fn without(kind: Kind) -> &'static str {
    match kind {
        Kind::TwoFactor => ", or leave it out with --without two-factor",
        Kind::Passkey => ", or leave it out with --without passkey",
        Kind::Session => ", or leave it out with --without session",
        Kind::ApiKey => ", or leave it out with --without api-key",
        Kind::Organization | Kind::Team | Kind::Member | Kind::TeamMember | Kind::Invitation => {
            ", or leave it out with --without organization"
        }
        _ => ", or leave it out with --without password --without identity",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: Wanted<'_> = Wanted { name: "user", spellings: &["user", "users"], columns: &["id", "email"] };

    fn columns(tables: &[(&str, &[&str])]) -> Vec<Column> {
        let all = tables.iter().flat_map(|(table, names)| names.iter().map(move |name| (*table, *name)));
        let column = |(table, name): (&str, &str)| Column {
            table: table.to_owned(),
            name: name.to_owned(),
            data_type: "text".to_owned(),
        };
        all.map(column).collect()
    }

    fn names(tables: &[(&str, &str)], columns: &[((&str, &str), &str)]) -> Names {
        let owned = |text: &str| text.to_owned();
        Names {
            schema: owned("public"),
            tables: tables.iter().map(|(what, name)| (owned(what), owned(name))).collect(),
            columns: columns
                .iter()
                .map(|((table, column), name)| ((owned(table), owned(column)), owned(name)))
                .collect(),
        }
    }

    #[test]
    fn names_that_mean_nothing_are_refused_with_those_that_do() {
        let known = |table: &str| -> &'static [&'static str] { if table == "user" { &["id", "email"] } else { &[] } };
        let tables = ["user", "twoFactor"];
        for (given, expected) in [
            (names(&[("two_factor", "x"), ("USER", "y")], &[]), None),
            (names(&[], &[(("user", "e-mail"), "mail"), (("twofactor", "anything"), "x")]), None),
            (names(&[("users", "x")], &[]), Some("--table users=x: the tables of this origin are user, twoFactor")),
            (
                names(&[], &[(("users", "email"), "x")]),
                Some("--column users.email=x: the tables of this origin are user, twoFactor"),
            ),
            (
                names(&[], &[(("user", "emial"), "x")]),
                Some("--column user.emial=x: the columns of user that can be named are id, email"),
            ),
        ] {
            let told = check_names(&given, &tables, known).err().map(|error| error.to_string());
            assert_eq!(told.as_deref(), expected, "{given:?}");
        }
    }

    #[test]
    fn a_table_is_found_by_its_names_in_each_spelling() {
        let there = columns(&[("Users", &["ID", "mail"]), ("people", &["id", "email"])]);
        let found = |names: &Names| match find(&there, names, USER) {
            Ok(table) => table.map_or("none".to_owned(), |table| format!("{} {}", table.name, table.key)),
            Err(error) => error.to_string(),
        };
        assert_eq!(found(&names(&[], &[])), "none");
        assert_eq!(found(&names(&[], &[(("USER", "e_mail"), "mail")])), "Users ID");
        assert_eq!(found(&names(&[("User", "people")], &[])), "people id");
        assert_eq!(
            found(&names(&[("user", "people")], &[(("user", "name"), "nick")])),
            "the table \"people\" has no column \"nick\", which --column names for user.name"
        );
        let told = check_near_miss(&there, &names(&[], &[]), USER, Some(Kind::Session)).unwrap_err().to_string();
        assert_eq!(
            told,
            "the table \"Users\" has no column \"email\"; say which it is with --column user.email=NAME, or leave it out \
             with --without session"
        );
        assert!(check_near_miss(&there, &names(&[], &[(("user", "email"), "mail")]), USER, None).is_ok());
    }
}
