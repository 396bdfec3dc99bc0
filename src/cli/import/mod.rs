//! Runs `authgate import`: users from elsewhere, with everything that is theirs.

mod options;
mod origins;
mod summary;

use std::{collections::BTreeSet, env, path::PathBuf, process::ExitCode};

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};

use crate::{
    auth::{PROVIDER_TOKEN_PURPOSE, TOTP_PURPOSE},
    cli::{
        Failure,
        administer::{administer_database, answer},
        import::{
            options::{Clash, Database, Run, table_name},
            origins::{DjangoArgs, FastapiUsersArgs, FirebaseArgs, KeycloakArgs, SupabaseArgs},
            summary::summary_text,
        },
    },
    config::{self, Config},
    crypto::Keyring,
    import::{
        ImportError, OnClash, Options, Origin, Rules, Start, better_auth::BetterAuth, csv::Csv, import, jsonl::Jsonl,
    },
    store::{self, Pooler},
    types::Secret,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Bring everything out of a database of better-auth
    #[command(after_help = "Examples:\n  authgate import better-auth --from \"$DATABASE_URL\" --dry-run\n  \
                            BETTER_AUTH_SECRET=… authgate import better-auth --from \"$DATABASE_URL\" --without \
                            session\n  authgate import better-auth --from \"$DATABASE_URL\" --table user=people \
                            --column user.email=mail\n\nNothing is written to that database. docs/moving-in.md has \
                            the order of steps.")]
    BetterAuth(BetterAuthArgs),
    /// Bring users out of a table, with the names of the columns in its first line
    #[command(
        after_help = "Examples:\n  authgate import csv --from users.csv --dry-run\n  authgate import csv --from \
                            users.csv --column email=mail --column password_hash=hash\n\nColumns: email, and as far as \
                            there are any id, email_verified, name, image, roles, username, language, password_hash, \
                            banned, ban_reason, ban_expires, created_at, updated_at, identity:PROVIDER, and the fields of \
                            auth.user.additional_fields."
    )]
    Csv(CsvArgs),
    /// Bring users out of a database of Django, with django-allauth where it is there
    #[command(
        after_help = "Examples:\n  authgate import django --from \"$DATABASE_URL\" --dry-run\n  authgate import \
                            django --from \"$DATABASE_URL\" --table user=app_user --staff-role \"\"\n\nNothing is \
                            written to that database. docs/moving-in/django.md has the order of steps."
    )]
    Django(DjangoArgs),
    /// Bring users out of a database of FastAPI-Users
    #[command(
        after_help = "Examples:\n  authgate import fastapi-users --from \"$DATABASE_URL\" --dry-run\n  authgate \
                            import fastapi-users --from \"$DATABASE_URL\" --table user=accounts --superuser-role \
                            root\n\nNothing is written to that database. docs/moving-in/fastapi-users.md has the \
                            order of steps."
    )]
    FastapiUsers(FastapiUsersArgs),
    /// Bring users out of what `firebase auth:export` wrote
    #[command(
        after_help = "Examples:\n  FIREBASE_SIGNER_KEY=… authgate import firebase --from users.json --dry-run\n  \
                            authgate import firebase --from users.csv --signer-key-file key.txt --provider \
                            google.com=work\n\ndocs/moving-in/firebase.md has the order of steps."
    )]
    Firebase(FirebaseArgs),
    /// Bring users out of an exported realm of Keycloak
    #[command(
        after_help = "Examples:\n  authgate import keycloak --from acme-realm.json --dry-run\n  authgate import \
                            keycloak --from export/ --client app --groups\n\ndocs/moving-in/keycloak.md has the order \
                            of steps."
    )]
    Keycloak(KeycloakArgs),
    /// Bring users out of the schema auth of a Supabase project
    #[command(after_help = "Example:\n  authgate import supabase --from \"$DATABASE_URL\" --dry-run\n\nNothing is \
                            written to that database. docs/moving-in/supabase.md has the order of steps.")]
    Supabase(SupabaseArgs),
    /// Bring back what `authgate export` wrote
    #[command(after_help = "Example:\n  authgate import jsonl --from everything.jsonl --dry-run\n\ndocs/moving-in.md \
                            describes the records, for those who write such a file themselves.")]
    Jsonl(JsonlArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BetterAuthArgs {
    #[command(flatten)]
    database: Database,
    /// The schema that holds its tables
    #[arg(long, value_name = "NAME", default_value = "public")]
    schema: String,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Args)]
pub(crate) struct CsvArgs {
    /// The file
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// A column under another name, for example email=mail; may be given several times
    #[arg(long = "column", value_name = "WHAT=NAME", value_parser = table_name)]
    columns: Vec<(String, String)>,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Args)]
pub(crate) struct JsonlArgs {
    /// The file
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    run: Run,
}

/// Does what the arguments say.
pub(crate) fn run(command: Import) -> Result<ExitCode, Failure> {
    match command {
        Import::BetterAuth(BetterAuthArgs { database, schema, run }) => {
            let origin =
                BetterAuth { url: database.url(), names: database.names(schema), secrets: better_auth_secrets() };
            import_from(&Origin::BetterAuth(origin), run)
        }
        Import::Csv(CsvArgs { from, columns, run }) => import_from(&Origin::Csv(Csv { path: from, columns }), run),
        Import::Django(arguments) => run_origin(arguments.origin()),
        Import::FastapiUsers(arguments) => run_origin(arguments.origin()),
        Import::Firebase(arguments) => run_origin(arguments.origin()?),
        Import::Keycloak(arguments) => run_origin(arguments.origin()),
        Import::Supabase(arguments) => run_origin(arguments.origin()),
        Import::Jsonl(JsonlArgs { from, run }) => import_from(&Origin::Jsonl(Jsonl { path: from }), run),
    }
}

/// Reads its secrets as better-auth does: one, or several with their versions. A command line is no place for them.
fn better_auth_secrets() -> Vec<Secret> {
    let versioned = env::var("BETTER_AUTH_SECRETS").unwrap_or_default();
    let versioned = versioned.split(',').filter_map(|part| part.split_once(':')).map(|(_, secret)| secret.to_owned());
    versioned.chain(env::var("BETTER_AUTH_SECRET")).filter(|secret| !secret.is_empty()).map(Secret::new).collect()
}

fn run_origin((origin, run): (Origin, Run)) -> Result<ExitCode, Failure> {
    import_from(&origin, run)
}

fn import_from(origin: &Origin, run: Run) -> Result<ExitCode, Failure> {
    let Run { is_dry: dry_run, resume, restart, on_clash, without, providers, report, name, common } = run;
    let config = config::load(&common.config.config)?;
    let options = Options {
        name: name.unwrap_or_else(|| origin.kind().to_owned()),
        on_clash: match on_clash {
            Clash::Skip => OnClash::Skip,
            Clash::Merge => OnClash::Merge,
            Clash::Fail => OnClash::Fail,
        },
        dry_run,
        start: match (resume, restart) {
            (true, _) => Start::Resume,
            (false, true) => Start::Restart,
            (false, false) => Start::Fresh,
        },
        without: without.iter().flat_map(|kind| kind.kinds().iter().copied()).collect::<BTreeSet<_>>(),
        providers: providers.into_iter().collect(),
        report: Some(report.clone()),
    };
    // A lock is held for as long as the import runs, which no pooler lets through.
    let mut database = config.database.clone();
    database.url = database.direct_url.clone();
    database.pooler = Pooler::None;
    let rules = rules(&config);
    let summary = administer_database(&config, &database, async |_, administration, now| {
        let lock = store::connect(&database.url).await.context("the database is unavailable");
        let lock = lock.map_err(Failure::Runtime)?;
        import(origin, options, rules, administration, lock, now).await.map_err(failure)
    })?;
    let text = summary_text(&summary, &report);
    answer(common.json, &summary.to_json(), &text)
}

fn rules(config: &Config) -> Rules {
    let keyring = Keyring::new(&config.secrets);
    Rules {
        user_fields: config.auth.user_fields.clone(),
        usernames: config.auth.username.clone(),
        totp_secrets: keyring.sealer(TOTP_PURPOSE),
        provider_tokens: keyring.sealer(PROVIDER_TOKEN_PURPOSE),
        session_absolute: config.auth.session.absolute,
    }
}

fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Origin(_)
        | ImportError::Unfinished(_)
        | ImportError::NothingToResume(_)
        | ImportError::File { .. } => Failure::Usage(anyhow!(error)),
        error => Failure::Runtime(anyhow!(error)),
    }
}
