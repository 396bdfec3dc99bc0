//! Reads what requests say of organizations and their members.

use serde_json::{Map, Value};

use crate::{
    api::{
        Problem,
        extract::fields::{Fields, has_nul},
    },
    auth::{MemberField, MemberFilter, MemberOperator, MemberQuery, OrganizationError, OrganizationRef},
    types::{
        InvalidOrganizationRole, OrganizationId, OrganizationRoles, TeamId, is_organization_name, is_organization_slug,
    },
};

/// Limits the address of a logo, in bytes.
const MAX_LOGO: usize = 2048;
/// Limits the metadata of an organization, in bytes of JSON.
const MAX_METADATA: usize = 8 * 1024;
/// Limits the teams that one invitation leads into, as the table does.
const MAX_TEAMS: usize = 20;
/// Limits the members that one answer lists.
const MAX_MEMBERS: i64 = 1000;
/// Is the number of members that is listed where none is said.
const DEFAULT_MEMBERS: i64 = 100;

/// Reads the name of an organization: one line.
pub(crate) fn parse_name<'a>(fields: &mut Fields<'a>, is_required: bool) -> Option<&'a str> {
    let text = if is_required { Some(fields.string("name")) } else { fields.optional_string("name") };
    let name = text?.trim();
    if !is_organization_name(name) {
        fields.complain("name", "Invalid input: expected a line of 1 to 100 characters");
    }
    Some(name)
}

/// Reads a slug, which upstreams get in a header.
pub(crate) fn parse_slug<'a>(fields: &mut Fields<'a>, is_required: bool) -> Option<&'a str> {
    let slug = if is_required { fields.string("slug") } else { fields.optional_string("slug")? };
    if !is_organization_slug(slug) {
        fields.complain(
            "slug",
            "Invalid input: expected 1 to 64 characters out of a-z 0-9 _ -, beginning with a letter or a digit",
        );
    }
    Some(slug)
}

/// Reads the address of a logo: `Some(None)` takes it away.
#[expect(clippy::option_option, reason = "absent leaves it, null takes it away")]
pub(crate) fn parse_logo<'a>(fields: &mut Fields<'a>) -> Option<Option<&'a str>> {
    if fields.value("logo")?.is_null() {
        return Some(None);
    }
    let text = fields.string("logo");
    if text.is_empty() {
        return Some(None);
    }
    let is_address = text.starts_with("https://") || text.starts_with("http://") || text.starts_with('/');
    if !is_address || text.len() > MAX_LOGO || text.chars().any(char::is_control) {
        fields.complain("logo", "Invalid input: expected the http or https address of a picture");
    }
    Some(Some(text))
}

/// Reads an object that clients keep with an organization.
pub(crate) fn parse_metadata(fields: &mut Fields<'_>) -> Option<Value> {
    match fields.value("metadata")? {
        Value::Null => None,
        object @ Value::Object(_) if object.to_string().len() <= MAX_METADATA && !has_nul(object) => {
            Some(object.clone())
        }
        _ => {
            fields.complain("metadata", "Invalid input: expected an object of at most 8 KiB, without NUL characters");
            None
        }
    }
}

/// Reads the id of an organization, where one is given. What is no id names none.
pub(crate) fn optional_organization(text: Option<&str>) -> Result<Option<OrganizationId>, OrganizationError> {
    let named = text.filter(|text| !text.is_empty());
    named.map(|text| text.parse().map_err(|_| OrganizationError::NotAMember)).transpose()
}

/// Reads how a query names an organization; the slug goes first.
pub(crate) fn optional_reference(
    id: Option<&str>,
    slug: Option<&str>,
) -> Result<Option<OrganizationRef>, OrganizationError> {
    match slug.filter(|slug| !slug.is_empty()) {
        Some(slug) if is_organization_slug(slug) => Ok(Some(OrganizationRef::Slug(slug.to_owned()))),
        Some(_) => Err(OrganizationError::NotAMember),
        None => Ok(optional_organization(id)?.map(OrganizationRef::Id)),
    }
}

/// Reads roles: a name, several with commas between them, or a list. The order of errors is the contract's.
pub(crate) fn roles(value: Option<&Value>) -> Result<OrganizationRoles, Problem> {
    let names: Option<Vec<&str>> = match value {
        Some(Value::String(text)) => Some(vec![text]),
        Some(Value::Array(items)) if items.len() <= 10 => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let names = names.ok_or_else(|| {
        Problem::validation(&["[body.role] Invalid input: expected string or array of strings".to_owned()])
            .with_field("role")
    })?;
    match OrganizationRoles::parse(names) {
        Ok(Some(roles)) => Ok(roles),
        Ok(None) => Err(OrganizationError::UnknownRole(String::new()).into()),
        Err(InvalidOrganizationRole(name)) => Err(OrganizationError::UnknownRole(name).into()),
    }
}

/// Reads ids of teams: one, or a list. The order of errors is the contract's.
pub(crate) fn teams(value: Option<&Value>) -> Result<Vec<TeamId>, Problem> {
    let texts: Option<Vec<&str>> = match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(text)) if text.is_empty() => Some(Vec::new()),
        Some(Value::String(text)) => Some(vec![text]),
        Some(Value::Array(items)) if items.len() <= MAX_TEAMS => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let texts = texts.ok_or_else(|| {
        Problem::validation(&["[body.teamId] Invalid input: expected string or array of at most 20 strings".to_owned()])
            .with_field("teamId")
    })?;
    if texts.iter().any(|text| text.contains(',')) {
        return Err(Problem::bad_request("INVALID_TEAM_ID", "Team id contains a reserved character"));
    }
    let ids: Result<Vec<TeamId>, _> = texts.into_iter().map(str::parse).collect();
    let mut ids = ids.map_err(|_| OrganizationError::UnknownTeam)?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Reads which members to list out of a query.
pub(crate) fn member_query(fields: &mut Fields<'_>) -> MemberQuery {
    let limit = number(fields, "limit", DEFAULT_MEMBERS).clamp(1, MAX_MEMBERS);
    let offset = number(fields, "offset", 0).max(0);
    let sort_by = fields.optional_string("sortBy").map_or(MemberField::CreatedAt, |text| field(fields, "sortBy", text));
    let descending = fields.is_descending();
    let named = fields.optional_string("filterField").map(|text| field(fields, "filterField", text));
    let operator = match fields.optional_string("filterOperator") {
        None | Some("eq") => MemberOperator::Equal,
        Some("ne") => MemberOperator::NotEqual,
        Some("contains") => MemberOperator::Contains,
        Some(_) => {
            fields.complain("filterOperator", "Invalid input: expected eq, ne or contains");
            MemberOperator::Equal
        }
    };
    let value = fields.optional_string("filterValue");
    if value.is_some_and(|value| value.contains('\0')) {
        fields.complain("filterValue", "Invalid input: expected text without NUL characters");
    }
    if named == Some(MemberField::CreatedAt) {
        fields.complain("filterField", "Invalid input: expected id, userId or role");
    }
    let filter = named.zip(value).map(|(field, value)| MemberFilter { field, operator, value: value.to_owned() });
    MemberQuery { limit, offset, sort_by, descending, filter }
}

/// Reads how many members to list beside an organization; what is no number counts as none.
pub(crate) fn members_limit(text: Option<&str>) -> i64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_MEMBERS).clamp(1, MAX_MEMBERS)
}

fn number(fields: &mut Fields<'_>, key: &str, default: i64) -> i64 {
    let Some(text) = fields.optional_string(key) else { return default };
    text.parse().unwrap_or_else(|_| {
        fields.complain(key, "Invalid input: expected number");
        default
    })
}

fn field(fields: &mut Fields<'_>, key: &str, text: &str) -> MemberField {
    match text {
        "id" => MemberField::Id,
        "userId" => MemberField::UserId,
        "role" => MemberField::Role,
        "createdAt" => MemberField::CreatedAt,
        _ => {
            fields.complain(key, "Invalid input: expected id, userId, role or createdAt");
            MemberField::CreatedAt
        }
    }
}

/// Reads what somebody wants to be allowed: resources with their actions.
pub(crate) fn permissions(body: Option<&Map<String, Value>>) -> Result<Vec<(&str, &str)>, Problem> {
    let invalid = || {
        Problem::validation(&["[body.permissions] Invalid input: expected an object of lists of actions".to_owned()])
            .with_field("permissions")
    };
    let Some(Value::Object(resources)) = body.and_then(|body| body.get("permissions")) else { return Err(invalid()) };
    if resources.len() > 50 {
        return Err(invalid());
    }
    let mut asked = Vec::new();
    for (resource, actions) in resources {
        let Value::Array(actions) = actions else { return Err(invalid()) };
        for action in actions {
            asked.push((resource.as_str(), action.as_str().ok_or_else(invalid)?));
        }
    }
    Ok(asked)
}
