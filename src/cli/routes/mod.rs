//! Runs `authgate routes`: what the route table does, before anybody finds out in production.

pub(crate) mod audit;
pub(crate) mod explain;
pub(crate) mod list;

use std::process::ExitCode;

use clap::Subcommand;

use crate::cli::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum RoutesCommand {
    /// List the routes in their order
    #[command(after_help = "Example:\n  authgate routes list --config gateway.yaml")]
    List(list::List),
    /// Say which route a request takes, what becomes of it, and why
    #[command(after_help = "Examples:\n  authgate routes explain GET /admin/users\n  authgate routes explain POST \
                            https://app.example.com/items --as role:admin\n\nAnswers without database and upstream, by \
                            the rules that the gateway itself uses. A signed-in user is taken to come from a page of a \
                            trusted origin.")]
    Explain(explain::Explain),
    /// Hold the routes against the backend's own `OpenAPI` document
    #[command(
        after_help = "Examples:\n  authgate routes audit --openapi http://127.0.0.1:8000/openapi.json\n  authgate routes \
                      audit --openapi openapi.json --allow-public '/webhooks/**' --json\n\nExit code 0: nothing to \
                      remark; 1: there are findings; 2: usage or configuration."
    )]
    Audit(audit::Audit),
}

/// Does what the arguments say.
pub(crate) fn run(command: RoutesCommand) -> Result<ExitCode, Failure> {
    match command {
        RoutesCommand::List(arguments) => list::run(&arguments),
        RoutesCommand::Explain(explain) => explain::run(&explain),
        RoutesCommand::Audit(audit) => audit::run(&audit),
    }
}
