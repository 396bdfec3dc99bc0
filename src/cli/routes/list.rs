//! Runs `authgate routes list`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use crate::{
    cli::{
        ConfigArgs, Failure,
        administer::{answer, table},
    },
    config,
    routing::{Access, Route},
    types::AcceptedCredentials,
};

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Lists the routes.
pub(crate) fn run(List { json, config }: &List) -> Result<ExitCode, Failure> {
    let config = config::load(&config.config)?;
    let upstream = |route: &Route| config.proxy.upstreams[route.upstream.0].name.clone();
    let rows: Vec<[String; 5]> = config
        .routes
        .iter()
        .map(|route| {
            let access = access(route);
            [route.name.clone(), methods(route), route.path.as_str().to_owned(), access, upstream(route)]
        })
        .collect();
    let objects: Vec<Value> = rows
        .iter()
        .map(|[name, methods, path, access, upstream]| {
            json!({ "name": name, "methods": methods, "path": path, "access": access, "upstream": upstream })
        })
        .collect();
    answer(*json, &json!({ "routes": objects }), &table(["NAME", "METHODS", "PATH", "ACCESS", "UPSTREAM"], &rows))
}

/// Returns `public`, `optional`, `required`, or `required: admin, staff`; with `by cookie` where not every kind of
/// credential is read, `with role owner or admin in the organization, second factor, proved within 10m` where a session
/// needs more, and `; keys with reports:read` where an API key has to be allowed something. What
/// `auth.two_factor.required_for_roles` asks for everywhere is left out.
pub(super) fn access(route: &Route) -> String {
    let access = match &route.access {
        Access::Public => "public".to_owned(),
        Access::Optional => "optional".to_owned(),
        Access::Required { roles } if roles.is_empty() => "required".to_owned(),
        Access::Required { roles } => format!("required: {}", roles.join(", ")),
    };
    let access = if route.credentials == AcceptedCredentials::ALL {
        access
    } else {
        format!("{access} by {}", route.credentials.names().join(", "))
    };
    let max_age = route.require.max_age.map(|max_age| format!("proved within {}", humantime::format_duration(max_age)));
    let two_factor = route.require.two_factor.then(|| "second factor".to_owned());
    let organization_roles = &route.require.organization_roles;
    let in_organization = (!organization_roles.is_empty()).then(|| {
        let names: Vec<&str> = organization_roles.iter().map(|role| role.as_str()).collect();
        format!("role {} in the organization", names.join(" or "))
    });
    let required: Vec<String> = in_organization.into_iter().chain(two_factor).chain(max_age).collect();
    let access = if required.is_empty() { access } else { format!("{access} with {}", required.join(", ")) };
    let scopes = &route.require.scopes;
    if scopes.is_empty() { access } else { format!("{access}; keys with {}", scopes.join(", ")) }
}

fn methods(route: &Route) -> String {
    if route.methods.is_empty() {
        return "any".to_owned();
    }
    route.methods.iter().map(http::Method::as_str).collect::<Vec<_>>().join(",")
}
