//! Serves `GET /admin/health`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::administrator::Administrating,
        respond::{json::json_response, views::wire_time},
    },
    auth::{
        Auth,
        admin::{self, Permission},
    },
};

/// Tells how the process that responds is.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    /// Is the version of the gateway.
    version: &'static str,
    database: DatabaseView<'a>,
    /// Lists background tasks that do not run.
    stopped_tasks: &'a [&'static str],
    upstreams: Vec<UpstreamView<'a>>,
    mail: MailView,
    configuration: ConfigurationView<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = HealthOfDatabase)]
#[serde(rename_all = "camelCase")]
struct DatabaseView<'a> {
    version: &'a str,
    /// Is how long a question took, in milliseconds.
    response_ms: f64,
    open_connections: u32,
    idle_connections: usize,
    max_connections: u32,
}

#[derive(Serialize, ToSchema)]
#[schema(as = HealthOfUpstream)]
struct UpstreamView<'a> {
    upstream: &'a str,
    server: &'a str,
    /// Tells whether requests go there.
    up: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = HealthOfMail)]
#[serde(rename_all = "camelCase")]
struct MailView {
    waiting: i64,
    oldest_seconds: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = HealthOfConfiguration)]
#[serde(rename_all = "camelCase")]
struct ConfigurationView<'a> {
    /// Is the file that it was read from.
    source: &'a str,
    #[schema(format = DateTime)]
    loaded_at: String,
    /// Is false where a later one is invalid and was not taken over.
    newest: bool,
    /// Is the configuration as `authgate check --print` shows it: with defaults, without secrets.
    text: &'a str,
}

/// Tell how the gateway is
///
/// The answer is about the process that responds; others have their own. Secrets in the configuration are masked.
#[utoipa::path(get, path = "/admin/health", tag = "Administration",
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "How it is", body = Body<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_READ_HEALTH`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>)))]
pub(crate) async fn get(State(auth): State<Arc<Auth>>, administrating: Administrating) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::HealthRead)?;
    let now = administrating.signed_in.caller.now;
    let health = admin::view_health(&administrating.administration, &auth, now).await?;
    let (open_connections, idle_connections, max_connections) = health.connections;
    let upstreams = health.upstreams.iter();
    let (waiting, oldest_seconds) = health.mail;
    Ok(json_response(&Body {
        version: env!("CARGO_PKG_VERSION"),
        database: DatabaseView {
            version: &health.database_version,
            response_ms: health.database_took.as_secs_f64() * 1000.0,
            open_connections,
            idle_connections,
            max_connections,
        },
        stopped_tasks: &health.stopped_tasks,
        upstreams: upstreams
            .map(|state| UpstreamView { upstream: &state.upstream, server: &state.server, up: state.is_up })
            .collect(),
        mail: MailView { waiting, oldest_seconds },
        configuration: ConfigurationView {
            source: &auth.instance.source,
            loaded_at: wire_time(health.configured_at),
            newest: health.is_newest_configuration,
            text: &auth.instance.configuration,
        },
    }))
}
