//! Holds users of an origin against the rules for users here: what of them can come, and what cannot.

use serde_json::{Map, Value, json};

use crate::{
    auth::DisplayName,
    import::{
        destination::user_findings::id_replaced,
        fields::{parse_time, plain},
        finding::Reason,
        ids::LocalId,
        options::Rules,
        place::Located,
        record::User,
    },
    language::Language,
    store::imports::users::NewUser,
    types::{Email, FieldType, Role, Username, format_timestamp},
};

/// Limits what is told of a ban, in characters.
const MAX_BAN_REASON: usize = 500;
/// Limits the address of a picture, in bytes.
const MAX_IMAGE: usize = 2048;

/// Is a user who can come, unless somebody is in the way.
pub(super) struct Candidate<'a> {
    pub(super) source: &'a Located<User>,
    pub(super) row: NewUser,
    pub(super) username: Option<Username>,
    pub(super) changes: Vec<Reason>,
}

/// Holds a record against the rules for users.
pub(super) fn candidate<'a>(located: &'a Located<User>, rules: &Rules) -> Result<Candidate<'a>, Reason> {
    let source = &located.record;
    let mut changes = Vec::new();
    let email: Email = source.email.parse().map_err(|error| {
        Reason::new("EMAIL_INVALID", format!("{:?}: {error}", source.email), "correct the address in the origin")
    })?;
    let id = LocalId::of_source(&source.id);
    if let LocalId::Replaced(id) = &id {
        changes.push(id_replaced(&source.id, id));
    }
    let name = display_name(&source.name, &mut changes);
    let image =
        source.image.as_deref().filter(|image| !image.is_empty()).and_then(|image| picture(image, &mut changes));
    let additional_fields = additional_fields(&source.additional_fields, rules, &mut changes);
    let username = source.username.as_deref().and_then(|text| username(text, rules, &mut changes));
    let row = NewUser {
        id: id.as_str().to_owned(),
        email: email.as_str().to_owned(),
        email_verified: source.email_verified || rules.trusts_addresses,
        name,
        image,
        roles: roles(&source.roles, &mut changes),
        banned_at: source.ban.as_ref().map(|ban| ban.at),
        ban_reason: source.ban.as_ref().and_then(|ban| ban.reason.as_deref()).map(one_line),
        ban_expires_at: source.ban.as_ref().and_then(|ban| ban.expires_at),
        additional_fields,
        language: source.language.clone().filter(|code| Language::parse(code).is_some()),
        created_at: source.created_at,
        updated_at: source.updated_at,
    };
    Ok(Candidate { source: located, row, username, changes })
}

/// Returns the name without what no name here has.
fn display_name(text: &str, changes: &mut Vec<Reason>) -> String {
    match text.parse::<DisplayName>() {
        Ok(name) => name.as_str().to_owned(),
        Err(error) => {
            let is_kept = |c: &char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
            changes.push(Reason::new(
                "NAME_SHORTENED",
                format!("the name {:?}: {error}", one_line(text)),
                "nothing has to be done: the name comes without it",
            ));
            text.chars().filter(is_kept).take(DisplayName::MAX_CHARACTERS).collect()
        }
    }
}

fn picture(image: &str, changes: &mut Vec<Reason>) -> Option<String> {
    let is_address = image.len() <= MAX_IMAGE && (image.starts_with("https://") || image.starts_with("http://"));
    if !is_address {
        changes.push(Reason::new(
            "IMAGE_LEFT_OUT",
            if image.starts_with("data:") {
                "the picture itself stands in the place of its address (data:…), and is kept nowhere here"
            } else {
                "the picture is not an address on the web of at most 2048 characters"
            },
            "put the picture on the web and its address in the origin, and import again; or the user chooses another one",
        ));
    }
    is_address.then(|| image.to_owned())
}

fn roles(names: &[String], changes: &mut Vec<Reason>) -> Vec<String> {
    let mut roles: Vec<String> = Vec::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        match name.to_ascii_lowercase().parse::<Role>() {
            Ok(role) if roles.iter().any(|known| known == role.as_str()) => {}
            Ok(role) => roles.push(role.as_str().to_owned()),
            Err(error) => changes.push(Reason::new(
                "ROLE_LEFT_OUT",
                format!("the role {name:?}: {error}"),
                "rename the role in the origin, or give one with `authgate users set-role`",
            )),
        }
    }
    roles
}

fn additional_fields(found: &Map<String, Value>, rules: &Rules, changes: &mut Vec<Reason>) -> Map<String, Value> {
    let mut fields = Map::new();
    for field in rules.user_fields.iter() {
        // An ORM spells a column otherwise than the field.
        let spelled = || found.iter().find(|(name, _)| plain(name) == plain(&field.name)).map(|(_, value)| value);
        let value = found.get(&field.name).or_else(spelled).filter(|value| !value.is_null());
        let Some(value) = value else { continue };
        let value = spelled_out(field.kind, value);
        match field.parse(&value) {
            Ok(value) => drop(fields.insert(field.name.clone(), value.into_owned())),
            Err(error) => changes.push(Reason::new(
                "FIELD_LEFT_OUT",
                format!("the field {:?}: {error}", field.name),
                "correct the value in the origin, or the field in auth.user.additional_fields",
            )),
        }
    }
    fields
}

/// Returns a value in the form of the field: a table of texts has texts only, and a database numbers for flags.
fn spelled_out(kind: FieldType, value: &Value) -> Value {
    let read = match (kind, value) {
        (FieldType::Number, Value::String(text)) => serde_json::from_str(text).ok().filter(Value::is_number),
        (FieldType::Boolean, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" | "yes" => Some(json!(true)),
            "false" | "f" | "0" | "no" => Some(json!(false)),
            _ => None,
        },
        (FieldType::Boolean, Value::Number(number)) => number.as_i64().map(|number| json!(number != 0)),
        (FieldType::Strings, Value::String(text)) => {
            Some(serde_json::from_str(text).ok().filter(Value::is_array).unwrap_or_else(|| {
                text.split(';').map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().into()
            }))
        }
        (FieldType::String, Value::Number(number)) => Some(json!(number.to_string())),
        (FieldType::Date, Value::String(text)) => parse_time(text).map(|time| json!(format_timestamp(time))),
        _ => None,
    };
    read.unwrap_or_else(|| value.clone())
}

fn username(text: &str, rules: &Rules, changes: &mut Vec<Reason>) -> Option<Username> {
    let left_out = |message: String| {
        Reason::new("USERNAME_LEFT_OUT", message, "the user signs in with the address, and can choose another name")
    };
    let Some(rules) = &rules.usernames else {
        changes.push(left_out(format!("the name {text:?}: auth.username is off")));
        return None;
    };
    match rules.parse(text) {
        Ok(name) => Some(name),
        Err(error) => {
            changes.push(left_out(format!("the name {text:?}: {error}")));
            None
        }
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_BAN_REASON).collect()
}
