//! The dashboard, the alerts and the page on metrics speak of what a running gateway exposes, and of all of it.

mod compose;
mod prometheus;
mod rules;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::{Value, json};

use crate::harness::TestGateway;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn dashboard() -> Value {
    serde_json::from_str(&read("dashboards/authgate.json")).expect("the dashboard is JSON")
}

/// A gateway of which every metric has a value: one whose labels come from events shows nothing before the first.
async fn busy_gateway() -> TestGateway {
    let gw = TestGateway::with(json!({
        "routes": [
            { "name": "public", "match": { "path": "/public/**" }, "upstream": "api", "access": "public" },
            {
                "name": "limited", "match": { "path": "/limited/**" }, "upstream": "api", "access": "public",
                "rate_limit": { "per": "address", "limit": 100 },
            },
            { "name": "app", "match": { "path": "/**" }, "upstream": "api", "access": "required" },
        ],
        "auth": { "rate_limits": { "verify_token": { "limit": 1, "window": "1h" } } },
    }))
    .await;
    stir(&gw, "alice").await;
    gw
}

/// Something of everything, by somebody of this name.
async fn stir(gw: &TestGateway, name: &str) {
    let alice = gw.signed_up_user(name).await;
    assert_eq!((alice.status("/items").await, alice.status("/limited/x").await), (200, 200));
    for _ in 0..2 {
        alice.auth("/verify-token", &json!({ "token": alice.token })).await;
    }
    let wrong = json!({ "email": alice.email, "password": "not the one that was chosen" });
    assert_eq!(gw.anonymous().auth("/sign-in/email", &wrong).await.status(), 401);
    gw.raw().await.send("GET / HTTP/1.1\r\n\r\n").await.response().await;
}

/// A metric as exposed, or as the page has it.
#[derive(Debug, PartialEq, Eq)]
struct Metric {
    kind: String,
    labels: BTreeSet<String>,
}

fn exposed(text: &str) -> BTreeMap<String, Metric> {
    let mut metrics = BTreeMap::new();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    for (name, kind) in types {
        let sample = text.lines().find_map(|line| {
            let rest = line.strip_prefix(name)?;
            let rest = if kind == "histogram" { rest.strip_prefix("_count")? } else { rest };
            rest.starts_with(['{', ' ']).then_some(rest)
        });
        let (labels, _) = sample.unwrap_or_else(|| panic!("{name} has no sample")).split_once("} ").unwrap_or(("", ""));
        let labels = labels.trim_start_matches('{').split("\",").filter_map(|label| Some(label.split_once('=')?.0));
        let metric = Metric { kind: kind.to_owned(), labels: labels.map(str::to_owned).collect() };
        metrics.insert(name.to_owned(), metric);
    }
    metrics
}

fn documented() -> BTreeMap<String, Metric> {
    let page = read("docs/metrics.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, meaning] = cells[..] else { panic!("four columns: {row}") };
        assert!(meaning.ends_with('.'), "{row}");
        let labels = labels.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (name.trim_matches('`').to_owned(), Metric { kind: kind.to_owned(), labels })
    })
    .collect()
}

/// Names of metrics in any text.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("authgate_") || word.starts_with("process_")).collect()
}

#[tokio::test]
#[cfg_attr(not(target_os = "linux"), ignore = "other systems tell less of the process")]
async fn the_page_on_metrics_lists_what_is_exposed() {
    let exposed = exposed(&busy_gateway().await.metrics().await);
    let documented = documented();
    for (name, metric) in &exposed {
        assert_eq!(documented.get(name), Some(metric), "{name} is not as docs/metrics.md has it");
    }
    let gone: Vec<&String> = documented.keys().filter(|name| !exposed.contains_key(*name)).collect();
    assert!(gone.is_empty(), "docs/metrics.md lists what is not exposed: {gone:?}");
}

#[tokio::test]
#[cfg_attr(not(target_os = "linux"), ignore = "other systems tell less of the process")]
async fn dashboard_and_alerts_name_metrics_that_are_exposed() {
    let metrics = exposed(&busy_gateway().await.metrics().await);
    let is_exposed = |name: &str| {
        metrics.contains_key(name)
            || ["_bucket", "_sum", "_count"].iter().any(|part| {
                let of = name.strip_suffix(part).and_then(|name| metrics.get(name));
                of.is_some_and(|metric| metric.kind == "histogram")
            })
    };
    let (dashboard, alerts, page) =
        (dashboard().to_string(), read("dashboards/alerts.yaml"), read("docs/operations.md"));
    let tests = read("dashboards/alerts.test.yaml");
    for (file, text) in
        [("dashboard", &dashboard), ("alerts", &alerts), ("their tests", &tests), ("operations.md", &page)]
    {
        let names = named(text);
        let unknown: Vec<&&str> = names.iter().filter(|name| !is_exposed(name)).collect();
        assert!(!names.is_empty() && unknown.is_empty(), "{file}: {unknown:?}");
    }
    let unseen: Vec<&String> =
        metrics.keys().filter(|name| !named(&dashboard).iter().any(|shown| shown.starts_with(name.as_str()))).collect();
    assert!(unseen.is_empty(), "no panel shows {unseen:?}");
}

#[test]
fn the_dashboard_belongs_to_no_server() {
    let dashboard = dashboard();
    assert_eq!((&dashboard["uid"], dashboard.get("id")), (&json!("authgate"), None));
    assert_eq!(dashboard["templating"]["list"][0]["type"], "datasource");
    let panels = dashboard["panels"].as_array().unwrap();
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{panel}");
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{target}");
        }
    }
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "ids of panels are unique");
}
