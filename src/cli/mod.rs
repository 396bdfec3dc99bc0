//! The command line: what can be asked for, and which room answers. Exit codes: 0 done, 1 failed at run time, 2 usage or
//! configuration.

mod administer;
mod healthcheck;
mod routes;
mod sessions;
mod users;

use std::{
    env, fmt,
    io::{self, Write},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use listenfd::ListenFd;

use crate::{
    api,
    app::{self, Invocation, Stopped},
    config::{self, ConfigErrors},
    dev,
};

/// A reverse proxy that authenticates: sign-up, sign-in and sessions in front of any HTTP backend.
#[derive(Debug, Parser)]
#[command(name = "authgate", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway
    #[command(after_help = "Example:\n  authgate serve --config /etc/authgate/gateway.yaml --migrate\n\n\
                            SIGTERM or Ctrl-C stops it: requests in flight finish, and after 25 seconds at most the \
                            process is gone.\nA second signal ends it at once (exit code 130).")]
    Serve {
        #[command(flatten)]
        config: ConfigArgs,
        /// Apply missing migrations first, instead of refusing to start
        #[arg(long)]
        migrate: bool,
    },
    /// Run everything on this machine: no accounts, no configuration
    #[command(after_help = "Examples:\n  authgate dev\n  authgate dev --upstream http://127.0.0.1:3000 --listen \
                            127.0.0.1:8081\n\nA private PostgreSQL is kept under --data-dir, unless DATABASE_URL is \
                            set. Mail is not sent but shown at /__dev/mail.")]
    Dev(DevArgs),
    /// Validate the configuration and report every mistake
    #[command(after_help = "Examples:\n  authgate check --config gateway.yaml\n  authgate check --print")]
    Check {
        #[command(flatten)]
        config: ConfigArgs,
        /// Print the effective configuration with its defaults, secrets masked
        #[arg(long)]
        print: bool,
    },
    /// Apply missing migrations to the database
    #[command(after_help = "Example:\n  authgate migrate --config gateway.yaml\n\nSafe to run twice, and by several \
                            replicas at once.")]
    Migrate {
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Make, list, ban and delete users, and give them roles
    #[command(subcommand)]
    Users(users::Users),
    /// List and end sessions
    #[command(subcommand)]
    Sessions(sessions::Sessions),
    /// Show the route table, explain single requests, hold it against the backend's `OpenAPI` document
    #[command(subcommand)]
    Routes(routes::RoutesCommand),
    /// Exit with 0 when the gateway on this machine is ready
    #[command(after_help = "Example, in a Dockerfile:\n  HEALTHCHECK CMD [\"authgate\", \"healthcheck\"]")]
    Healthcheck {
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Print the `OpenAPI` document of the auth surface
    #[command(
        after_help = "Examples:\n  authgate openapi > openapi.json\n  authgate openapi --config gateway.yaml\n\nThe \
                            running gateway serves the same at /api/auth/openapi.json."
    )]
    Openapi {
        /// Take the base path and the cookie's name from this configuration, instead of the defaults
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Print the JSON Schema of gateway.yaml
    #[command(after_help = "Example:\n  authgate schema > gateway.schema.json")]
    Schema,
}

#[derive(Debug, Args)]
struct ConfigArgs {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "AUTHGATE_CONFIG", default_value = "gateway.yaml")]
    config: PathBuf,
}

#[derive(Debug, Args)]
struct DevArgs {
    /// The backend to stand in front of
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8000")]
    upstream: String,
    /// A loopback address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the database and the secret are kept between runs
    #[arg(long, value_name = "DIR", default_value = ".authgate")]
    data_dir: PathBuf,
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The command line or the configuration is at fault.
    Usage(anyhow::Error),
    /// Everything else.
    Runtime(anyhow::Error),
}

impl Failure {
    /// 2 for usage and configuration, 1 otherwise.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Runtime(_) => ExitCode::FAILURE,
        }
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::Usage(errors.into())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Runtime(error)
    }
}

/// The whole chain on one line. Several libraries repeat their cause in their own text; it is told once.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(error) | Self::Runtime(error)) = self;
        let mut told = String::new();
        for cause in error.chain() {
            let text = cause.to_string();
            if told.is_empty() {
                told = text;
            } else if !told.ends_with(&text) {
                told.push_str(": ");
                told.push_str(&text);
            }
        }
        f.write_str(told.trim_end())
    }
}

/// Does what the arguments say.
pub fn run(arguments: Cli) -> Result<ExitCode, Failure> {
    match arguments.command {
        Command::Serve { config, migrate } => {
            let loaded = config::load(&config.config)?;
            let inherited = listeners_from_environment()?;
            Ok(exit_code(app::serve(config.config, loaded, migrate, invocation()?, inherited)?))
        }
        Command::Dev(DevArgs { upstream, listen, data_dir }) => {
            Ok(exit_code(dev::dev(&dev::Options { upstream, listen, data_dir })?))
        }
        Command::Check { config, print: false } => {
            config::load(&config.config)?;
            say(&format!("{}: valid", config.config.display()))
        }
        Command::Check { config, print: true } => say(config::print_effective(&config.config)?.trim_end()),
        Command::Migrate { config } => {
            // To standard error, which may be closed: the migration goes on.
            let waiting = |what: &str| drop(writeln!(io::stderr(), "{what}; trying again"));
            let applied = app::migrate(&config::load(&config.config)?.database, &waiting)?;
            say(&match applied {
                0 => "the database is up to date".to_owned(),
                count => format!("{count} migration(s) applied"),
            })
        }
        Command::Users(command) => users::run(command),
        Command::Sessions(command) => sessions::run(command),
        Command::Routes(command) => routes::run(command),
        Command::Healthcheck { config } => {
            healthcheck::run(config::load(&config.config)?.ops_listen)?;
            say("ready")
        }
        Command::Openapi { config } => {
            let document = match config {
                Some(path) => {
                    let auth = config::load(&path)?.auth;
                    api::document(&auth.base_path, &auth.cookie.name)
                }
                None => api::document("/api/auth", "__Host-authgate_session"),
            };
            say(&document.to_pretty_json().context("the document could not be written")?)
        }
        Command::Schema => say(&format!("{:#}", config::schema())),
    }
}

/// What the process that this one replaces, or systemd, handed over.
fn listeners_from_environment() -> anyhow::Result<Vec<TcpListener>> {
    let mut given = ListenFd::from_env();
    let taken = (0..given.len()).map(|index| given.take_tcp_listener(index));
    let listeners = taken.filter_map(Result::transpose).collect::<io::Result<Vec<_>>>();
    listeners.context("LISTEN_FDS holds what is no listening socket")
}

fn invocation() -> anyhow::Result<Invocation> {
    // As it was called, since links may lead elsewhere by the time that it is called again.
    let called = env::args_os().next().map(PathBuf::from).filter(|path| path.components().count() > 1);
    let program = match called {
        Some(path) => std::path::absolute(path),
        None => env::current_exe(),
    };
    Ok(Invocation {
        program: program.context("where this program is cannot be found out")?,
        arguments: env::args_os().skip(1).collect(),
        replaces: env::var(app::REPLACES).ok().and_then(|pid| pid.parse().ok()),
    })
}

fn exit_code(stopped: Stopped) -> ExitCode {
    match stopped {
        Stopped::Gracefully => ExitCode::SUCCESS,
        // 128 + SIGINT, as shells report it.
        Stopped::AtOnce => ExitCode::from(130),
    }
}

fn say(text: &str) -> Result<ExitCode, Failure> {
    writeln!(io::stdout(), "{text}").context("could not write to standard output")?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_failure_is_one_line_and_repeats_nothing() {
        let cause = anyhow!("connection refused");
        let repeated = cause.context("error communicating with database: connection refused");
        let failure = Failure::Runtime(repeated.context("database.url: cannot connect"));
        assert_eq!(
            failure.to_string(),
            "database.url: cannot connect: error communicating with database: connection refused"
        );
    }
}
