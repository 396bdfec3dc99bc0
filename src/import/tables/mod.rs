//! Reads the tables of an origin one after the other.

mod find;

use std::{collections::HashMap, future::ready, pin::pin, sync::Arc};

use futures_util::TryStreamExt;
use serde_json::{Map, Value};
use sqlx::PgConnection;

use crate::{
    import::{
        error::ImportError,
        fields::{Fields, plain},
        finding::Reason,
        in_progress::Import,
        mistake::mistake,
        place::Place,
        position::Position,
        progress::Unit,
        record::{Kind, Record},
        tables::find::{Table, Wanted, check_near_miss, find, missing},
    },
    store::imports::source::{self, Column, Row, Selection},
};

pub use find::Names;
pub(crate) use find::check_names;

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

impl<C> Step<C> {
    fn wanted(&self) -> Wanted<'_> {
        Wanted { name: self.name, spellings: self.spellings, columns: self.columns }
    }

    /// Tells whether anything of the table comes. Passwords may stand beside identities.
    fn is_taken(&self, import: &Import) -> bool {
        import.takes(self.kind) || (self.kind == Kind::Identity && import.takes(Kind::Password))
    }
}

/// Holds what one row becomes.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) records: Vec<Record>,
    /// Tell what is missing of them.
    pub(crate) changes: Vec<Reason>,
    /// Tell of other records that the row holds, and that do not come.
    pub(crate) left_out: Vec<(Kind, Reason)>,
    /// The row has expired, and nothing else matters of it.
    pub(crate) is_expired: bool,
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

impl Join<'_> {
    fn wanted(&self) -> Wanted<'_> {
        Wanted { name: self.name, spellings: self.spellings, columns: self.columns }
    }
}

/// Is a table that was found, with those whose rows belong to its rows.
#[derive(Debug)]
struct JoiningTable {
    table: Table,
    joins: Vec<JoinedTable>,
}

/// Is a table that was found, and whose rows belong to those of another.
#[derive(Debug)]
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
    let Some(table) = find(&columns, names, step.wanted())? else { return Ok(None) };
    Ok(table.column(&columns, column).map(|column| (table.name.clone(), table.key.clone(), column)))
}

impl JoiningTable {
    /// Finds the tables whose rows belong to those of a step, and notes those that are not there.
    fn new(
        table: Table,
        columns: &[Column],
        names: &Names,
        joins: &[&Join<'_>],
        absent: &mut Vec<&'static str>,
    ) -> Result<Self, ImportError> {
        let mut found = Vec::new();
        for join in joins {
            let Some(table) = find(columns, names, join.wanted())? else {
                check_near_miss(columns, names, join.wanted(), None)?;
                absent.push(join.name);
                continue;
            };
            let refers = join.columns.first().and_then(|column| table.column(columns, column));
            found.extend(refers.map(|refers| JoinedTable { name: join.name, table, refers }));
        }
        Ok(Self { table, joins: found })
    }

    /// Reads a row, with those that belong to it.
    fn parse(&self, row: &Row) -> Result<Fields, Reason> {
        let mut fields = Fields::parse(&row.json, &self.table.aliases)?;
        if self.joins.is_empty() {
            return Ok(fields);
        }
        let unreadable = |error: serde_json::Error| {
            Reason::new("ROW_UNREADABLE", mistake(&error), "correct what PostgreSQL cannot write as JSON in that row")
        };
        let lists: Vec<Option<Vec<Map<String, Value>>>> = serde_json::from_str(&row.joined).map_err(unreadable)?;
        for (join, rows) in self.joins.iter().zip(lists) {
            let rows = rows.unwrap_or_default().into_iter();
            fields.join(join.name, rows.map(|row| Fields::new(row, Arc::clone(&join.table.aliases))).collect());
        }
        Ok(fields)
    }

    /// Names a row for the report. A token that is the key opens a session, so no more than its beginning is shown.
    fn place(&self, called: &Arc<str>, key: &str) -> Place {
        let key = if plain(&self.table.key) == "token" {
            format!("{}…", key.chars().take(4).collect::<String>())
        } else {
            key.to_owned()
        };
        Place::Row { table: Arc::clone(called), key }
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
    let wanted = Wanted { name, spellings, columns: &[column] };
    let Some(table) = find(&columns, names, wanted)? else { return Ok(HashMap::new()) };
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
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for step in steps {
        if let Some(table) = find(&columns, names, step.wanted())? {
            let joins: Vec<&Join<'_>> = joins.iter().filter(|join| join.to == step.name).collect();
            found.push((step, JoiningTable::new(table, &columns, names, &joins, &mut absent)?, 0));
        } else if step.is_required {
            return Err(missing(&columns, names, step.wanted()));
        } else if step.is_taken(import) {
            check_near_miss(&columns, names, step.wanted(), Some(step.kind))?;
            absent.push(step.name);
        }
    }
    if !absent.is_empty() {
        import.destination.report.note(format!(
            "the origin has no table for {}: where one of them is there, name it with --table WHAT=NAME",
            absent.join(", ")
        ));
    }
    for (_, JoiningTable { table, .. }, rows) in &mut found {
        *rows = source::count_rows(connection, &names.schema, &table.name).await.map_err(ImportError::SourceRead)?;
    }
    import.progress.begin(found.iter().map(|(.., rows)| rows).sum(), Unit::Rows);
    let mut steps = found.into_iter();
    if let Some(position) = import.position.take() {
        let done = steps.by_ref().find(|(step, _, rows)| {
            let is_here = step.name == position.step;
            // Tables before the one where the import was ended are through.
            if !is_here {
                import.progress.skip(*rows);
            }
            is_here
        });
        let Some((step, table, _)) = done else {
            return Err(ImportError::Origin(format!(
                "the import was ended in {:?}, which the origin does not have any more",
                position.step
            )));
        };
        read_table(connection, names, (step, &table), Some(&position.after), context, import).await?;
    }
    for (step, table, _) in steps {
        read_table(connection, names, (step, &table), None, context, import).await?;
    }
    Ok(())
}

async fn read_table<C>(
    connection: &mut PgConnection,
    names: &Names,
    (step, table): (&Step<C>, &JoiningTable),
    after: Option<&str>,
    context: &C,
    import: &mut Import,
) -> Result<(), ImportError> {
    import.progress.say(step.kind.plural());
    let called: Arc<str> = Arc::from(table.table.name.as_str());
    let joined: Vec<source::Joined<'_>> = table
        .joins
        .iter()
        .map(|join| source::Joined { table: &join.table.name, key: &join.table.key, refers: &join.refers })
        .collect();
    let (name, key) = (&table.table.name, &table.table.key);
    let selection = Selection { schema: &names.schema, table: name, key, after, joined: &joined };
    let mut rows = pin!(source::read(connection, &selection));
    while let Some(row) = rows.try_next().await.map_err(ImportError::SourceRead)? {
        let place = table.place(&called, &row.key);
        let mut found = Found::default();
        let read = table.parse(&row).and_then(|row| (step.read)(&row, context, &mut found));
        take(import, step.kind, &place, read, found);
        import.progress.advance(1);
        import.passed(Position::new(step.name, row.key.clone())).await?;
    }
    import.flush().await
}

/// Hands everything over that became of a row, or of an object of a file.
pub(crate) fn take(import: &mut Import, kind: Kind, place: &Place, read: Result<(), Reason>, found: Found) {
    if let Err(reason) = read {
        import.leave_out(kind, place.clone(), reason);
    }
    if found.is_expired {
        import.expire(kind);
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
