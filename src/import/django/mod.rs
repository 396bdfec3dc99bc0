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
        tables::{Join, Step, find_table, read_joined_tables, read_names},
    },
    store::connect_to_read,
};

pub use context::Django;

/// Reads everything.
pub(super) async fn read(settings: &Django, import: &mut Import) -> Result<(), ImportError> {
    let (names, steps) = (&settings.names, steps());
    let mut connection = connect_to_read(&settings.url).await.map_err(ImportError::Source)?;
    let users = find_table(&mut connection, names, &steps[0], "id").await?;
    // Django names the table after that of the users.
    let groups_of_users = users.map(|(table, ..)| format!("{}groups", plain(&table))).unwrap_or_default();
    let group_spellings = [groups_of_users.as_str()];
    let joins = joins(&group_spellings);
    let groups = read_names(&mut connection, names, ("group", &["authgroup"]), "name").await?;
    let context = Context { settings, groups, now: import.now() };
    read_joined_tables(&mut connection, names, (&steps, &joins), &context, import).await
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
