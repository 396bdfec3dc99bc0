//! API keys: made by people, presented by programs, counted over replicas.

mod manage;
mod organizations;
mod presented;
mod quotas;

use serde_json::{Value, json};

use crate::harness::{Client, TestGateway, User, client::AUTH};

/// Routes with and without scopes and proofs, for a gateway with keys.
fn with_keys() -> Value {
    let route = |name: &str, path: &str, more: Value| {
        let mut route = json!({ "name": name, "match": { "path": path }, "upstream": "api", "access": "required" });
        crate::harness::merge(&mut route, &more);
        route
    };
    json!({
        "auth": { "api_keys": { "enabled": true, "permissions": ["reports:read"] } },
        "routes": [
            route("public", "/public/**", json!({ "access": "public" })),
            route("optional", "/optional/**", json!({ "access": "optional" })),
            route("admin", "/admin/**", json!({ "roles": ["admin"] })),
            route("reports", "/reports/**", json!({ "scopes": ["reports:read"] })),
            route("writes", "/writes/**", json!({ "scopes": ["reports:read", "reports:write"] })),
            route("proved", "/proved/**", json!({ "require": { "two_factor": true } })),
            route("header", "/header/**", json!({ "credentials": ["cookie", "api_key"] })),
            route("people", "/people/**", json!({ "credentials": ["cookie", "bearer"] })),
            route("events", "/ws/**", json!({ "websocket": true })),
            route("app", "/**", json!({})),
        ],
    })
}

/// Makes a key; the response as it is.
async fn create(user: &User, body: Value) -> Value {
    let response = user.auth("/api-key/create", &body).await;
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// Returns somebody with a key of theirs: its text and its id.
async fn with_key(gw: &TestGateway, name: &str) -> (User, String, String) {
    let user = gw.insert_user(name, &[]).await;
    let made = create(&user, json!({ "name": "ci" })).await;
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    (user, text("key"), text("id"))
}

/// Sends a key in its header.
async fn get(client: &Client, path: &str, key: &str) -> reqwest::Response {
    client.get(path).header("X-API-Key", key).send().await.unwrap()
}

/// Returns the status and the code of a request with a key.
async fn refused(client: &Client, path: &str, key: &str) -> (u16, String) {
    let problem = crate::harness::problem(get(client, path, key).await).await;
    (problem.status, problem.code)
}

fn code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn list(user: &User) -> Value {
    user.get(&format!("{AUTH}/api-key/list")).send().await.unwrap().json().await.unwrap()
}
