//! What is open follows its route's rule: roles that are taken away, configurations that take over (WS-06).

use serde_json::{Value, json};

use super::{PATIENCE, assert_closed, assert_open};
use crate::{
    harness::{TestGateway, User, client::expect_problem, eventually, websocket::Socket},
    operations::reload::rewrite,
};

fn route(name: &str, path: &str, changes: &Value) -> Value {
    let mut route = json!({
        "name": name, "match": { "path": path }, "upstream": "api", "access": "required", "websocket": true,
    });
    crate::harness::gateway::merge(&mut route, changes);
    route
}

/// A role route, and others that ask for less.
fn routes(changed: &[Value]) -> Value {
    let mut routes = changed.to_vec();
    let others = [
        route("ops", "/ops/**", &json!({ "roles": ["ops", "admin"] })),
        route("open", "/open/**", &json!({ "access": "public" })),
        route("visitors", "/visitors/**", &json!({ "access": "optional" })),
        route("app", "/**", &json!({})),
    ];
    let is_changed = |other: &Value| changed.iter().any(|route| route["match"]["path"] == other["match"]["path"]);
    routes.extend(others.into_iter().filter(|other| !is_changed(other)));
    json!({ "routes": routes })
}

async fn open(gw: &TestGateway, path: &str, user: Option<&User>) -> Socket {
    gw.upstream.reply(path, crate::harness::Reply::WebSocket);
    let bearer = user.map(|user| format!("Bearer {}", user.token)).unwrap_or_default();
    let mut fields = vec![("Origin", gw.origin())];
    if user.is_some() {
        fields.push(("Authorization", bearer.as_str()));
    }
    let mut socket = gw.websocket(path, &fields).await.unwrap();
    assert!(socket.text().await.is_some(), "the greeting");
    socket
}

async fn reloaded(gw: &TestGateway, changes: &Value) {
    let before = gw.log().iter().filter(|line| line["event"] == "config_reloaded").count();
    rewrite(gw, changes);
    eventually("the reload", async || {
        let now = gw.log().iter().filter(|line| line["event"] == "config_reloaded").count();
        (now > before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_open_outlasts_the_age_of_its_proof_and_no_second_factor_that_is_missing() {
    let strict = route("strict", "/strict/**", &json!({ "require": { "max_age": "10m" } }));
    let mut config = routes(&[strict]);
    config["auth"] = json!({ "two_factor": { "required_for_roles": ["ops"] } });
    let gw = TestGateway::with(config).await;
    let (alice, bob) = (gw.insert_user("alice", &[]).await, gw.insert_user("bob", &[]).await);
    gw.db.execute("update auth.sessions set proved_at = now() - interval '590 seconds'").await;
    let mut recent = open(&gw, "/strict/ws", Some(&alice)).await;
    let administered = open(&gw, "/ws", Some(&bob)).await;
    gw.db.execute("update auth.users set roles = '{ops}' where name = 'bob'").await;
    assert_closed(administered, "a role that needs a second factor").await;
    eventually("the proof is ten minutes old", async || (alice.status("/strict/x").await == 403).then_some(())).await;
    let refused = alice.get("/strict/ws").send().await.unwrap();
    expect_problem(refused, 403, "REAUTHENTICATION_REQUIRED").await;
    // The change of the user has the rule asked again, as every change has.
    gw.db.execute("update auth.users set name = 'Alicia' where name = 'alice'").await;
    gw.db.execute("update auth.users set roles = '{other}' where name = 'bob'").await;
    let mut later = open(&gw, "/ws", Some(&bob)).await;
    assert_open(&mut later).await;
    assert_open(&mut recent).await;
}

#[tokio::test]
async fn a_role_that_is_taken_away_takes_its_sockets_along_on_every_replica() {
    let gw = TestGateway::with(routes(&[])).await;
    let replica = gw.replica_with(routes(&[])).await;
    let alice = gw.insert_user("alice", &["ops", "other"]).await;
    let bob = gw.insert_user("bob", &["ops"]).await;
    let here = open(&gw, "/ops/ws", Some(&alice)).await;
    let there = open(&replica, "/ops/ws", Some(&alice)).await;
    let mut others = [
        open(&gw, "/ws", Some(&alice)).await,
        open(&gw, "/visitors/ws", Some(&alice)).await,
        open(&gw, "/ops/ws", Some(&bob)).await,
        open(&replica, "/ops/ws", Some(&bob)).await,
    ];
    // Another of the route's roles keeps it open.
    gw.db.execute("update auth.users set roles = '{admin}' where name = 'alice'").await;
    gw.db.execute("update auth.users set roles = '{other}' where name = 'alice'").await;
    assert_closed(here, "the role is gone").await;
    assert_closed(there, "the role is gone, on another replica").await;
    for other in &mut others {
        assert_open(other).await;
    }
    let line = gw.logged("the cut", |line| line["error"] == "ACCESS_ENDED").await;
    assert_eq!((&line["path"], &line["status"], &line["route.name"]), (&json!("/ops/ws"), &json!(101), &json!("ops")));
    assert_eq!(gw.metric("authgate_connections_ended_total{kind=\"websocket\"}").await.to_string(), "1");
}

#[tokio::test]
async fn what_changes_no_rule_closes_nothing() {
    let gw = TestGateway::with(routes(&[])).await;
    let alice = gw.insert_user("alice", &["ops"]).await;
    let mut sockets = [
        open(&gw, "/ops/ws", Some(&alice)).await,
        open(&gw, "/open/ws", None).await,
        open(&gw, "/visitors/ws", None).await,
    ];
    gw.db.execute("update auth.users set roles = '{admin}', name = 'Alice'").await;
    reloaded(&gw, &routes(&[route("new", "/new/**", &json!({ "roles": ["nobody"] }))])).await;
    let closed = open(&gw, "/ops/closed", Some(&alice)).await;
    for socket in &mut sockets {
        assert_open(socket).await;
    }
    // What comes after all that is seen, so it was looked at.
    gw.db.execute("update auth.users set roles = '{}'").await;
    assert_closed(closed, "a role that is gone").await;
    for socket in &mut sockets[1..] {
        assert_open(socket).await;
    }
}

#[tokio::test]
async fn streams_and_downloads_of_a_role_route_end_with_the_role() {
    let gw = TestGateway::with(routes(&[])).await;
    let alice = gw.insert_user("alice", &["ops"]).await;
    let events = gw.upstream.stream("/ops/events", "text/event-stream");
    let mut stream = alice.get("/ops/events").send().await.unwrap();
    events.send(b"data: 1\n\n".to_vec()).unwrap();
    assert!(stream.chunk().await.unwrap().is_some());
    gw.upstream.reply("/ops/download", crate::harness::Reply::Bytes(10_000_000_000));
    let mut download = alice.get("/ops/download").send().await.unwrap();
    assert!(download.chunk().await.unwrap().is_some());
    gw.db.execute("update auth.users set roles = '{other}'").await;
    let ended = tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("the stream ends");
    assert!(ended.is_err(), "cut, and not passed off as complete");
    let rest = async { while let Ok(Some(_)) = download.chunk().await {} };
    tokio::time::timeout(PATIENCE, rest).await.expect("the download ends");
}

#[tokio::test]
async fn a_reload_that_asks_for_more_closes_what_does_not_have_it() {
    for (what, path, is_signed_in, change) in [
        ("a role", "/ws/x", true, routes(&[route("ws", "/ws/**", &json!({ "roles": ["ops"] }))])),
        ("a session, of a visitor", "/visitors/ws", false, routes(&[route("v", "/visitors/**", &json!({}))])),
        ("a session, on a public route", "/open/ws", false, routes(&[route("o", "/open/**", &json!({}))])),
        ("no WebSockets", "/ws/x", true, routes(&[route("ws", "/ws/**", &json!({ "websocket": false }))])),
        ("a route", "/ws/x", true, json!({ "routes": [route("ops", "/ops/**", &json!({ "roles": ["ops"] }))] })),
    ] {
        let gw = TestGateway::with(routes(&[])).await;
        let alice = gw.insert_user("alice", &[]).await;
        let admin = gw.insert_user("admin", &["ops"]).await;
        let closed = open(&gw, path, is_signed_in.then_some(&alice)).await;
        let mut kept = open(&gw, "/ops/ws", Some(&admin)).await;
        reloaded(&gw, &change).await;
        assert_closed(closed, what).await;
        assert_open(&mut kept).await;
    }
}

#[tokio::test]
async fn a_public_stream_ends_when_a_reload_makes_its_route_a_protected_one() {
    let gw = TestGateway::with(routes(&[])).await;
    let (first, second) = ("/open/events", "/visitors/events");
    let feeds = [first, second].map(|path| gw.upstream.stream(path, "text/event-stream"));
    let mut streams =
        [gw.anonymous().get(first).send().await.unwrap(), gw.anonymous().get(second).send().await.unwrap()];
    for (feed, stream) in feeds.iter().zip(&mut streams) {
        feed.send(b"data: 1\n\n".to_vec()).unwrap();
        assert!(stream.chunk().await.unwrap().is_some());
    }
    reloaded(&gw, &routes(&[route("o", "/open/**", &json!({}))])).await;
    let [ended, going_on] = &mut streams;
    let end = tokio::time::timeout(PATIENCE, ended.chunk()).await.expect("the stream ends");
    assert!(end.is_err(), "cut, and not passed off as complete");
    feeds[1].send(b"data: 2\n\n".to_vec()).unwrap();
    assert_eq!(going_on.chunk().await.unwrap().unwrap(), "data: 2\n\n");
}
