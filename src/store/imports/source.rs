//! Reads the database of an origin: whose tables, and of which columns, nobody here knows before.

use std::fmt::Write as _;

use futures_util::{Stream, TryStreamExt};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::store::StoreError;

/// Names a column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub table: String,
    pub name: String,
    /// Is the type as PostgreSQL spells it, such as `timestamp without time zone`.
    pub data_type: String,
}

/// Is a row, as a JSON object whose keys are the names of columns. Times of a type with a zone are in UTC.
#[derive(Debug, Clone)]
pub struct Row {
    /// Is the key by which the rows are ordered.
    pub key: String,
    pub json: String,
    /// Is an array with a list of rows, or null, for each joined table.
    pub joined: String,
}

/// Names a table whose rows come with the rows that they belong to.
#[derive(Debug, Clone, Copy)]
pub struct Joined<'a> {
    pub table: &'a str,
    /// Is the column by which the rows of one list are ordered.
    pub key: &'a str,
    /// Is the column that holds the key of the row that they belong to.
    pub refers: &'a str,
}

/// Says which rows are read, and in which order.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'a> {
    pub schema: &'a str,
    pub table: &'a str,
    /// Is the column by which the rows are ordered, byte by byte of its text.
    pub key: &'a str,
    /// Leaves out the rows up to this key.
    pub after: Option<&'a str>,
    pub joined: &'a [Joined<'a>],
}

/// Lists the columns of all tables and views of a schema.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_columns(connection: &mut PgConnection, schema: &str) -> Result<Vec<Column>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select table_name::text as "table!", column_name::text as "name!", data_type::text as "data_type!"
        from information_schema.columns
        where table_schema = $1
        order by table_name, ordinal_position
        "#,
        schema,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| Column { table: row.table, name: row.name, data_type: row.data_type }).collect())
}

/// Counts the rows of a table, for whoever waits for them.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count_rows(connection: &mut PgConnection, schema: &str, table: &str) -> Result<u64, StoreError> {
    let statement = format!("select count(*) from {}.{}", quote(schema), quote(table));
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}

/// Lists the keys of the rows in which a column is true.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_flagged(
    connection: &mut PgConnection,
    schema: &str,
    table: &str,
    key: &str,
    column: &str,
) -> Result<Vec<String>, StoreError> {
    let (table, key, column) = (format!("{}.{}", quote(schema), quote(table)), quote(key), quote(column));
    let statement = format!("select t.{key}::text from {table} t where lower(t.{column}::text) in ('true', 't', '1')");
    Ok(sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(connection).await?)
}

/// Reads a table from front to back, as it is at this moment. Rows come as fast as they are taken.
pub fn read<'c>(
    connection: &'c mut PgConnection,
    selection: &Selection<'_>,
) -> impl Stream<Item = Result<Row, StoreError>> + Send + use<'c> {
    sqlx::query_as::<_, (String, String, String)>(AssertSqlSafe(statement(selection)))
        .bind(selection.after.map(str::to_owned))
        .fetch(connection)
        .map_ok(|(key, json, joined)| Row { key, json, joined })
        .map_err(StoreError::from)
}

/// Writes the statement that reads a table. Joined rows are gathered before, so that no index has to help.
fn statement(selection: &Selection<'_>) -> String {
    let schema = quote(selection.schema);
    let (table, key) = (format!("{schema}.{}", quote(selection.table)), quote(selection.key));
    let (mut lists, mut joins) = (Vec::new(), String::new());
    for (number, joined) in selection.joined.iter().enumerate() {
        let (table, order, refers) = (quote(joined.table), quote(joined.key), quote(joined.refers));
        lists.push(format!("j{number}.rows"));
        let _ = write!(
            joins,
            "left join (select j.{refers}::text as key, json_agg(row_to_json(j) order by j.{order}) as rows \
             from {schema}.{table} j group by 1) j{number} on j{number}.key = t.{key}::text "
        );
    }
    format!(
        "select t.{key}::text collate \"C\", row_to_json(t)::text, json_build_array({})::text from {table} t {joins}\
         where $1::text is null or t.{key}::text collate \"C\" > $1 order by 1",
        lists.join(", ")
    )
}

/// Quotes a name, which then means itself and nothing else.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_name() {
        assert_eq!(quote("user"), "\"user\"");
        assert_eq!(quote("a\"; drop table x; --"), "\"a\"\"; drop table x; --\"");
    }
}
