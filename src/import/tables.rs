//! Finds the tables of an origin by what they are usually called, and reads them one after the other.

use std::{collections::HashMap, fmt::Write as _, future::ready, pin::pin, sync::Arc};

use futures_util::TryStreamExt;
use serde_json::{Map, Value};
use sqlx::PgConnection;

use crate::{
    import::{
        error::ImportError,
        fields::{Aliases, Fields, plain},
        finding::Reason,
        in_progress::Import,
        place::Place,
        position::Position,
        record::{Kind, Record},
    },
    store::imports::source::{self, Column, Row, Selection},
};

/// Says what operators say of names that nobody can guess.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Is the schema.
    pub schema: String,
    /// Holds names of tables by what they are.
    pub tables: HashMap<String, String>,
    /// Holds names of columns by table and what they are.
    pub columns: HashMap<(String, String), String>,
}

/// Describes a table that an origin may have, and what its rows become.
pub(crate) struct Step<C> {
    /// Is what the table is known by.
    pub(crate) name: &'static str,
    /// Lists names that it may have, in the form of [`plain`].
    pub(crate) spellings: &'static [&'static str],
    /// Lists columns that it has, whatever else it has: another table of the same name is none.
    pub(crate) columns: &'static [&'static str],
    /// Is the kind that a row is told of as, where it cannot be read.
    pub(crate) kind: Kind,
    /// Without it there is nothing to import.
    pub(crate) is_required: bool,
    pub(crate) read: fn(&Fields, &C, &mut Found) -> Result<(), Reason>,
}

/// Holds what one row becomes.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) records: Vec<Record>,
    /// Tell what is missing of them.
    pub(crate) changes: Vec<Reason>,
    /// Tell of other records that the row holds, and that do not come.
    pub(crate) left_out: Vec<(Kind, Reason)>,
}

impl Found {
    pub(crate) fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    pub(crate) fn leave_out(&mut self, kind: Kind, reason: Reason) {
        self.left_out.push((kind, reason));
    }
}

/// Describes a table whose rows are read together with those of a step.
pub(crate) struct Join<'a> {
    /// Is the name of the step.
    pub(crate) to: &'static str,
    /// Is what the table is known by.
    pub(crate) name: &'static str,
    /// Lists names that it may have, in the form of [`plain`].
    pub(crate) spellings: &'a [&'a str],
    /// Lists columns that it has; the first one holds the key of the row that a row belongs to.
    pub(crate) columns: &'static [&'static str],
}

/// Is a table that was found.
#[derive(Debug, Clone)]
struct Table {
    name: String,
    key: String,
    aliases: Aliases,
    joins: Vec<JoinedTable>,
}

/// Is a table that was found, and whose rows belong to those of another.
#[derive(Debug, Clone)]
struct JoinedTable {
    name: &'static str,
    table: Table,
    refers: String,
}

/// Finds the table of a step, with its key and one of its columns; `None` where there is no such column.
pub(crate) async fn find_table<C>(
    connection: &mut PgConnection,
    names: &Names,
    step: &Step<C>,
    column: &str,
) -> Result<Option<(String, String, String)>, ImportError> {
    let columns = source::list_columns(connection, &names.schema).await.map_err(ImportError::SourceRead)?;
    let Some(table) = find(&columns, names, step.name, step.spellings, step.columns)? else { return Ok(None) };
    Ok(table.column(&columns, column).map(|column| (table.name.clone(), table.key.clone(), column)))
}

impl Table {
    /// Returns how a column is spelled.
    fn column(&self, columns: &[Column], name: &str) -> Option<String> {
        let wanted = plain(name);
        let wanted = self.aliases.get(&wanted).unwrap_or(&wanted);
        let column = columns.iter().find(|found| found.table == self.name && plain(&found.name) == *wanted);
        column.map(|column| column.name.clone())
    }

    /// Adds the tables whose rows belong to those of a step.
    fn with_joins(
        mut self,
        columns: &[Column],
        names: &Names,
        step: &str,
        joins: &[Join<'_>],
    ) -> Result<Self, ImportError> {
        for join in joins.iter().filter(|join| join.to == step) {
            let Some(table) = find(columns, names, join.name, join.spellings, join.columns)? else { continue };
            let refers = join.columns.first().and_then(|column| table.column(columns, column));
            self.joins.extend(refers.map(|refers| JoinedTable { name: join.name, table, refers }));
        }
        Ok(self)
    }

    /// Reads a row, with those that belong to it.
    fn parse(&self, row: &Row) -> Result<Fields, Reason> {
        let mut fields = Fields::parse(&row.json, &self.aliases)?;
        if self.joins.is_empty() {
            return Ok(fields);
        }
        let unreadable = |error: serde_json::Error| {
            Reason::new("ROW_UNREADABLE", error.to_string(), "look at the row in the origin")
        };
        let lists: Vec<Option<Vec<Map<String, Value>>>> = serde_json::from_str(&row.joined).map_err(unreadable)?;
        for (join, rows) in self.joins.iter().zip(lists) {
            let rows = rows.unwrap_or_default().into_iter();
            fields.join(join.name, rows.map(|row| Fields::new(row, Arc::clone(&join.table.aliases))).collect());
        }
        Ok(fields)
    }
}

/// Reads a small table whole, such as one of names: the values of a column by the key.
pub(crate) async fn read_names(
    connection: &mut PgConnection,
    names: &Names,
    (name, spellings): (&str, &[&str]),
    column: &str,
) -> Result<HashMap<String, String>, ImportError> {
    let columns = source::list_columns(connection, &names.schema).await.map_err(ImportError::SourceRead)?;
    let Some(table) = find(&columns, names, name, spellings, &[column])? else { return Ok(HashMap::new()) };
    let selection = Selection { schema: &names.schema, table: &table.name, key: &table.key, after: None, joined: &[] };
    let rows = source::read(connection, &selection).map_err(ImportError::SourceRead);
    let by_key = rows.try_filter_map(|row| {
        let name = Fields::parse(&row.json, &table.aliases).ok().and_then(|fields| fields.text(column));
        ready(Ok(name.map(|name| (row.key, name))))
    });
    by_key.try_collect().await
}

/// Reads the tables of the steps, from where the import goes on.
pub(crate) async fn read_tables<C>(
    connection: &mut PgConnection,
    names: &Names,
    steps: &[Step<C>],
    context: &C,
    import: &mut Import,
) -> Result<(), ImportError> {
    read_joined_tables(connection, names, (steps, &[]), context, import).await
}

/// Does the same, with the rows of further tables that belong to the rows of a step.
pub(crate) async fn read_joined_tables<C>(
    connection: &mut PgConnection,
    names: &Names,
    (steps, joins): (&[Step<C>], &[Join<'_>]),
    context: &C,
    import: &mut Import,
) -> Result<(), ImportError> {
    let columns = source::list_columns(connection, &names.schema).await.map_err(ImportError::SourceRead)?;
    let mut found = Vec::new();
    for step in steps {
        match find(&columns, names, step.name, step.spellings, step.columns)? {
            Some(table) => found.push((step, table.with_joins(&columns, names, step.name, joins)?)),
            None if step.is_required => return Err(missing(&columns, names, step.name, step.columns)),
            None => {}
        }
    }
    let mut total = 0;
    for (_, table) in &found {
        total += source::count_rows(connection, &names.schema, &table.name).await.map_err(ImportError::SourceRead)?;
    }
    import.progress.begin(total);
    let mut steps = found.into_iter();
    if let Some(position) = import.position.take() {
        let done = steps.by_ref().find(|(step, _)| step.name == position.step);
        let Some((step, table)) = done else {
            return Err(ImportError::Origin(format!(
                "the import was ended in {:?}, which the origin does not have any more",
                position.step
            )));
        };
        read_table(connection, names, (step, &table), Some(&position.after), context, import).await?;
    }
    for (step, table) in steps {
        read_table(connection, names, (step, &table), None, context, import).await?;
    }
    Ok(())
}

async fn read_table<C>(
    connection: &mut PgConnection,
    names: &Names,
    (step, table): (&Step<C>, &Table),
    after: Option<&str>,
    context: &C,
    import: &mut Import,
) -> Result<(), ImportError> {
    import.progress.say(step.kind.plural());
    let called: Arc<str> = Arc::from(table.name.as_str());
    let joined: Vec<source::Joined<'_>> = table
        .joins
        .iter()
        .map(|join| source::Joined { table: &join.table.name, key: &join.table.key, refers: &join.refers })
        .collect();
    let selection = Selection { schema: &names.schema, table: &table.name, key: &table.key, after, joined: &joined };
    let mut rows = pin!(source::read(connection, &selection));
    while let Some(row) = rows.try_next().await.map_err(ImportError::SourceRead)? {
        let place = Place::Row { table: Arc::clone(&called), key: row.key.clone() };
        let mut found = Found::default();
        let read = table.parse(&row).and_then(|row| (step.read)(&row, context, &mut found));
        take(import, step.kind, &place, read, found);
        import.progress.advance(1);
        import.passed(Position { step: step.name.to_owned(), after: row.key.clone() }).await?;
    }
    import.flush().await
}

/// Hands everything over that became of a row, or of an object of a file.
pub(crate) fn take(import: &mut Import, kind: Kind, place: &Place, read: Result<(), Reason>, found: Found) {
    if let Err(reason) = read {
        import.leave_out(kind, place.clone(), reason);
    }
    for record in found.records {
        import.push(place.clone(), record);
    }
    for reason in found.changes {
        import.change(kind, place.clone(), reason);
    }
    for (kind, reason) in found.left_out {
        import.leave_out(kind, place.clone(), reason);
    }
}

/// Finds a table.
fn find(
    columns: &[Column],
    names: &Names,
    name: &str,
    spellings: &[&str],
    required: &[&str],
) -> Result<Option<Table>, ImportError> {
    let said = names.tables.get(name);
    let mut tables: Vec<&str> = columns.iter().map(|column| column.table.as_str()).collect();
    tables.dedup();
    let aliases: HashMap<String, String> = names
        .columns
        .iter()
        .filter(|((table, _), _)| table == name)
        .map(|((_, column), actual)| (plain(column), plain(actual)))
        .collect();
    let has = |table: &str, column: &str| {
        let column = plain(column);
        let column = aliases.get(&column).unwrap_or(&column);
        columns.iter().any(|found| found.table == table && plain(&found.name) == *column)
    };
    let is_it = |table: &&str| match said {
        Some(said) => table == said,
        None => spellings.contains(&plain(table).as_str()) && required.iter().all(|column| has(table, column)),
    };
    let mut matching = tables.into_iter().filter(is_it);
    let Some(table) = matching.next() else {
        return match said {
            Some(said) => Err(ImportError::Origin(format!("the schema {:?} has no table {said:?}", names.schema))),
            None => Ok(None),
        };
    };
    if let Some(other) = matching.next() {
        return Err(ImportError::Origin(format!(
            "both {table:?} and {other:?} may be the {name}s; say which with --table {name}={table}"
        )));
    }
    let missing: Vec<&&str> = required.iter().filter(|column| !has(table, column)).collect();
    if let [column, ..] = missing.as_slice() {
        return Err(ImportError::Origin(format!(
            "the table {table:?} has no column {column:?}; say which it is with --column {name}.{column}=NAME"
        )));
    }
    let of_table: Vec<&Column> = columns.iter().filter(|column| column.table == table).collect();
    let id = aliases.get("id").map_or("id", String::as_str);
    let key = of_table.iter().find(|column| plain(&column.name) == id).or_else(|| of_table.first());
    let key = key.map(|column| column.name.clone()).unwrap_or_default();
    Ok(Some(Table { name: table.to_owned(), key, aliases: Arc::new(aliases), joins: Vec::new() }))
}

fn missing(columns: &[Column], names: &Names, name: &str, required: &[&str]) -> ImportError {
    let mut tables: Vec<&str> = columns.iter().map(|column| column.table.as_str()).collect();
    tables.dedup();
    let mut text =
        format!("the schema {:?} has no table of {name}s with the columns {}", names.schema, required.join(", "));
    let _ = match tables.as_slice() {
        [] => write!(text, "; it has no tables at all, or none that this role may read: say another with --schema"),
        some => write!(text, "; it has {}: say which it is with --table {name}=NAME", some.join(", ")),
    };
    ImportError::Origin(text)
}
