//! Reads the tables of FastAPI-Users, as `SQLAlchemy` makes them.

use time::OffsetDateTime;

use crate::{
    import::{
        error::ImportError,
        fields::Fields,
        finding::Reason,
        in_progress::Import,
        person::{full_name, identity},
        record::{Ban, Kind, Password, Record, User},
        tables::{Found, Names, Step, check_names, read_tables},
    },
    store::connect_to_read,
    types::Secret,
};

/// Says where it is, and what superusers are.
#[derive(Debug)]
pub struct FastapiUsers {
    pub url: Secret,
    pub names: Names,
    /// Is the role of superusers; without one they are users as all others.
    pub superuser_role: Option<String>,
}

struct Context<'a> {
    superuser_role: Option<&'a str>,
    now: OffsetDateTime,
}

/// Lists the columns that have a meaning of their own; all others may be additional fields.
const KNOWN: [&str; 3] = ["id", "email", "hashedPassword"];

/// Reads the tables of users and of their accounts at providers.
pub(super) async fn read(settings: &FastapiUsers, import: &mut Import) -> Result<(), ImportError> {
    check_names(&settings.names, &steps().map(|step| step.name), columns)?;
    let mut connection = connect_to_read(&settings.url).await.map_err(ImportError::Source)?;
    let context = Context { superuser_role: settings.superuser_role.as_deref(), now: import.now() };
    read_tables(&mut connection, &settings.names, &steps(), &context, import).await
}

fn steps<'a>() -> [Step<Context<'a>>; 2] {
    [
        Step {
            name: "user",
            spellings: &["user", "users"],
            columns: &["id", "email", "hashed_password"],
            kind: Kind::User,
            is_required: true,
            read: read_user,
        },
        Step {
            name: "oauth_account",
            spellings: &["oauthaccount", "oauthaccounts"],
            columns: &["user_id", "oauth_name", "account_id"],
            kind: Kind::Identity,
            is_required: false,
            read: read_account,
        },
    ]
}

/// Lists the columns of a table that can be named.
fn columns(table: &str) -> &'static [&'static str] {
    match table {
        "user" => &[
            "id",
            "email",
            "hashed_password",
            "is_active",
            "is_superuser",
            "is_verified",
            "username",
            "name",
            "full_name",
            "first_name",
            "last_name",
            "created_at",
            "updated_at",
        ],
        "oauth_account" => {
            &["id", "user_id", "oauth_name", "account_id", "access_token", "refresh_token", "expires_at", "created_at"]
        }
        _ => &[],
    }
}

fn read_user(row: &Fields, context: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let id = row.required("id")?;
    // The library keeps no times. An account whose last change nobody knows never overwrites what changed here.
    let created_at = row.time_or("created_at", context.now)?;
    let updated_at = row.time_or("updated_at", OffsetDateTime::UNIX_EPOCH)?;
    let is_active = row.value("is_active").is_none() || row.flag("is_active");
    let superuser_role = context.superuser_role.filter(|_| row.flag("is_superuser"));
    let name = row.text("name").or_else(|| row.text("full_name"));
    found.push(Record::User(User {
        id: id.clone(),
        email: row.required("email")?,
        email_verified: row.flag("is_verified"),
        name: name.unwrap_or_else(|| full_name(row.text("first_name"), row.text("last_name"))),
        image: None,
        roles: superuser_role.map(str::to_owned).into_iter().collect(),
        ban: (!is_active).then(|| Ban { at: context.now, reason: Some("inactive".to_owned()), expires_at: None }),
        username: row.text("username"),
        language: None,
        additional_fields: row.all_but(&KNOWN),
        created_at,
        updated_at,
    }));
    if let Some(hash) = row.text("hashed_password") {
        found.push(Record::Password(Password { user_id: id, hash, created_at, updated_at }));
    }
    Ok(())
}

fn read_account(row: &Fields, context: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let mut identity = identity(
        &row.required("user_id")?,
        row.required("oauth_name")?,
        row.required("account_id")?,
        row.time_or("created_at", context.now)?,
    );
    identity.access_token = row.text("access_token");
    identity.refresh_token = row.text("refresh_token");
    identity.access_token_expires_at = row.time("expires_at")?;
    found.push(Record::Identity(identity));
    Ok(())
}
