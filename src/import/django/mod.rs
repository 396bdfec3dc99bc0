//! Reads the database of Django's users, with what django-allauth and django-otp keep beside them.

mod accounts;
mod addresses;
mod context;
mod recovery_codes;
mod second_factors;
mod users;

use crate::{
    import::{
        django::context::{ADDRESS, AUTHENTICATOR, Context, GROUP_OF_USER, TOKEN, TOTP_DEVICE},
        error::ImportError,
        fields::plain,
        in_progress::Import,
        record::Kind,
        tables::{Join, Step, check_names, find_table, read_joined_tables, read_names},
    },
    store::connect_to_read,
};

pub use context::Django;

/// Reads the tables of users and of their accounts at providers.
pub(super) async fn read(settings: &Django, import: &mut Import) -> Result<(), ImportError> {
    let (names, steps) = (&settings.names, steps());
    check_names(names, &TABLES, columns)?;
    let mut connection = connect_to_read(&settings.url).await.map_err(ImportError::Source)?;
    let users = find_table(&mut connection, names, &steps[0], "id").await?;
    // Django names the table after that of the users.
    let groups_of_users = users.map(|(table, ..)| format!("{}groups", plain(&table))).unwrap_or_default();
    let group_spellings = [groups_of_users.as_str()];
    let joins = joins(&group_spellings);
    let groups = read_names(&mut connection, names, (GROUP, &["authgroup"]), "name").await?;
    let context = Context { settings, groups, now: import.now() };
    read_joined_tables(&mut connection, names, (&steps, &joins), &context, import).await
}

/// Is what the table of names of groups is known by.
const GROUP: &str = "group";
/// Lists what tables are known by.
const TABLES: [&str; 8] = ["user", "social_account", ADDRESS, GROUP_OF_USER, GROUP, AUTHENTICATOR, TOTP_DEVICE, TOKEN];

/// Lists the columns of a table that can be named.
fn columns(table: &str) -> &'static [&'static str] {
    match table {
        "user" => &[
            "id",
            "email",
            "password",
            "username",
            "is_active",
            "is_staff",
            "is_superuser",
            "name",
            "full_name",
            "first_name",
            "last_name",
            "date_joined",
        ],
        "social_account" => &["id", "user_id", "provider", "uid", "date_joined"],
        ADDRESS => &["id", "user_id", "email", "verified", "primary"],
        GROUP_OF_USER => &["id", "user_id", "group_id"],
        GROUP => &["id", "name"],
        AUTHENTICATOR => &["id", "user_id", "type", "data", "created_at"],
        TOTP_DEVICE => &["id", "user_id", "key", "step", "t0", "digits", "confirmed"],
        TOKEN => &["id", "account_id", "token", "token_secret", "expires_at"],
        _ => &[],
    }
}

fn steps<'a>() -> [Step<Context<'a>>; 2] {
    [
        Step {
            name: "user",
            spellings: &["authuser", "usersuser", "accountsuser"],
            columns: &["id", "email", "password"],
            kind: Kind::User,
            is_required: true,
            read: users::read,
        },
        Step {
            name: "social_account",
            spellings: &["socialaccountsocialaccount"],
            columns: &["user_id", "provider", "uid"],
            kind: Kind::Identity,
            is_required: false,
            read: accounts::read,
        },
    ]
}

fn joins<'a>(groups_of_users: &'a [&'a str]) -> [Join<'a>; 5] {
    [
        Join {
            to: "user",
            name: ADDRESS,
            spellings: &["accountemailaddress"],
            columns: &["user_id", "email", "verified", "primary"],
        },
        Join { to: "user", name: GROUP_OF_USER, spellings: groups_of_users, columns: &["user_id", "group_id"] },
        Join {
            to: "user",
            name: AUTHENTICATOR,
            spellings: &["mfaauthenticator"],
            columns: &["user_id", "type", "data"],
        },
        Join {
            to: "user",
            name: TOTP_DEVICE,
            spellings: &["otptotptotpdevice"],
            columns: &["user_id", "key", "step", "digits", "confirmed"],
        },
        Join {
            to: "social_account",
            name: TOKEN,
            spellings: &["socialaccountsocialtoken"],
            columns: &["account_id", "token"],
        },
    ]
}
