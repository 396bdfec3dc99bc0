//! Runs `authgate import`: users from elsewhere, with everything that is theirs.

mod options;
mod origins;
mod summary;

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};

use crate::{
    auth::{CODE_PURPOSE, PROVIDER_TOKEN_PURPOSE, TOTP_PURPOSE},
    cli::{
        Failure,
        administer::{administer_database, answer},
        import::{
            options::{Clash, Database, KindName, Run, file_column_name},
            origins::{DjangoArgs, FastapiUsersArgs, FirebaseArgs, KeycloakArgs, SupabaseArgs},
            summary::summary_text,
        },
    },
    config::{self, Config},
    crypto::Keyring,
    import::{
        ImportError, OnClash, Options, Origin, Rules, Start, better_auth::BetterAuth, csv::Csv, escaped, import,
        jsonl::Jsonl, record::Kind,
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
                            --column user.email=mail\n\nNothing is written to that database. \
                            docs/moving-in/better-auth.md has the order of steps.")]
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
    #[command(after_help = "Example:\n  authgate import jsonl --from everything.jsonl --dry-run\n\n\
                            docs/moving-in/tables-and-lines.md describes the records, for those who write such a file themselves.")]
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
    #[arg(long = "column", value_name = "WHAT=NAME", value_parser = file_column_name)]
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
    let Run {
        is_dry: dry_run,
        resume,
        restart,
        on_clash,
        without,
        again,
        trust_addresses,
        providers,
        report,
        name,
        common,
    } = run;
    if trust_addresses && on_clash == Clash::Merge {
        let message = "--trust-addresses and --on-clash merge exclude each other: two accounts are joined only where both \
                       owners proved the address";
        return Err(Failure::Usage(anyhow!(message)));
    }
    if file(origin).is_some_and(|file| is_one_file(file, &report)) {
        let message = format!("--report {} would write over what is imported; name another file", report.display());
        return Err(Failure::Usage(anyhow!(escaped(&message))));
    }
    let config = config::load(&common.config.config)?;
    check_providers(&config, &providers)?;
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
        without: kinds(&without),
        again: kinds(&again),
        providers: providers.into_iter().collect(),
        report: Some(report.clone()),
    };
    // A lock is held for as long as the import runs, which no pooler lets through.
    let mut database = config.database.clone();
    database.url = database.direct_url.clone();
    database.pooler = Pooler::None;
    let rules = rules(&config, trust_addresses);
    let summary = administer_database(&config, &database, async |_, administration, now| {
        let lock = store::connect(&database.url).await.context("the database is unavailable");
        let lock = lock.map_err(Failure::Runtime)?;
        import(origin, options, rules, administration, lock, now).await.map_err(failure)
    })?;
    let text = summary_text(&summary, &report);
    answer(common.json, &summary.to_json(), &text)
}

/// Returns the file that an origin is.
fn file(origin: &Origin) -> Option<&Path> {
    match origin {
        Origin::Csv(settings) => Some(&settings.path),
        Origin::Firebase(settings) => Some(&settings.path),
        Origin::Jsonl(settings) => Some(&settings.path),
        Origin::Keycloak(settings) => Some(&settings.path),
        Origin::BetterAuth(_) | Origin::Django(_) | Origin::FastapiUsers(_) | Origin::Supabase(_) => None,
    }
}

/// Tells whether two paths lead to one file, whatever links there are.
fn is_one_file(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

/// Refuses names of providers that nobody could sign in with. Where none is configured yet, all may be meant.
fn check_providers(config: &Config, providers: &[(String, String)]) -> Result<(), Failure> {
    let configured: Vec<&str> = config.auth.social.iter().map(|provider| provider.id.as_str()).collect();
    let unknown = providers.iter().find(|(_, here)| !configured.contains(&here.as_str()));
    match unknown {
        Some((there, here)) if !configured.is_empty() => {
            let configured = configured.join(", ");
            let message = format!("--provider {there}={here}: the providers of auth.social are {configured}");
            Err(Failure::Usage(anyhow!(escaped(&message))))
        }
        _ => Ok(()),
    }
}

fn kinds(names: &[KindName]) -> BTreeSet<Kind> {
    names.iter().flat_map(|name| name.kinds().iter().copied()).collect()
}

fn rules(config: &Config, trusts_addresses: bool) -> Rules {
    let keyring = Keyring::new(&config.secrets);
    Rules {
        user_fields: config.auth.user_fields.clone(),
        usernames: config.auth.username.clone(),
        trusts_addresses,
        totp_secrets: keyring.sealer(TOTP_PURPOSE),
        provider_tokens: keyring.sealer(PROVIDER_TOKEN_PURPOSE),
        mailed_codes: keyring.mac(CODE_PURPOSE),
        session_absolute: config.auth.session.absolute,
    }
}

/// Tells why an import ended. The text may repeat names out of the origin, which may hold what moves a terminal's cursor.
fn failure(error: ImportError) -> Failure {
    let is_usage = matches!(
        error,
        ImportError::Origin(_)
            | ImportError::Unfinished(_)
            | ImportError::NothingToResume(_)
            | ImportError::PositionUnreadable(_)
            | ImportError::OtherKind { .. }
            | ImportError::File { .. }
    );
    let failure = Failure::Runtime(anyhow!(error));
    let error = anyhow!(escaped(&failure.to_string()));
    if is_usage { Failure::Usage(error) } else { Failure::Runtime(error) }
}
