//! Reads the schema `auth` of Supabase: users, their identities at providers, and their second factors.

mod context;
mod factors;
mod identities;
mod users;

use crate::{
    import::{
        error::ImportError,
        in_progress::Import,
        record::Kind,
        supabase::context::{Context, FACTOR},
        tables::{Join, Names, Step, check_names, read_joined_tables},
    },
    store::connect_to_read,
    types::Secret,
};

/// Says where it is.
#[derive(Debug)]
pub struct Supabase {
    pub url: Secret,
    pub names: Names,
}

/// Reads the tables of users and of their accounts at providers.
pub(super) async fn read(settings: &Supabase, import: &mut Import) -> Result<(), ImportError> {
    check_names(&settings.names, &["user", "identity", FACTOR], columns)?;
    let mut connection = connect_to_read(&settings.url).await.map_err(ImportError::Source)?;
    let context = Context { protected_fields: import.protected_fields(), now: import.now() };
    let factors =
        Join { to: "user", name: FACTOR, spellings: &["mfafactors"], columns: &["user_id", "factor_type", "status"] };
    read_joined_tables(&mut connection, &settings.names, (&steps(), &[factors]), &context, import).await
}

/// Lists the columns of a table that can be named.
fn columns(table: &str) -> &'static [&'static str] {
    match table {
        "user" => &[
            "id",
            "email",
            "phone",
            "encrypted_password",
            "email_confirmed_at",
            "banned_until",
            "is_anonymous",
            "deleted_at",
            "raw_user_meta_data",
            "raw_app_meta_data",
            "created_at",
            "updated_at",
        ],
        "identity" => &["id", "user_id", "provider", "provider_id", "identity_data", "created_at", "updated_at"],
        FACTOR => &["id", "user_id", "factor_type", "status", "secret", "created_at"],
        _ => &[],
    }
}

fn steps() -> [Step<Context>; 2] {
    [
        Step {
            name: "user",
            spellings: &["users"],
            columns: &["id", "email", "encrypted_password"],
            kind: Kind::User,
            is_required: true,
            read: users::read,
        },
        Step {
            name: "identity",
            spellings: &["identities"],
            columns: &["user_id", "provider", "identity_data"],
            kind: Kind::Identity,
            is_required: false,
            read: identities::read,
        },
    ]
}
