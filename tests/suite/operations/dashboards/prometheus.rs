//! A real Prometheus, with the compose example's configuration, asks a real gateway.

use std::{fs, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use super::{busy_gateway, dashboard, read, stir};
use crate::harness::{Client, TestGateway, eventually, free_port, process::Process};

/// Panels that are empty on a healthy gateway without TLS.
const MAY_BE_EMPTY: [&str; 1] = ["Certificate expires"];

struct Prometheus {
    client: Client,
    _process: Process,
    _directory: TempDir,
}

impl Prometheus {
    async fn start(gw: &TestGateway) -> Self {
        let directory = TempDir::with_prefix("authgate-prometheus-").expect("a temporary directory can be made");
        let config = read("examples/compose/prometheus.yml");
        assert!(config.contains("authgate:9090") && config.contains("interval: 15s"), "{config}");
        let config = config.replace("authgate:9090", &gw.ops.to_string()).replace("interval: 15s", "interval: 250ms");
        fs::write(directory.path().join("prometheus.yml"), config).expect("a file can be written");
        fs::write(directory.path().join("alerts.yaml"), read("dashboards/alerts.yaml")).expect("a file can be written");
        let port = free_port();
        let mut command = Command::new("prometheus");
        command
            .current_dir(directory.path())
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=warn"])
            .arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let process = Process::spawn(command);
        let client = Client::new(&format!("http://127.0.0.1:{port}"), port);
        let prometheus = Self { client, _process: process, _directory: directory };
        eventually("two scrapes", async || {
            let scrapes = prometheus.ask("count_over_time(up{job=\"authgate\"}[1m]) > 1").await.ok()?;
            (!scrapes.is_empty()).then_some(())
        })
        .await;
        prometheus
    }

    async fn get(&self, path: &str) -> Option<Value> {
        self.client.get(path).send().await.ok()?.json().await.ok()
    }

    /// Returns what a query returns, or what is wrong with it.
    async fn ask(&self, query: &str) -> Result<Vec<Value>, String> {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let answer = self.get(&format!("/api/v1/query?query={query}")).await.ok_or("no answer")?;
        answer["data"]["result"].as_array().cloned().ok_or_else(|| answer["error"].to_string())
    }
}

#[tokio::test]
#[cfg_attr(not(target_os = "linux"), ignore = "other systems tell less of the process")]
async fn every_panel_shows_something() {
    let gw = busy_gateway().await;
    let prometheus = Prometheus::start(&gw).await;
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row");
    let mut queries = 0;
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        for target in panel["targets"].as_array().unwrap() {
            let query = target["expr"].as_str().unwrap();
            let query = query.replace("$__rate_interval", "1m").replace("$instance", ".*");
            assert!(!query.contains('$'), "{title}: {query}");
            queries += 1;
            let result = prometheus.ask(&query).await.unwrap_or_else(|error| panic!("{title}: {query}: {error}"));
            assert!(!result.is_empty() || MAY_BE_EMPTY.contains(&title), "{title} shows nothing: {query}");
            for label in labels(target["legendFormat"].as_str().unwrap()) {
                for series in &result {
                    assert!(series["metric"].get(label).is_some(), "{title} has no label {label}: {series}");
                }
            }
        }
    }
    assert!(queries > 30, "{queries}");
}

/// The labels that a legend shows: `{{route}}`.
fn labels(legend: &str) -> impl Iterator<Item = &str> {
    legend.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0))
}

#[tokio::test]
async fn no_alert_is_raised_by_ordinary_use() {
    let gw = busy_gateway().await;
    let prometheus = Prometheus::start(&gw).await;
    stir(&gw, "bob").await;
    let evaluated = async || {
        let answer = prometheus.get("/api/v1/rules").await?;
        let rules = answer["data"]["groups"][0]["rules"].as_array()?.clone();
        (rules.iter().all(|rule| rule["health"] == "ok")).then_some(rules)
    };
    let rules = eventually("the rules to be evaluated", evaluated).await;
    assert!(rules.len() > 10, "{rules:?}");
    for rule in rules {
        assert_eq!(rule["state"], "inactive", "{rule}");
    }
}
