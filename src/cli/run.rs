//! Leads from a command to the room that does it.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Context;

use crate::{
    api::{self, Plugin},
    app::{self, Failure, Stopped},
    cli::{
        arguments::{Cli, Command, DevArgs},
        audit, export, healthcheck, import,
        invocation::{invocation, listeners_from_environment},
        keys, organizations,
        output::print_line,
        routes, sessions, users,
    },
    config::{self, Config},
    dev,
    types::UserFields,
};

/// Holds the licences, as written by `scripts/licenses`.
const LICENSES: &str = include_str!("../../licenses.txt");

/// Does what the arguments say.
pub fn run(arguments: Cli) -> Result<ExitCode, Failure> {
    match arguments.command {
        Command::Serve { config, migrate } => {
            let loaded = config::load(&config.config)?;
            let inherited = listeners_from_environment()?;
            Ok(exit_code(app::serve(config.config, loaded, migrate, invocation()?, inherited)?))
        }
        Command::Dev(DevArgs { config, upstream, listen, ops_listen, public, trusted_origins, data_dir }) => {
            let options = dev::Options { config, upstream, listen, ops_listen, public, trusted_origins, data_dir };
            Ok(exit_code(dev::dev(&options)?))
        }
        Command::Check { config, print: false } => {
            let loaded = config::load(&config.config)?;
            for warning in hidden_routes(&loaded).into_iter().chain(mails_without_logo(&loaded)) {
                // Standard error may be closed, where only the exit code is of interest.
                drop(writeln!(io::stderr(), "warning: {warning}"));
            }
            print_line(&format!("{}: valid", config.config.display()))
        }
        Command::Check { config, print: true } => print_line(config::print_effective(&config.config)?.trim_end()),
        Command::Migrate { config } => {
            // This goes to standard error, which may be closed: the migration goes on.
            let waiting = |what: &str| drop(writeln!(io::stderr(), "{what}; trying again"));
            let applied = app::migrate(&config::load(&config.config)?.database, &waiting)?;
            print_line(&match applied {
                0 => "the database is up to date".to_owned(),
                count => format!("{count} migration(s) applied"),
            })
        }
        Command::Users(command) => users::run(command),
        Command::Sessions(command) => sessions::run(command),
        Command::Organizations(command) => organizations::run(command),
        Command::Keys(command) => keys::run(command),
        Command::Audit(command) => audit::run(command),
        Command::Export(arguments) => export::run(arguments),
        Command::Import(command) => import::run(command),
        Command::Routes(command) => routes::run(command),
        Command::Healthcheck { config } => {
            healthcheck::run(config::load(&config.config)?.ops_listen)?;
            print_line("ready")
        }
        Command::Openapi { config } => {
            let document = match config {
                Some(path) => {
                    let auth = config::load(&path)?.auth;
                    api::document(&auth.base_path, &auth.cookie.name, &auth.user_fields, |plugin| plugin.is_on(&auth))
                }
                None => api::document(
                    "/api/auth",
                    "__Host-authgate_session",
                    &UserFields::default(),
                    Plugin::is_on_by_default,
                ),
            };
            print_line(&document.to_pretty_json().context("the document could not be written")?)
        }
        Command::Schema => print_line(&format!("{:#}", config::schema())),
        Command::Licenses => print_line(LICENSES.trim_end()),
    }
}

fn exit_code(stopped: Stopped) -> ExitCode {
    match stopped {
        Stopped::Gracefully => ExitCode::SUCCESS,
        // This is 128 + SIGINT, as shells report it.
        Stopped::AtOnce => ExitCode::from(130),
    }
}

/// Tells that mails have no logo, since mail programs show fewer kinds of pictures than browsers.
fn mails_without_logo(config: &Config) -> Option<String> {
    let is_left_out = config.pages.logo.is_some() && config.mail.look.logo.is_none();
    is_left_out.then(|| "pages.logo_file stands on pages alone: mails show a PNG or JPEG".to_owned())
}

/// Tells of routes that no request reaches, since the built-in pages lie over their paths.
fn hidden_routes(config: &Config) -> Vec<String> {
    let prefixes = config.pages.own_prefixes();
    let hidden = config.routes.iter().filter_map(|route| {
        let path = route.path.as_str();
        let prefix = prefixes
            .iter()
            .find(|prefix| path.strip_prefix(**prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))?;
        Some(format!(
            "the route {:?} ({path}) is reached by nothing: the built-in pages are below {prefix}; move them with \
             pages.auth_path or pages.account_path, or turn them off with pages.enabled: false",
            route.name
        ))
    });
    hidden.collect()
}
