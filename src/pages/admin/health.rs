//! Serves the page that tells how the gateway is: database, tasks, upstreams, mail, and the configuration in force.

use http::StatusCode;
use serde::Deserialize;

use crate::{
    language::Texts,
    pages::{
        admin::{
            access,
            page::{AdminPage, Fact, Item, Section},
            shown::{Badge, when},
        },
        visit::{PageResult, Visit},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    version: String,
    database: Database,
    stopped_tasks: Vec<String>,
    upstreams: Vec<Upstream>,
    mail: Mail,
    configuration: Configuration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Database {
    version: String,
    response_ms: f64,
    open_connections: u64,
    idle_connections: u64,
    max_connections: u64,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the API calls them so")]
struct Upstream {
    upstream: String,
    server: String,
    up: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    waiting: u64,
    oldest_seconds: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    source: String,
    loaded_at: String,
    newest: bool,
    text: String,
}

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let administrator = access::require(&visit).await?;
    let t = visit.t;
    let health: Health = administrator.read(visit.get("/admin/health").await?)?;
    let is_well = health.stopped_tasks.is_empty()
        && health.configuration.newest
        && health.upstreams.iter().all(|server| server.up);
    let badge = if is_well { Badge::good(t.get("admin-all-well")) } else { Badge::bad(t.get("admin-not-all-well")) };
    AdminPage::new(&visit, &administrator, t.get("admin-health"))
        .badges(vec![badge])
        .section(checks(t, &health))
        .section(upstreams(t, health.upstreams))
        .section(configuration(t, health.configuration))
        .show(&visit, StatusCode::OK)
}

fn checks(t: Texts, health: &Health) -> Section {
    let Database { version, response_ms, open_connections, idle_connections, max_connections } = &health.database;
    let number = |number: u64| t.number(number);
    let used = number(open_connections.saturating_sub(*idle_connections));
    let tasks = if health.stopped_tasks.is_empty() {
        t.get("admin-tasks-run").into_owned()
    } else {
        t.with("admin-tasks-stopped", &[("tasks", &health.stopped_tasks.join(", "))])
    };
    let mut mail = t.count("admin-mail-waiting-count", health.mail.waiting);
    if health.mail.waiting > 0 {
        mail = format!("{mail}. {}", t.count("admin-mail-oldest", health.mail.oldest_seconds.div_ceil(60)));
    }
    Section {
        heading: t.get("admin-checks").into_owned(),
        facts: vec![
            Fact::new(t.get("admin-gateway-version"), &*health.version),
            Fact::new(
                t.get("admin-database"),
                t.with("admin-database-state", &[("version", version), ("ms", &milliseconds(*response_ms))]),
            ),
            Fact::new(
                t.get("admin-connections"),
                t.with("admin-connections-state", &[("used", &used), ("max", &number(*max_connections))]),
            ),
            Fact::new(t.get("admin-tasks"), tasks),
            Fact::new(t.get("admin-outbox"), mail),
        ],
        ..Section::default()
    }
}

/// Writes a short time in whole milliseconds.
fn milliseconds(took: f64) -> String {
    if took < 1.0 { "< 1".to_owned() } else { format!("{took:.0}") }
}

fn upstreams(t: Texts, servers: Vec<Upstream>) -> Section {
    let item = |server: Upstream| Item {
        title: server.upstream,
        lines: vec![server.server],
        badges: vec![if server.up {
            Badge::good(t.get("admin-upstream-up"))
        } else {
            Badge::bad(t.get("admin-upstream-down"))
        }],
        ..Item::default()
    };
    Section {
        heading: t.get("admin-upstreams").into_owned(),
        items: servers.into_iter().map(item).collect(),
        ..Section::default()
    }
}

fn configuration(t: Texts, configuration: Configuration) -> Section {
    let newest = if configuration.newest { "admin-configuration-newest" } else { "admin-configuration-refused" };
    Section {
        heading: t.get("admin-configuration").into_owned(),
        text: Some(t.get(newest).into_owned()),
        facts: vec![
            Fact::new(t.get("admin-configuration-file"), configuration.source),
            Fact::new(t.get("admin-configuration-loaded"), when(t, &configuration.loaded_at)),
        ],
        listing: Some(configuration.text),
        ..Section::default()
    }
}
