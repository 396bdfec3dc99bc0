//! The alerts, held against promtool, their unit tests and the page that says what to do.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use super::{read, repository};

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn alerts() -> Vec<Value> {
    let rules = yaml("dashboards/alerts.yaml");
    let groups = rules["groups"].as_array().expect("groups").iter();
    groups.flat_map(|group| group["rules"].as_array().expect("rules").clone()).collect()
}

fn names() -> BTreeSet<String> {
    alerts().iter().map(|alert| alert["alert"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn promtool_accepts_the_alerts_and_each_fires_as_its_tests_say() {
    for arguments in [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]] {
        let mut command = Command::new("promtool");
        let output = command.args(arguments).current_dir(repository().join("dashboards")).output();
        let output = output.expect("promtool is there: scripts/setup --tests installs it");
        let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        assert!(output.status.success(), "{arguments:?}\n{text}");
    }
}

#[test]
fn every_alert_is_tested_with_and_without_its_cause() {
    let tests = yaml("dashboards/alerts.test.yaml");
    let tests: Vec<&Value> = tests["tests"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|test| test["alert_rule_test"].as_array().unwrap())
        .collect();
    for name in names() {
        let of = |fires: bool| {
            tests.iter().any(|test| {
                test["alertname"] == name.as_str() && test["exp_alerts"].as_array().unwrap().is_empty() != fires
            })
        };
        assert!(of(true), "no test shows that {name} fires");
        assert!(of(false), "no test shows that {name} stays silent");
    }
}

#[test]
fn every_alert_says_how_bad_it_is_and_where_to_read_on() {
    let page = read("docs/operations.md");
    let section = page.split("\n## ").find(|section| section.starts_with("Alerts\n")).expect("a section on alerts");
    let headings: BTreeSet<String> =
        section.lines().filter_map(|line| line.strip_prefix("### ")).map(str::to_owned).collect();
    assert_eq!(headings, names(), "docs/operations.md has a heading for each alert");
    for alert in alerts() {
        let name = alert["alert"].as_str().unwrap();
        assert!(["critical", "warning"].map(Value::from).contains(&alert["labels"]["severity"]), "{name}");
        let (summary, runbook) = (&alert["annotations"]["summary"], &alert["annotations"]["runbook"]);
        assert!(summary.as_str().is_some_and(|text| text.ends_with('.')), "{name}");
        assert_eq!(runbook.as_str(), Some(format!("docs/operations.md#{}", name.to_lowercase()).as_str()));
    }
}
