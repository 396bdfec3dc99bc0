//! Runs `authgate routes audit`: it lists every operation of the backend's own description with the access that the
//! routes give it.

use std::{collections::BTreeSet, fmt::Write as _, fs, process::ExitCode, time::Duration};

use anyhow::{Context, anyhow};
use clap::Args;
use http::Method;
use serde_json::{Value, json};

use crate::{
    app, auth,
    cli::{
        ConfigArgs, Failure,
        administer::{answer, table},
        routes::list,
    },
    config::{self, Config},
    routing::{Access, PathPattern, Requirements, Route},
    types::{AcceptedCredentials, SERVED_METHODS, without_port},
};

/// Larger documents than this are none that a person wrote or a framework made.
const MAX_DOCUMENT: usize = 20 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// The document: a URL, or a file
    #[arg(long, value_name = "URL|FILE")]
    openapi: String,
    /// Paths that are public on purpose, as patterns; may be repeated
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    allow_public: Vec<PathPattern>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

fn pattern(text: &str) -> Result<PathPattern, String> {
    PathPattern::parse(text).map_err(|error| error.to_string())
}

/// Holds one operation of the document.
struct Operation {
    method: Method,
    path: String,
    pattern: Option<PathPattern>,
    /// The document says that it takes a credential.
    is_secured: bool,
}

/// Describes something to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    /// Anybody gets there, although it changes something or takes a credential by its own word.
    Public,
    /// The template spans routes of different access.
    Mixed,
    /// No route leads there.
    Unreachable,
    /// The gateway itself responds there.
    Hidden,
    /// Is a path that the gateway rejects or cannot tell apart.
    Malformed,
}

impl Finding {
    fn code(self) -> &'static str {
        match self {
            Self::Public => "accidentally_public",
            Self::Mixed => "mixed_access",
            Self::Unreachable => "unreachable",
            Self::Hidden => "answered_by_authgate",
            Self::Malformed => "malformed_path",
        }
    }
}

/// Does what the arguments say.
pub(crate) fn run(audit: &Audit) -> Result<ExitCode, Failure> {
    let config = config::load(&audit.config.config)?;
    let operations = operations(&read(&audit.openapi)?)?;
    let mut used = BTreeSet::new();
    let mut rows = Vec::new();
    let mut objects = Vec::new();
    let mut findings = 0;
    for operation in &operations {
        let routes = routes_of(operation, &config);
        used.extend(routes.iter().map(|route| route.name.as_str()));
        let finding = finding(operation, &routes, &config, &audit.allow_public);
        findings += usize::from(finding.is_some());
        let names = routes.iter().map(|route| route.name.as_str()).collect::<Vec<_>>();
        let access = routes.iter().map(|route| list::access(route)).collect::<Vec<_>>();
        let found = finding.map(Finding::code);
        rows.push([
            operation.method.to_string(),
            operation.path.clone(),
            access.join(" | "),
            names.join(" | "),
            found.unwrap_or_default().to_owned(),
        ]);
        objects.push(json!({
            "method": operation.method.as_str(), "path": operation.path, "access": access, "routes": names,
            "finding": found,
        }));
    }
    // What the document does not speak of cannot be held against it.
    let dead: Vec<&str> = config
        .routes
        .iter()
        .filter(|route| !route.websocket && !used.contains(route.name.as_str()))
        .map(|route| route.name.as_str())
        .collect();
    findings += dead.len();
    let mut text = table(["METHOD", "PATH", "ACCESS", "ROUTE", "FINDING"], &rows);
    for route in &dead {
        let _ = write!(text, "\nroute {route} leads to no operation of the document");
    }
    let _ = write!(text, "\n{} operation(s), {findings} finding(s)", operations.len());
    answer(audit.json, &json!({ "operations": objects, "deadRoutes": dead, "findings": findings }), &text)?;
    Ok(if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns the routes that requests of this operation can take, up to the first that takes all that are left.
fn routes_of<'a>(operation: &Operation, config: &'a Config) -> Vec<&'a Route> {
    let Some(pattern) = &operation.pattern else { return Vec::new() };
    let mut routes = Vec::new();
    for route in config.routes.iter() {
        if !route.takes_method(&operation.method) || !route.path.overlaps(pattern) {
            continue;
        }
        routes.push(route);
        if route.path.covers(pattern) && takes_every_host(route, config) {
            break;
        }
    }
    routes
}

fn takes_every_host(route: &Route, config: &Config) -> bool {
    let takes = |host: &String| route.hosts.iter().any(|name| name == without_port(host));
    route.hosts.is_empty() || config.proxy.hosts.iter().all(takes)
}

fn finding(operation: &Operation, routes: &[&Route], config: &Config, allowed: &[PathPattern]) -> Option<Finding> {
    let Some(pattern) = &operation.pattern else { return Some(Finding::Malformed) };
    let mut own = config.pages.own_prefixes();
    own.push(&config.auth.base_path);
    if own.iter().any(|own| PathPattern::parse(&format!("{own}/**")).is_ok_and(|own| own.covers(pattern))) {
        return Some(Finding::Hidden);
    }
    if routes.is_empty() {
        return Some(Finding::Unreachable);
    }
    let is_public = routes.iter().any(|route| route.access == Access::Public);
    let is_meant = allowed.iter().any(|allowed| allowed.covers(pattern));
    if is_public && !is_meant && (operation.is_secured || !operation.method.is_safe()) {
        return Some(Finding::Public);
    }
    let differs = routes.windows(2).any(|pair| rule(pair[0]) != rule(pair[1]));
    (differs && !is_meant).then_some(Finding::Mixed)
}

/// Returns what says who gets where a route leads.
fn rule(route: &Route) -> (&Access, &Requirements, AcceptedCredentials) {
    (&route.access, &route.require, route.credentials)
}

/// Returns every operation, in the document's order.
fn operations(document: &Value) -> Result<Vec<Operation>, Failure> {
    let not_openapi = || Failure::Usage(anyhow!("--openapi: not an OpenAPI document: it has no paths"));
    let paths = document.get("paths").and_then(Value::as_object).ok_or_else(not_openapi)?;
    let by_default = document.get("security");
    let mut operations = Vec::new();
    for (path, item) in paths {
        let Some(item) = item.as_object() else { continue };
        for (method, operation) in item {
            let Ok(method) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) else { continue };
            if !operation.is_object() || !SERVED_METHODS.contains(&method) {
                continue;
            }
            let security = operation.get("security").or(by_default).and_then(Value::as_array);
            let is_secured = security.is_some_and(|schemes| {
                !schemes.is_empty() && schemes.iter().all(|scheme| scheme.as_object().is_none_or(|s| !s.is_empty()))
            });
            operations.push(Operation { method, pattern: template(path), path: path.clone(), is_secured });
        }
    }
    Ok(operations)
}

/// Returns a path template as a pattern. What stands beside a parameter in its segment makes it any segment; a
/// parameter that spans segments (`{rest:path}`) makes it everything below.
fn template(path: &str) -> Option<PathPattern> {
    let mut segments = Vec::new();
    for segment in path.split('/').skip(1) {
        if segment.contains(":path}") {
            segments.push("**".to_owned());
            break;
        }
        // A star is nothing but a star to OpenAPI.
        let literal = || segment.replace('*', "%2A").replace('}', "%7D");
        segments.push(if segment.contains('{') { "*".to_owned() } else { literal() });
    }
    PathPattern::parse(&format!("/{}", segments.join("/"))).ok()
}

fn read(place: &str) -> Result<Value, Failure> {
    let text = if place.starts_with("http://") || place.starts_with("https://") {
        fetch(place)?
    } else {
        fs::read(place).map_err(|error| Failure::Usage(anyhow!("--openapi: {place} cannot be read: {error}")))?
    };
    serde_json::from_slice(&text).map_err(|error| Failure::Usage(anyhow!("--openapi: {place} is not JSON: {error}")))
}

fn fetch(url: &str) -> Result<Vec<u8>, Failure> {
    let get = async {
        let client = auth::outgoing_client().context("TLS could not be set up")?;
        let mut response = client.get(url).timeout(TIMEOUT).send().await?.error_for_status()?;
        let mut text = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            text.extend_from_slice(&chunk);
            anyhow::ensure!(text.len() <= MAX_DOCUMENT, "it is larger than 20 MiB");
        }
        Ok::<_, anyhow::Error>(text)
    };
    let fetched = app::build_runtime(1)?.block_on(get);
    fetched.map_err(|error| Failure::Runtime(error.context(format!("--openapi: {url} cannot be fetched"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_read_for_what_they_can_be() {
        for (path, pattern) in [
            ("/items/{id}", "/items/*"),
            ("/files/{rest:path}", "/files/**"),
            ("/a/{id}.json", "/a/*"),
            ("/a*/*", "/a%2A/%2A"),
            ("/", "/"),
        ] {
            assert_eq!(template(path).unwrap().as_str(), pattern, "{path}");
        }
    }
}
