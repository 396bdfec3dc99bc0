//! What a page needs to come back later, and what needs no word about origins at all.

use serde_json::json;

use super::{FRONTEND, assert_readable};
use crate::harness::{
    Database, Reply, Setup,
    chaos::{ChaosProxy, Wire},
    client::{AUTH, expect_problem},
};

#[tokio::test]
async fn a_page_can_read_when_to_come_back() {
    let database = Database::migrated();
    let target = url::Url::parse(&database.url()).unwrap();
    let wire = ChaosProxy::start(([127, 0, 0, 1], target.port().unwrap()).into()).await;
    let limits = json!({ "sign_in": { "limit": 1, "window": "15m" } });
    let changes = json!({ "auth": { "trusted_origins": [FRONTEND], "rate_limits": limits } });
    let url = database.url_through(wire.address.port());
    let gw = Setup::new(changes).database(database).database_url(url).start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let sign_in = || {
        let body = json!({ "email": "nobody@example.com", "password": "violet tractor ninety seven" });
        let request = gw.anonymous().request(http::Method::POST, &format!("{AUTH}/sign-in/email"));
        request.header("Origin", FRONTEND).json(&body).send()
    };
    assert_eq!(sign_in().await.unwrap().status(), 401);
    let response = sign_in().await.unwrap();
    assert_readable(&response, FRONTEND, "one attempt too many");
    let problem = expect_problem(response, 429, "TOO_MANY_REQUESTS").await;
    assert!(problem.headers.contains_key("retry-after") && problem.headers.contains_key("x-retry-after"));

    wire.set(Wire::Silent);
    for path in ["/items", &format!("{AUTH}/get-session")] {
        let response = alice.get(path).header("Origin", FRONTEND).send().await.unwrap();
        assert_readable(&response, FRONTEND, path);
        let problem = expect_problem(response, 503, "SERVICE_UNAVAILABLE").await;
        assert!(problem.headers.contains_key("retry-after"), "{path}");
    }
}

/// Browsers ask nobody before they open one: its origin is looked at instead.
#[tokio::test]
async fn the_answer_to_a_websocket_says_nothing_of_it() {
    let gw = super::gateway().await;
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let lines = format!(
        "Cookie: {}={}\r\nOrigin: {FRONTEND}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        gw.cookie_name(),
        alice.token
    );
    let mut raw = gw.raw().await;
    let answer = raw.send(gw.get_bytes("/ws/echo", &lines)).await.head_response().await.unwrap();
    assert_eq!(answer.status, 101);
    for (name, _) in &answer.fields {
        let name = name.to_lowercase();
        assert!(!name.starts_with("access-control-") && name != "vary", "{name}");
    }
}
