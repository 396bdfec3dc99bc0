//! Reads one user of an export.

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::{
    auth::{FirebaseProject, StoredPassword, parse_firebase},
    import::{
        fields::{Fields, from_epoch},
        finding::Reason,
        person::{identity, no_address, unusable_password},
        record::{Ban, Kind, Password, Record, User},
        tables::Found,
    },
};

/// They stand for a password and for a telephone number.
const NO_PROVIDERS: [&str; 2] = ["password", "phone"];
/// Are the claims that say what somebody may do.
const ROLES: [&str; 2] = ["role", "roles"];

pub(super) fn read(
    row: &Fields,
    project: Option<&FirebaseProject>,
    now: OffsetDateTime,
    found: &mut Found,
) -> Result<(), Reason> {
    let id = row.required("localId")?;
    let telephone = row.text("phoneNumber");
    let accounts = row.value("providerUserInfo").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let Some(email) = row.text("email") else {
        if telephone.is_none() && accounts.is_empty() {
            let message = "is anonymous: there is nobody who could sign in";
            return Err(Reason::new("ANONYMOUS", message, "nothing has to be done"));
        }
        return Err(no_address(telephone.is_some()));
    };
    let claims = match row.json("customAttributes") {
        Some(Value::Object(claims)) => claims,
        _ => Map::new(),
    };
    let created_at = row.number("createdAt").and_then(from_epoch).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let mut additional_fields: Map<String, Value> =
        claims.clone().into_iter().filter(|(name, _)| !ROLES.contains(&name.as_str())).collect();
    additional_fields.extend(telephone.map(|number| ("phoneNumber".to_owned(), number.into())));
    found.push(Record::User(User {
        id: id.clone(),
        email,
        email_verified: row.flag("emailVerified"),
        name: row.text("displayName").unwrap_or_default(),
        image: row.text("photoUrl"),
        roles: roles(&claims),
        ban: row.flag("disabled").then(|| Ban { at: now, reason: Some("disabled".to_owned()), expires_at: None }),
        username: None,
        language: None,
        additional_fields,
        created_at,
        // Firebase keeps no time of the last change, so that nothing overwrites what changed here.
        updated_at: created_at,
    }));
    if let (Some(project), Some(hash)) = (project, row.text("passwordHash")) {
        match parse_firebase(project, &row.text("salt").unwrap_or_default(), &hash) {
            Ok(StoredPassword::Hash(hash)) => found.push(Record::Password(Password {
                user_id: id.clone(),
                hash: hash.expose().to_owned(),
                created_at,
                updated_at: created_at,
            })),
            Ok(StoredPassword::NoPassword) => {}
            Err(error) => found.leave_out(Kind::Password, unusable_password(&error)),
        }
    }
    for account in accounts {
        let text = |name: &str| account.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let provider = text("providerId");
        if !NO_PROVIDERS.contains(&provider.as_str()) {
            found.push(Record::Identity(identity(&id, provider, text("rawId"), created_at)));
        }
    }
    Ok(())
}

/// Returns the roles that claims name. Nobody but the application can set claims.
fn roles(claims: &Map<String, Value>) -> Vec<String> {
    let values = ROLES.iter().filter_map(|name| claims.get(*name));
    let texts = values.flat_map(|value| match value {
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect::<Vec<_>>(),
    });
    texts.map(str::to_owned).collect()
}
