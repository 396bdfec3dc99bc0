//! Serves `GET /admin/list-users`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{administrator::Administrating, body::pairs, fields::Fields},
        respond::{admin_views::AdminUserView, json::json_response},
    },
    auth::{
        Auth,
        admin::{
            self, Comparison, Condition, Operator, Order, OrderBy, Permission, Place, Search, TextField, TextSearch,
        },
    },
    types::parse_timestamp,
};

/// Is the number of users on a page where nothing is asked for, and the greatest.
const DEFAULT_LIMIT: i64 = 100;
const MAX_LIMIT: i64 = 200;
/// Limits the values that a field is held against.
const MAX_VALUES: usize = 100;

/// Describes the query, which is read by hand.
#[derive(IntoParams)]
#[into_params(rename_all = "camelCase", parameter_in = Query)]
#[expect(dead_code, reason = "it describes the query, which is read by hand")]
pub(crate) struct ListQuery {
    /// Is looked for in any case.
    #[param(required = false)]
    search_value: String,
    /// Is `email` or `name`; `email` where nothing is said.
    #[param(required = false)]
    search_field: String,
    /// Is `contains`, `starts_with` or `ends_with`; `contains` where nothing is said.
    #[param(required = false)]
    search_operator: String,
    /// Is the number of users on a page, 100 where nothing is said.
    #[param(required = false, minimum = 1, maximum = 200)]
    limit: u32,
    /// Leaves out so many users.
    #[param(required = false)]
    offset: u32,
    /// Is `createdAt`, `updatedAt`, `email`, `name` or `id`; `createdAt` where nothing is said.
    #[param(required = false)]
    sort_by: String,
    /// Is `asc` or `desc`; `asc` where nothing is said.
    #[param(required = false)]
    sort_direction: String,
    /// Is `id`, `email`, `name`, `role`, `banned`, `emailVerified`, `twoFactorEnabled`, `createdAt` or `updatedAt`.
    #[param(required = false)]
    filter_field: String,
    /// May be there several times, for `in` and `not_in`.
    #[param(required = false)]
    filter_value: String,
    /// Is `eq`, `ne`, `lt`, `lte`, `gt`, `gte`, `in`, `not_in`, `contains`, `starts_with` or `ends_with`.
    #[param(required = false)]
    filter_operator: String,
    /// Takes those with this role.
    #[param(required = false)]
    role: String,
    /// Takes those who are banned now, or who are not.
    #[param(required = false)]
    banned: bool,
    /// Takes those whose address is verified, or is not.
    #[param(required = false)]
    email_verified: bool,
}

/// Shows a page of users.
#[derive(Serialize, ToSchema)]
#[schema(as = UserPage)]
struct Body<'a> {
    users: Vec<AdminUserView<'a>>,
    /// Counts what is found on all pages.
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    limit: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    offset: Option<i64>,
}

/// List users
///
/// One text, one condition, one order; role, ban and verified address are further conditions. What is compared are texts, times or yes and no; the empty `role` stands for having
/// none.
#[utoipa::path(get, path = "/admin/list-users", tag = "Administration", params(ListQuery),
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The users", body = Body<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_LIST_USERS`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>)))]
pub(crate) async fn list(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserList)?;
    let query = pairs(query.unwrap_or_default().as_bytes());
    let (search, limit) = search(&query)?;
    let page =
        admin::search_users(&administrating.administration, &search, administrating.signed_in.caller.now).await?;
    let users = page.users.iter().map(|user| AdminUserView::of_listed(user, &auth.settings.user_fields)).collect();
    let offset = (search.offset > 0).then_some(search.offset);
    Ok(json_response(&Body { users, total: page.total, limit, offset }))
}

/// Returns what a query asks for, and the limit that it names.
fn search(query: &Value) -> Result<(Search, Option<i64>), Problem> {
    let mut fields = Fields::from_query(query)?;
    let limit = fields.number_within("limit", &(0..=MAX_LIMIT)).filter(|limit| *limit > 0);
    let offset = fields.number_within("offset", &(0..=i64::from(i32::MAX))).unwrap_or_default();
    let field = match fields.optional_string("searchField") {
        None | Some("email") => TextField::Email,
        Some("name") => TextField::Name,
        Some(_) => wrong(&mut fields, "searchField", "email, name", TextField::Email),
    };
    let place = match fields.optional_string("searchOperator") {
        None => Place::Anywhere,
        Some(text) => place(text).unwrap_or_else(|| {
            wrong(&mut fields, "searchOperator", "contains, starts_with, ends_with", Place::Anywhere)
        }),
    };
    let text = fields.optional_string("searchValue").filter(|text| !text.is_empty());
    let text = text.map(|text| TextSearch { field, place, text: storable(text) });
    let by = match fields.optional_string("sortBy") {
        None | Some("" | "createdAt") => OrderBy::CreatedAt,
        Some("updatedAt") => OrderBy::UpdatedAt,
        Some("email") => OrderBy::Email,
        Some("name") => OrderBy::Name,
        Some("id") => OrderBy::Id,
        Some(_) => wrong(&mut fields, "sortBy", "createdAt, updatedAt, email, name, id", OrderBy::CreatedAt),
    };
    let is_descending = fields.is_descending();
    let conditions = conditions(&mut fields, query);
    fields.finish()?;
    let order = Order { by, is_descending };
    Ok((Search { text, conditions, order, limit: limit.unwrap_or(DEFAULT_LIMIT), offset }, limit))
}

fn wrong<T>(fields: &mut Fields<'_>, key: &str, valid: &str, otherwise: T) -> T {
    fields.complain(key, &format!("Invalid option: expected one of {valid}"));
    otherwise
}

fn place(text: &str) -> Option<Place> {
    match text {
        "contains" => Some(Place::Anywhere),
        "starts_with" => Some(Place::Begin),
        "ends_with" => Some(Place::End),
        _ => None,
    }
}

/// Returns the text as PostgreSQL can hold it: what has a NUL in it is found nowhere.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Reads the condition of the client's plugin, and those of our own beside it.
fn conditions(fields: &mut Fields<'_>, query: &Value) -> Vec<Condition> {
    let role = fields.optional_string("role").filter(|text| !text.is_empty());
    let role = role.map(|text| Condition::Role { any_of: vec![storable(text)], is: true });
    let banned = yes_or_no(fields, "banned").map(Condition::Banned);
    let verified = yes_or_no(fields, "emailVerified").map(Condition::EmailVerified);
    [condition(fields, query), role, banned, verified].into_iter().flatten().collect()
}

fn yes_or_no(fields: &mut Fields<'_>, key: &str) -> Option<bool> {
    match fields.optional_string(key)? {
        "" => None,
        "true" => Some(true),
        "false" => Some(false),
        _ => wrong(fields, key, "true, false", None),
    }
}

/// Reads the condition of the client's plugin. Fields and operators are those that are listed here, and nothing of a value becomes part of a
/// statement (DATA-04).
fn condition(fields: &mut Fields<'_>, query: &Value) -> Option<Condition> {
    let values: Vec<String> = match query.get("filterValue")? {
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(storable).collect(),
        value => value.as_str().map(storable).into_iter().collect(),
    };
    if values.len() > MAX_VALUES {
        fields.complain("filterValue", "Too big: expected at most 100 values");
        return None;
    }
    let operator = fields.optional_string("filterOperator").unwrap_or("eq");
    let field = fields.optional_string("filterField").unwrap_or("email");
    let found = match field {
        "id" => texts(operator, values).map(Condition::Id),
        "email" => text_condition(TextField::Email, operator, values),
        "name" => text_condition(TextField::Name, operator, values),
        "createdAt" => times(operator, &values).map(Condition::CreatedAt),
        "updatedAt" => times(operator, &values).map(Condition::UpdatedAt),
        "role" => role(operator, values),
        "banned" => boolean(operator, &values).map(Condition::Banned),
        "emailVerified" => boolean(operator, &values).map(Condition::EmailVerified),
        "twoFactorEnabled" => boolean(operator, &values).map(Condition::TwoFactorEnabled),
        _ => {
            let valid = "id, email, name, role, banned, emailVerified, twoFactorEnabled, createdAt, updatedAt";
            return wrong(fields, "filterField", valid, None);
        }
    };
    if found.is_none() {
        fields.complain("filterOperator", "Invalid input: this field is not compared so, or not with this value");
    }
    found
}

fn text_condition(field: TextField, operator: &str, mut values: Vec<String>) -> Option<Condition> {
    if let Some(place) = place(operator) {
        let text = values.pop().filter(|_| values.is_empty())?;
        return Some(Condition::Text { field, place, text });
    }
    match field {
        // Addresses are stored in lower case.
        TextField::Email => {
            let values = values.into_iter().map(|value| value.to_lowercase()).collect();
            texts(operator, values).map(Condition::Email)
        }
        TextField::Name => texts(operator, values).map(Condition::Name),
    }
}

fn texts(operator: &str, values: Vec<String>) -> Option<Comparison<String>> {
    comparison(operator, values)
}

fn times(operator: &str, values: &[String]) -> Option<Comparison<OffsetDateTime>> {
    let parsed: Option<Vec<_>> = values.iter().map(|value| parse_timestamp(value)).collect();
    comparison(operator, parsed?)
}

fn comparison<T>(operator: &str, mut values: Vec<T>) -> Option<Comparison<T>> {
    let operator = match operator {
        "in" => return Some(Comparison::In(values)),
        "not_in" => return Some(Comparison::NotIn(values)),
        "eq" => Operator::Equal,
        "ne" => Operator::NotEqual,
        "lt" => Operator::Less,
        "lte" => Operator::LessOrEqual,
        "gt" => Operator::Greater,
        "gte" => Operator::GreaterOrEqual,
        _ => return None,
    };
    let value = values.pop()?;
    values.is_empty().then_some(Comparison::Single(operator, value))
}

/// Takes the roles one by one: whoever has one of them among others counts.
fn role(operator: &str, any_of: Vec<String>) -> Option<Condition> {
    match operator {
        "eq" | "contains" | "in" => Some(Condition::Role { any_of, is: true }),
        "ne" | "not_in" => Some(Condition::Role { any_of, is: false }),
        _ => None,
    }
}

fn boolean(operator: &str, values: &[String]) -> Option<bool> {
    let [value] = values else { return None };
    let is = match value.as_str() {
        "true" => true,
        "false" => false,
        _ => return None,
    };
    match operator {
        "eq" => Some(is),
        "ne" => Some(!is),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_fields_and_operators_are_taken() {
        for (query, is_taken) in [
            ("", true),
            ("searchValue=ada&searchField=name&searchOperator=starts_with&limit=10&offset=20", true),
            ("sortBy=createdAt&sortDirection=desc", true),
            ("filterField=role&filterOperator=in&filterValue=admin&filterValue=ops", true),
            ("filterField=createdAt&filterOperator=gte&filterValue=2026-01-01T00:00:00.000Z", true),
            ("filterField=banned&filterValue=true", true),
            ("filterValue=ADA@example.com", true),
            ("role=admin&banned=false&emailVerified=true&filterField=name&filterValue=x", true),
            ("banned=maybe", false),
            ("searchField=password", false),
            ("sortBy=email;drop", false),
            ("sortDirection=up", false),
            ("limit=-1", false),
            ("limit=201", false),
            ("limit=1&limit=2", false),
            ("filterField=password_hash&filterValue=x", false),
            ("filterField=banned&filterValue=maybe", false),
            ("filterField=banned&filterOperator=contains&filterValue=true", false),
            ("filterField=createdAt&filterOperator=gte&filterValue=yesterday", false),
            ("filterField=email&filterOperator=$ne&filterValue=", false),
        ] {
            assert_eq!(search(&pairs(query.as_bytes())).is_ok(), is_taken, "{query}");
        }
    }
}
