//! `authgate routes`: what the route table does, before anybody finds out in production.

pub(crate) mod audit;
pub(crate) mod explain;

use std::{path::Path, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    cli::{
        ConfigArgs, Failure,
        administer::{answer, table},
    },
    config,
    routing::{Access, Route},
};

#[derive(Debug, Subcommand)]
pub(crate) enum RoutesCommand {
    /// List the routes in their order
    #[command(after_help = "Example:\n  authgate routes list --config gateway.yaml")]
    List(List),
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

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Does what the arguments say.
pub(crate) fn run(command: RoutesCommand) -> Result<ExitCode, Failure> {
    match command {
        RoutesCommand::List(List { json, config }) => list(json, &config.config),
        RoutesCommand::Explain(explain) => explain::run(&explain),
        RoutesCommand::Audit(audit) => audit::run(&audit),
    }
}

fn list(json: bool, path: &Path) -> Result<ExitCode, Failure> {
    let config = config::load(path)?;
    let upstream = |route: &Route| config.proxy.upstreams[route.upstream.0].name.clone();
    let rows: Vec<[String; 5]> = config
        .routes
        .iter()
        .map(|route| {
            let access = access(&route.access);
            [route.name.clone(), methods(route), route.path.as_str().to_owned(), access, upstream(route)]
        })
        .collect();
    let objects: Vec<Value> = rows
        .iter()
        .map(|[name, methods, path, access, upstream]| {
            json!({ "name": name, "methods": methods, "path": path, "access": access, "upstream": upstream })
        })
        .collect();
    answer(json, &json!({ "routes": objects }), &table(["NAME", "METHODS", "PATH", "ACCESS", "UPSTREAM"], &rows))
}

/// `public`, `optional`, `required`, `required: admin, staff`.
fn access(access: &Access) -> String {
    match access {
        Access::Public => "public".to_owned(),
        Access::Optional => "optional".to_owned(),
        Access::Required { roles } if roles.is_empty() => "required".to_owned(),
        Access::Required { roles } => format!("required: {}", roles.join(", ")),
    }
}

fn methods(route: &Route) -> String {
    if route.methods.is_empty() {
        return "any".to_owned();
    }
    route.methods.iter().map(http::Method::as_str).collect::<Vec<_>>().join(",")
}
