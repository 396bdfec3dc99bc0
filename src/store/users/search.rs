//! Lists users as administrators search them: by one text, one condition and one order, all of their choice. Columns and
//! operators come from closed lists, values are bound (DATA-04).

use sqlx::{PgConnection, Postgres, QueryBuilder, Row as _, postgres::PgRow};
use time::OffsetDateTime;

use crate::{
    store::{
        StoreError, Timestamp,
        users::{
            User,
            admin::{Ban, BanState},
        },
    },
    types::{Email, UserId},
};

/// Tells which users to list.
#[derive(Debug, Clone, Default)]
pub struct Search {
    pub text: Option<TextSearch>,
    /// Holds what has to be so, all of it.
    pub conditions: Vec<Condition>,
    pub order: Order,
    pub limit: i64,
    pub offset: i64,
}

/// Looks for a text, in any case.
#[derive(Debug, Clone)]
pub struct TextSearch {
    pub field: TextField,
    pub place: Place,
    pub text: String,
}

/// Names what holds a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    Email,
    Name,
}

impl TextField {
    /// Is an expression that an index has.
    fn expression(self) -> &'static str {
        match self {
            Self::Email => "u.email",
            Self::Name => r#"(lower(u.name) collate "C")"#,
        }
    }
}

/// Tells where in the field a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Anywhere,
    Begin,
    End,
}

/// Describes what holds of the users that are listed.
#[derive(Debug, Clone)]
pub enum Condition {
    Text {
        field: TextField,
        place: Place,
        text: String,
    },
    Id(Comparison<String>),
    Email(Comparison<String>),
    Name(Comparison<String>),
    CreatedAt(Comparison<OffsetDateTime>),
    UpdatedAt(Comparison<OffsetDateTime>),
    /// Takes those with one of the roles; an empty name stands for having none.
    Role {
        any_of: Vec<String>,
        is: bool,
    },
    EmailVerified(bool),
    TwoFactorEnabled(bool),
    /// Takes those who are banned now, or who are not.
    Banned(bool),
}

/// Holds a value against others.
#[derive(Debug, Clone)]
pub enum Comparison<T> {
    Single(Operator, T),
    In(Vec<T>),
    NotIn(Vec<T>),
}

/// Compares one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    fn sql(self) -> &'static str {
        match self {
            Self::Equal => " = ",
            Self::NotEqual => " <> ",
            Self::Less => " < ",
            Self::LessOrEqual => " <= ",
            Self::Greater => " > ",
            Self::GreaterOrEqual => " >= ",
        }
    }
}

/// Tells the order of a list; those who are alike in it stand in the order of their ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct Order {
    pub by: OrderBy,
    pub is_descending: bool,
}

/// Names what users are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrderBy {
    #[default]
    CreatedAt,
    UpdatedAt,
    Email,
    /// Orders by name in any case.
    Name,
    Id,
}

impl OrderBy {
    fn expression(self) -> &'static str {
        match self {
            Self::CreatedAt => "u.created_at",
            Self::UpdatedAt => "u.updated_at",
            Self::Email => "u.email",
            Self::Name => TextField::Name.expression(),
            Self::Id => "u.id",
        }
    }
}

/// Describes a user in such a list.
#[derive(Debug, Clone)]
pub struct ListedUser {
    pub user: User,
    pub ban: BanState,
}

/// Lists a page of users. Which users these are is found out first, where an index can by its entries alone: a page far
/// behind reads no user that it does not show.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list(connection: &mut PgConnection, search: &Search) -> Result<Vec<ListedUser>, StoreError> {
    let mut query = QueryBuilder::new("with page as materialized (select u.id from auth.users u where true");
    push_conditions(&mut query, search);
    push_order(&mut query, search.order);
    query.push(" limit ").push_bind(search.limit).push(" offset ").push_bind(search.offset);
    query.push(
        ") select u.id, u.email, u.email_verified, u.name, u.image, u.roles, u.additional_fields, u.two_factor_enabled,
            u.language, u.created_at, u.updated_at, u.banned_at, u.ban_reason, u.ban_expires_at,
            (u.banned_at is not null and (u.ban_expires_at is null or u.ban_expires_at > now())) as is_banned
        from page join auth.users u on u.id = page.id",
    );
    push_order(&mut query, search.order);
    let rows = query.build().persistent(false).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(listed(row)?)).collect()
}

/// Counts all users that a search finds, on whatever page.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count(connection: &mut PgConnection, search: &Search) -> Result<i64, StoreError> {
    let mut query = QueryBuilder::new("select count(*) from auth.users u where true");
    push_conditions(&mut query, search);
    Ok(query.build_query_scalar().persistent(false).fetch_one(connection).await?)
}

fn push_order(query: &mut QueryBuilder<Postgres>, order: Order) {
    let direction = if order.is_descending { " desc" } else { " asc" };
    query.push(" order by ").push(order.by.expression()).push(direction);
    if order.by != OrderBy::Id {
        query.push(", u.id").push(direction);
    }
}

fn push_conditions(query: &mut QueryBuilder<Postgres>, search: &Search) {
    if let Some(TextSearch { field, place, text }) = &search.text {
        push_text(query, *field, *place, text);
    }
    for condition in &search.conditions {
        push_condition(query, condition);
    }
}

fn push_condition(query: &mut QueryBuilder<Postgres>, condition: &Condition) {
    match condition {
        Condition::Text { field, place, text } => push_text(query, *field, *place, text),
        Condition::Id(comparison) => push_texts(query, "u.id", comparison),
        Condition::Email(comparison) => push_texts(query, "u.email", comparison),
        Condition::Name(comparison) => push_texts(query, "u.name", comparison),
        Condition::CreatedAt(comparison) => push_times(query, "u.created_at", comparison),
        Condition::UpdatedAt(comparison) => push_times(query, "u.updated_at", comparison),
        Condition::Role { any_of, is } => push_roles(query, any_of, *is),
        Condition::EmailVerified(is) => push_boolean(query, "u.email_verified", *is),
        Condition::TwoFactorEnabled(is) => push_boolean(query, "u.two_factor_enabled", *is),
        Condition::Banned(true) => {
            query.push(" and u.banned_at is not null and (u.ban_expires_at is null or u.ban_expires_at > now())");
        }
        Condition::Banned(false) => {
            query.push(" and (u.banned_at is null or u.ban_expires_at <= now())");
        }
    }
}

/// Takes the text as it is: none of its characters stands for others. A text at the begin is found as a range of the
/// index, one that stands anywhere by reading.
fn push_text(query: &mut QueryBuilder<Postgres>, field: TextField, place: Place, text: &str) {
    let text = text.to_lowercase();
    let mut pattern: String = String::with_capacity(text.len() + 2);
    if place != Place::Begin {
        pattern.push('%');
    }
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    if place != Place::End {
        pattern.push('%');
    }
    query.push(" and ").push(field.expression()).push(" like ").push_bind(pattern);
}

fn push_texts(query: &mut QueryBuilder<Postgres>, column: &str, comparison: &Comparison<String>) {
    query.push(" and ").push(column);
    match comparison {
        Comparison::Single(operator, value) => query.push(operator.sql()).push_bind(value.clone()),
        Comparison::In(values) => query.push(" = any(").push_bind(values.clone()).push(")"),
        Comparison::NotIn(values) => query.push(" <> all(").push_bind(values.clone()).push(")"),
    };
}

fn push_times(query: &mut QueryBuilder<Postgres>, column: &str, comparison: &Comparison<OffsetDateTime>) {
    query.push(" and ").push(column);
    match comparison {
        Comparison::Single(operator, value) => query.push(operator.sql()).push_bind(*value),
        Comparison::In(values) => query.push(" = any(").push_bind(values.clone()).push(")"),
        Comparison::NotIn(values) => query.push(" <> all(").push_bind(values.clone()).push(")"),
    };
}

fn push_boolean(query: &mut QueryBuilder<Postgres>, column: &str, is: bool) {
    query.push(" and ").push(if is { "" } else { "not " }).push(column);
}

/// Keeps to what the index of roles holds: users who have any.
fn push_roles(query: &mut QueryBuilder<Postgres>, any_of: &[String], is: bool) {
    let (none, named): (Vec<&String>, Vec<&String>) = any_of.iter().partition(|role| role.is_empty());
    let named: Vec<String> = named.into_iter().cloned().collect();
    query.push(if is { " and (" } else { " and not (" });
    if named.is_empty() {
        query.push("false");
    } else {
        query.push("((u.roles collate \"C\") && ").push_bind(named).push(" and u.roles <> '{}')");
    }
    if !none.is_empty() {
        query.push(" or u.roles = '{}'");
    }
    query.push(")");
}

fn listed(row: &PgRow) -> Result<ListedUser, sqlx::Error> {
    let banned_at: Option<Timestamp> = row.try_get("banned_at")?;
    let ban_expires_at: Option<Timestamp> = row.try_get("ban_expires_at")?;
    let ban = match banned_at {
        Some(since) => {
            Some(Ban { since: since.into(), until: ban_expires_at.map(Into::into), reason: row.try_get("ban_reason")? })
        }
        None => None,
    };
    Ok(ListedUser {
        user: User {
            id: row.try_get::<UserId, _>("id")?,
            email: row.try_get::<Email, _>("email")?,
            email_verified: row.try_get("email_verified")?,
            name: row.try_get("name")?,
            image: row.try_get("image")?,
            roles: row.try_get("roles")?,
            additional_fields: row.try_get("additional_fields")?,
            two_factor_enabled: row.try_get("two_factor_enabled")?,
            language: row.try_get("language")?,
            created_at: row.try_get::<Timestamp, _>("created_at")?.into(),
            updated_at: row.try_get::<Timestamp, _>("updated_at")?.into(),
        },
        ban: BanState::new(ban, row.try_get("is_banned")?),
    })
}
