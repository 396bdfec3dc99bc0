//! Defines the commands and their arguments.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::{
    cli::{audit, config_file::ConfigArgs, export, import, keys, organizations, routes, sessions, users},
    types::OriginPattern,
};

/// A reverse proxy that authenticates: sign-up, sign-in and sessions in front of any HTTP backend.
#[derive(Debug, Parser)]
#[command(name = "authgate", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
    /// Run everything on this machine: no accounts, no configuration needed
    #[command(after_help = "Examples:\n  authgate dev\n  authgate dev --upstream http://127.0.0.1:3000 --listen \
                            127.0.0.1:8081\n  authgate dev --public '/docs/**' --public /openapi.json\n  authgate \
                            dev --config gateway.yaml --upstream http://127.0.0.1:3000\n\nA private PostgreSQL is \
                            kept under --data-dir, unless DATABASE_URL is set. Mail is not sent but shown at \
                            /__dev/mail.")]
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
    /// List, found and delete organizations, and say who is in them
    #[command(subcommand)]
    Organizations(organizations::Organizations),
    /// Make, list and revoke API keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Read and export the audit log
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Bring users from elsewhere, with their passwords and sessions
    #[command(subcommand)]
    Import(import::Import),
    /// Write everything that is stored of users, as lines of JSON
    #[command(after_help = "Examples:\n  authgate export --output everything.jsonl\n  authgate export --with-secrets \
                            | gpg --encrypt -r ops@example.com > everything.jsonl.gpg\n\nPassword hashes and hashes \
                            of tokens are in it. `authgate import jsonl` reads it; \
                            docs/moving-in/tables-and-lines.md describes it.")]
    Export(export::Export),
    /// Show the route table, explain single requests, hold it against the backend's `OpenAPI` document
    #[command(subcommand)]
    Routes(routes::RoutesCommand),
    /// Exit with 0 when the gateway on this machine is ready
    #[command(after_help = "Example, in a Dockerfile:\n  HEALTHCHECK CMD [\"authgate\", \"healthcheck\"]")]
    Healthcheck {
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Print the `OpenAPI` document of the auth API
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
    /// Print the licences of what this program is built from
    #[command(after_help = "Example:\n  authgate licenses > licenses.txt")]
    Licenses,
}

#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// Take upstreams, routes, auth and identity from this configuration. Its server, database, secret, mail transport
    /// and log are `dev`'s own, its providers pretend
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The backend to stand in front of. Default: port 8000 of this machine, or the configuration's
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: Option<String>,
    /// A loopback address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A loopback address for health and metrics. Default: 127.0.0.1:9090, or a free port where that is taken
    #[arg(long, value_name = "ADDR")]
    pub(crate) ops_listen: Option<SocketAddr>,
    /// Paths that need no session, for example `/docs/**`; may be given several times
    #[arg(long, value_name = "PATTERN", conflicts_with = "config")]
    pub(crate) public: Vec<String>,
    /// An origin whose pages may call, beside all of this machine; may be given several times
    #[arg(long = "trusted-origin", value_name = "ORIGIN", value_parser = OriginPattern::parse)]
    pub(crate) trusted_origins: Vec<OriginPattern>,
    /// Where the database and the secret are kept between runs
    #[arg(long, value_name = "DIR", default_value = ".authgate")]
    pub(crate) data_dir: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
