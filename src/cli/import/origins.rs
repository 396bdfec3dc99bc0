//! Holds what single origins of `authgate import` take on the command line.

use std::{env, fs, path::PathBuf};

use anyhow::{Context as _, anyhow};
use clap::Args;

use crate::{
    auth::FirebaseProject,
    cli::{
        Failure,
        import::options::{Database, Run},
    },
    import::{
        Origin, django::Django, fastapi_users::FastapiUsers, firebase::Firebase, keycloak::Keycloak, supabase::Supabase,
    },
    types::Role,
};

/// Holds the key that Firebase encrypts with what it makes of passwords. A command line is no place for it.
const SIGNER_KEY: &str = "FIREBASE_SIGNER_KEY";

#[derive(Debug, Args)]
pub(crate) struct FastapiUsersArgs {
    #[command(flatten)]
    database: Database,
    /// The schema that holds its tables
    #[arg(long, value_name = "NAME", default_value = "public")]
    schema: String,
    /// The role of superusers; an empty one gives them none
    #[arg(long, value_name = "ROLE", default_value = "admin", value_parser = role)]
    superuser_role: String,
    #[command(flatten)]
    run: Run,
}

impl FastapiUsersArgs {
    pub(crate) fn origin(self) -> (Origin, Run) {
        let Self { database, schema, superuser_role, run } = self;
        let (url, names) = (database.url(), database.names(schema));
        (Origin::FastapiUsers(FastapiUsers { url, names, superuser_role: some(superuser_role) }), run)
    }
}

#[derive(Debug, Args)]
pub(crate) struct DjangoArgs {
    #[command(flatten)]
    database: Database,
    /// The schema that holds its tables
    #[arg(long, value_name = "NAME", default_value = "public")]
    schema: String,
    /// The role of superusers; an empty one gives them none
    #[arg(long, value_name = "ROLE", default_value = "admin", value_parser = role)]
    superuser_role: String,
    /// The role of staff; an empty one gives them none
    #[arg(long, value_name = "ROLE", default_value = "staff", value_parser = role)]
    staff_role: String,
    #[command(flatten)]
    run: Run,
}

impl DjangoArgs {
    pub(crate) fn origin(self) -> (Origin, Run) {
        let Self { database, schema, superuser_role, staff_role, run } = self;
        let django = Django {
            url: database.url(),
            names: database.names(schema),
            superuser_role: some(superuser_role),
            staff_role: some(staff_role),
        };
        (Origin::Django(django), run)
    }
}

#[derive(Debug, Args)]
pub(crate) struct SupabaseArgs {
    #[command(flatten)]
    database: Database,
    /// The schema that holds its tables
    #[arg(long, value_name = "NAME", default_value = "auth")]
    schema: String,
    #[command(flatten)]
    run: Run,
}

impl SupabaseArgs {
    pub(crate) fn origin(self) -> (Origin, Run) {
        let Self { database, schema, run } = self;
        (Origin::Supabase(Supabase { url: database.url(), names: database.names(schema) }), run)
    }
}

#[derive(Debug, Args)]
pub(crate) struct KeycloakArgs {
    /// The file, or the folder with REALM-realm.json and REALM-users-0.json, REALM-users-1.json …
    #[arg(long, value_name = "PATH")]
    from: PathBuf,
    /// The realm, where a folder holds several
    #[arg(long, value_name = "NAME")]
    realm: Option<String>,
    /// Bring the roles of this client beside those of the realm; may be given several times
    #[arg(long = "client", value_name = "NAME")]
    clients: Vec<String>,
    /// Make roles of groups: /staff/night is staff-night
    #[arg(long)]
    groups: bool,
    #[command(flatten)]
    run: Run,
}

impl KeycloakArgs {
    pub(crate) fn origin(self) -> (Origin, Run) {
        let Self { from, realm, clients, groups, run } = self;
        (Origin::Keycloak(Keycloak { path: from, realm, clients, takes_groups: groups }), run)
    }
}

#[derive(Debug, Args)]
pub(crate) struct FirebaseArgs {
    /// The file, JSON or CSV
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// A file that holds the project's `base64_signer_key`, instead of `FIREBASE_SIGNER_KEY` in the environment
    #[arg(long, value_name = "FILE")]
    signer_key_file: Option<PathBuf>,
    /// The project's `base64_salt_separator`
    #[arg(long, value_name = "BASE64", default_value = "Bw==")]
    salt_separator: String,
    /// The project's rounds
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    rounds: u32,
    /// The project's `mem_cost`
    #[arg(long, value_name = "NUMBER", default_value_t = 14)]
    mem_cost: u32,
    #[command(flatten)]
    run: Run,
}

impl FirebaseArgs {
    pub(crate) fn origin(self) -> Result<(Origin, Run), Failure> {
        let project = if self.run.takes_passwords() { Some(self.project().map_err(Failure::Usage)?) } else { None };
        Ok((Origin::Firebase(Firebase { path: self.from, project }), self.run))
    }

    fn project(&self) -> anyhow::Result<FirebaseProject> {
        let key = match &self.signer_key_file {
            Some(path) => fs::read_to_string(path).with_context(|| path.display().to_string())?,
            None => env::var(SIGNER_KEY).unwrap_or_default(),
        };
        if key.trim().is_empty() {
            return Err(anyhow!(
                "passwords take the project's base64_signer_key: give it in {SIGNER_KEY} or with --signer-key-file \
                 (the console shows it with the users, in the menu of their list), or leave passwords out with \
                 --without password"
            ));
        }
        FirebaseProject::new(key.trim(), &self.salt_separator, self.rounds, self.mem_cost)
            .map_err(|error| anyhow!("the password hash parameters of the project: {error}"))
    }
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn role(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    text.parse::<Role>().map(|role| role.as_str().to_owned()).map_err(|error| error.to_string())
}
