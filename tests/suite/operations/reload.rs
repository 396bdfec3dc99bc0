//! A configuration that changes while the gateway runs.

use std::fs;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::harness::{Database, Setup, TestGateway, Upstream, eventually, gateway::merge};

/// The configuration as it is, changed.
pub(crate) fn rewrite(gw: &TestGateway, changes: &Value) {
    let path = gw.directory.path().join("gateway.yaml");
    let mut config: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    merge(&mut config, changes);
    // As editors and deployments do it: written beside and renamed over.
    let beside = gw.directory.path().join("gateway.yaml.new");
    fs::write(&beside, config.to_string()).unwrap();
    fs::rename(beside, path).unwrap();
}

fn public_route(path: &str) -> Value {
    json!({ "routes": [{ "name": "public", "match": { "path": path }, "upstream": "api", "access": "public" }] })
}

async fn reloaded(gw: &TestGateway) {
    gw.logged("the reload", |line| line["event"] == "config_reloaded").await;
}

#[tokio::test]
async fn a_changed_file_takes_effect_by_itself() {
    let gw = TestGateway::start().await;
    assert_eq!(gw.anonymous().status("/new/x").await, 401);
    rewrite(&gw, &public_route("/new/**"));
    eventually("the new route", async || (gw.anonymous().status("/new/x").await == 200).then_some(())).await;
    assert_eq!(gw.anonymous().status("/public/x").await, 401, "the old one is gone");
    assert_eq!(gw.metric("authgate_config_reload_success").await.to_string(), "1");
}

#[tokio::test]
async fn sighup_loads_at_once_and_changes_nothing_where_nothing_changed() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.process.signal(Signal::SIGHUP);
    reloaded(&gw).await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(alice.post("/api/auth/sign-out").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_invalid_file_keeps_the_old_one_in_force_and_says_why() {
    let gw = TestGateway::start().await;
    let before = gw.metric("authgate_config_reload_timestamp_seconds").await;
    assert!(before > 1e9, "{before}");
    rewrite(&gw, &json!({ "routes": [{ "name": "x", "match": { "path": "/**" }, "upstream": "apii" }] }));
    eventually("the refusal", async || (gw.metric("authgate_config_reload_success").await < 0.5).then_some(())).await;
    gw.logged("all of it", |line| line["message"] == "the configuration in force stays the one before").await;
    let said: Vec<String> = gw.log().iter().filter_map(|line| Some(line["message"].as_str()?.to_owned())).collect();
    assert!(said.iter().any(|line| line.contains("routes[0].upstream: unknown upstream \"apii\"")), "{said:#?}");
    assert!(said.iter().any(|line| line.contains("routes[0].access: missing")), "every mistake: {said:#?}");
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    assert_eq!(gw.anonymous().status("/items").await, 401);
    let failures = |gw: &TestGateway| gw.log().iter().filter(|line| line["event"] == "config_reload_failed").count();
    let once = failures(&gw);
    rewrite(&gw, &public_route("/mended/**"));
    eventually("the mended file", async || (gw.anonymous().status("/mended/x").await == 200).then_some(())).await;
    reloaded(&gw).await;
    assert_eq!(failures(&gw), once, "told once");
    assert_eq!(gw.metric("authgate_config_reload_success").await.to_string(), "1");
    assert!(gw.metric("authgate_config_reload_timestamp_seconds").await >= before);
}

#[tokio::test]
async fn every_reload_is_audited() {
    let gw = TestGateway::start().await;
    rewrite(&gw, &json!({ "routes": [{ "name": "x", "match": { "path": "/**" }, "upstream": "apii" }] }));
    gw.eventually_counts(1, "select count(*) from auth.audit_events").await;
    rewrite(&gw, &public_route("/mended/**"));
    gw.eventually_counts(2, "select count(*) from auth.audit_events").await;
    let mut entries: Vec<Value> = sqlx::query_scalar("select to_jsonb(a) from auth.audit_events a order by id")
        .fetch_all(&mut gw.db.connect().await)
        .await
        .unwrap();
    for (entry, outcome) in entries.iter_mut().zip(["refused", "success"]) {
        assert_eq!((&entry["event"], &entry["outcome"]), (&json!("config_reloaded"), &json!(outcome)));
        let nobody = ["user_id", "actor", "request_id"].map(|key| entry[key].take());
        assert_eq!(nobody, [Value::Null, Value::Null, Value::Null], "a file says nothing of who changed it");
        let file = entry["detail"]["file"].as_str().unwrap();
        assert!(file.ends_with("gateway.yaml"), "{file}");
    }
}

#[tokio::test]
async fn requests_under_way_end_as_they_began() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let held = gw.upstream.hold("/items");
    let client = (*alice).clone();
    let slow = tokio::spawn(async move { client.get("/items").send().await.unwrap() });
    gw.upstream.received("/items").await;
    let elsewhere = Upstream::start().await;
    rewrite(&gw, &json!({ "upstreams": { "api": { "servers": [elsewhere.url()] } } }));
    eventually("the new upstream", async || {
        alice.status("/other").await;
        (!elsewhere.requests().is_empty()).then_some(())
    })
    .await;
    held.add_permits(1);
    let response = slow.await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (200, "held"));
}

#[tokio::test]
async fn a_request_under_way_keeps_no_connections_of_the_old_configuration() {
    // Those of the pool and the one that listens make other statements their last.
    const OF_CHECKS: &str = "select count(*) from pg_stat_activity where datname = current_database() \
                             and application_name = 'authgate' and query like '%transaction_read_only%'";
    let gw = TestGateway::start().await;
    let mut held = Vec::new();
    for round in 0..3 {
        let (path, permits) = (format!("/public/held{round}"), gw.upstream.hold(&format!("/public/held{round}")));
        let (client, asked) = (gw.anonymous(), path.clone());
        held.push((permits, tokio::spawn(async move { client.status(&asked).await })));
        gw.upstream.received(&path).await;
        rewrite(&gw, &json!({ "server": { "trusted_proxies": [format!("192.0.2.{round}")] } }));
        let reloads = || gw.log().iter().filter(|line| line["event"] == "config_reloaded").count();
        eventually("the reload", async || (reloads() == round + 1).then_some(())).await;
    }
    gw.eventually_counts(2, OF_CHECKS).await;
    for (permits, request) in held {
        permits.add_permits(1);
        assert_eq!(request.await.unwrap(), 200);
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_not_shown_as_down() {
    let gw = TestGateway::start().await;
    let up = async || {
        let metrics = gw.metrics().await;
        metrics.lines().filter(|line| line.starts_with("authgate_upstream_server_up")).map(str::to_owned).collect()
    };
    let before: Vec<String> = up().await;
    assert!(before.len() == 1 && before[0].contains(&gw.upstream.url()) && before[0].ends_with(" 1"), "{before:?}");
    let elsewhere = Upstream::start().await;
    rewrite(&gw, &json!({ "upstreams": { "api": { "servers": [elsewhere.url()] } } }));
    reloaded(&gw).await;
    let after: Vec<String> = up().await;
    assert!(after.len() == 1 && after[0].contains(&elsewhere.url()) && after[0].ends_with(" 1"), "{after:?}");
}

#[tokio::test]
async fn secrets_in_files_rotate_without_ending_sessions() {
    let folder = tempfile::TempDir::new().unwrap();
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    fs::write(&old, "old-secret-old-secret-old-secret-old-secret").unwrap();
    fs::write(&new, "new-secret-new-secret-new-secret-new-secret").unwrap();
    let gw = Setup::new(json!({ "secret": { "env": null, "file": old } })).start().await;
    let alice = gw.signed_up_user("alice").await;
    rewrite(&gw, &json!({ "secret": [{ "file": new }, { "file": old }] }));
    reloaded(&gw).await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(alice.get("/api/auth/get-session").send().await.unwrap().status(), 200);
    let bob = gw.signed_up_user("bob").await;
    assert_eq!(bob.status("/items").await, 200, "mail of the new secret is delivered");
}

#[tokio::test]
async fn a_file_that_the_configuration_names_is_watched_too() {
    let folder = tempfile::TempDir::new().unwrap();
    let (first, second) = (Upstream::start().await, Upstream::start().await);
    // A mounted configuration is changed by leading a symbolic link elsewhere.
    for (name, upstream) in [("one", &first), ("two", &second)] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("server"), upstream.url()).unwrap();
    }
    let link = folder.path().join("current");
    std::os::unix::fs::symlink("one", &link).unwrap();
    let server = json!({ "file": link.join("server") });
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": [server] } } })).await;
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    assert_eq!(first.requests().len(), 1);
    std::os::unix::fs::symlink("two", folder.path().join("next")).unwrap();
    fs::rename(folder.path().join("next"), &link).unwrap();
    eventually("the other server", async || {
        gw.anonymous().status("/public/x").await;
        (!second.requests().is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_only_a_restart_changes_is_said() {
    let gw = TestGateway::start().await;
    rewrite(&gw, &json!({ "server": { "threads": 3 }, "routes": public_route("/new/**")["routes"] }));
    eventually("the new route", async || (gw.anonymous().status("/new/x").await == 200).then_some(())).await;
    gw.logged("the hint", |line| line["event"] == "config_needs_restart" && line["key"] == "server.threads").await;
}

#[tokio::test]
async fn another_database_is_asked_nothing_before_the_next_start() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let other = Database::migrated();
    fs::write(gw.directory.path().join("other"), other.url()).unwrap();
    rewrite(&gw, &json!({ "database": { "url": { "env": null, "file": "other" } } }));
    reloaded(&gw).await;
    assert_eq!(alice.status("/items").await, 200, "checked where sessions are ended");
    assert_eq!(alice.post("/api/auth/sign-out").send().await.unwrap().status(), 200);
    assert_eq!(alice.status("/items").await, 401);
}

#[tokio::test]
async fn limits_levels_and_session_settings_are_taken_over() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    rewrite(
        &gw,
        &json!({ "log": { "level": "debug" }, "auth": { "session": { "expires_in": "2h", "refresh_after": "1h" } } }),
    );
    reloaded(&gw).await;
    let alice = gw.sign_in(&email).await;
    let seconds = gw.db.count("select extract(epoch from max(expires_at) - now())::bigint from auth.sessions").await;
    assert!((7100..=7200).contains(&seconds), "{seconds}");
    assert_eq!(alice.status("/items").await, 200);
}
