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
        tables::{Join, Names, Step, read_joined_tables},
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

/// Reads everything.
pub(super) async fn read(settings: &Supabase, import: &mut Import) -> Result<(), ImportError> {
    let mut connection = connect_to_read(&settings.url).await.map_err(ImportError::Source)?;
    let context = Context { protected_fields: import.protected_fields(), now: import.now() };
    let factors =
        Join { to: "user", name: FACTOR, spellings: &["mfafactors"], columns: &["user_id", "factor_type", "status"] };
    read_joined_tables(&mut connection, &settings.names, (&steps(), &[factors]), &context, import).await
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
