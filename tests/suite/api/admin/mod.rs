//! Administration over the auth API: who may do what, and what nobody may.

mod audit_events;
mod impersonation;
mod outbox;
mod overview;
mod permissions;
mod power;
mod users;

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{Client, TestGateway, client::AUTH};

/// A gateway with administrators: `admin` may do everything, `support` little.
async fn gateway() -> TestGateway {
    gateway_with(json!({})).await
}

/// The same with further settings of `auth`.
async fn gateway_with(more: Value) -> TestGateway {
    let admin = json!({
        "enabled": true,
        "roles": {
            "admin": ["user:*", "session:*", "audit:*", "organization:*", "mail:*", "health:*"],
            "support": ["user:list", "user:get", "user:ban", "user:set-role", "user:impersonate"],
        },
        "impersonation": { "enabled": true },
        "set_passwords": true,
    });
    let mut auth = json!({ "admin": admin });
    crate::harness::gateway::merge(&mut auth, &more);
    TestGateway::with(json!({ "auth": auth })).await
}

/// Calls an endpoint below `/admin`.
async fn call(client: &Client, endpoint: &str, body: Value) -> Response {
    client.auth(&format!("/admin/{endpoint}"), &body).await
}

/// The body of a call that succeeds.
async fn ok(client: &Client, endpoint: &str, body: Value) -> Value {
    expect_ok(call(client, endpoint, body).await).await
}

/// The body of a page that is read.
async fn read(client: &Client, target: &str) -> Value {
    expect_ok(get(client, target).await).await
}

async fn get(client: &Client, target: &str) -> Response {
    client.get(&format!("{AUTH}/admin/{target}")).send().await.unwrap()
}

async fn expect_ok(response: Response) -> Value {
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}
