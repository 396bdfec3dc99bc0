//! The page lists what is in the logs.

use std::collections::BTreeSet;

use serde_json::json;

use super::read;
use crate::harness::{TestGateway, eventually};

/// The section, from its heading to the next one.
fn section() -> String {
    let page = read("docs/operations.md");
    page.split("\n## ").find(|section| section.starts_with("Logs\n")).expect("a section on logs").to_owned()
}

#[tokio::test]
async fn the_page_names_every_field_of_the_access_log() {
    let section = section();
    let rows = section.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split('|').next()?.to_owned()));
    let documented: BTreeSet<String> =
        rows.flat_map(|cell| cell.split(['`', ',', ' ']).map(str::to_owned).collect::<Vec<_>>()).collect();
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(gw.anonymous().status("/items").await, 401);
    let fields: BTreeSet<String> = eventually("a refusal in the log", async || {
        let lines: Vec<_> = gw.log().into_iter().filter(|line| line["event"] == "request").collect();
        let fields = lines.iter().flat_map(|line| line.as_object().unwrap().keys().cloned()).collect();
        lines.iter().any(|line| line["error"] == "UNAUTHORIZED").then_some(fields)
    })
    .await;
    let expected: BTreeSet<String> = fields.iter().filter(|field| *field != "event").cloned().collect();
    let documented: BTreeSet<String> = documented.into_iter().filter(|name| !name.is_empty()).collect();
    assert_eq!(documented, expected);
    assert!(fields.contains("check_ms") && fields.contains("session.id"), "{fields:?}");
}

#[test]
fn the_page_names_every_event_of_the_log() {
    let section = section();
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut events = BTreeSet::new();
    let mut folders = vec![source];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            // What `authgate dev` says is for the one who started it.
            if entry.is_dir() && !entry.ends_with("src/dev") {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(entry).unwrap();
                let names =
                    text.split("event = \"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
                events.extend(names);
            }
        }
    }
    let missing: Vec<&String> = events.iter().filter(|event| !section.contains(&format!("`{event}`"))).collect();
    assert!(events.len() > 8 && missing.is_empty(), "docs/operations.md does not name {missing:?}: {}", json!(events));
}
