//! API keys made, seen and revoked by an operator.

use serde_json::json;

use crate::harness::TestGateway;

/// KEY-03, KEY-06: what a key may and how often is said on the command line.
#[tokio::test]
async fn keys_are_made_listed_and_revoked() {
    let gw = TestGateway::with(json!({ "auth": { "api_keys": { "enabled": true } } })).await;
    let alice = gw.insert_user("alice", &[]).await;
    let made = gw.cli_json(&[
        "keys",
        "create",
        "alice@example.com",
        "--name",
        "ci",
        "--scope",
        "reports:read",
        "--scope",
        "reports:write",
        "--remaining",
        "2",
        "--refill",
        "5",
        "--refill-every",
        "1d",
        "--rate-limit",
        "3",
        "--rate-window",
        "1m",
        "--prefix",
        "acme_",
        "--expires-in",
        "90d",
    ]);
    let key = made["key"].as_str().unwrap();
    let id = made["apiKey"]["id"].as_str().unwrap();
    assert!(key.starts_with("acme_") && made["userId"] == alice.id.as_str(), "{made}");
    assert_eq!(made["apiKey"]["scopes"], json!(["reports:read", "reports:write"]));
    assert_eq!((&made["apiKey"]["remaining"], &made["apiKey"]["refillInterval"]), (&json!(2), &json!(86_400_000)));
    let statuses: Vec<u16> = {
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses
                .push(gw.anonymous().get("/items").header("X-API-Key", key).send().await.unwrap().status().as_u16());
        }
        statuses
    };
    assert_eq!(statuses, [200, 200, 429]);

    let listed = gw.cli(&["keys", "list", &alice.id, "--json"]);
    assert!(!listed.stdout.contains(key) && listed.stdout.contains(id), "{listed:?}");
    let table = gw.cli(&["keys", "list", "alice@example.com"]);
    assert!(table.stdout.starts_with("ID ") && table.stdout.contains("reports:read,reports:write"), "{table:?}");
    assert_eq!(
        gw.cli_json(&["keys", "revoke", id]),
        json!({ "userId": alice.id, "organizationId": null, "keysRevoked": 1 })
    );
    assert_eq!(gw.anonymous().get("/items").header("X-API-Key", key).send().await.unwrap().status(), 401);
    gw.cli(&["keys", "revoke", id]).assert_refused(1, "there is no such API key");
    for _ in 0..2 {
        gw.cli_json(&["keys", "create", &alice.id, "--no-rate-limit"]);
    }
    assert_eq!(
        gw.cli_json(&["keys", "revoke", "--user", &alice.id]),
        json!({ "userId": alice.id, "organizationId": null, "keysRevoked": 2 })
    );
    gw.cli(&["keys", "create", &alice.id, "--scope", "reports"]).assert_refused(2, "resource:action");
    gw.cli(&["keys", "create", "nobody@example.com"]).assert_refused(1, "there is no such user");
    let events = "select count(*) from auth.audit_events where actor like 'cli:%' and event like 'api_key_%'";
    assert_eq!(gw.db.count(events).await, 5);
}

/// KEY-07: those of an organization are made, seen and revoked alike.
#[tokio::test]
async fn keys_of_organizations_are_made_listed_and_revoked() {
    let settings = json!({ "auth": { "api_keys": { "enabled": true }, "organizations": { "enabled": true } } });
    let gw = TestGateway::with(settings).await;
    gw.insert_user("ada", &[]).await;
    let made = gw.cli_json(&["organizations", "create", "acme", "--name", "Acme", "--owner", "ada@example.com"]);
    let acme = &made["organization"]["id"];
    let create = ["keys", "create", "--organization", "acme", "--name", "sync", "--scope", "reports:read"];
    let made = gw.cli_json(&create);
    assert_eq!((&made["userId"], &made["organizationId"]), (&json!(null), acme));
    let (key, id) = (made["key"].as_str().unwrap(), made["apiKey"]["id"].as_str().unwrap());
    let get = async || gw.anonymous().get("/items").header("X-API-Key", key).send().await.unwrap().status();
    assert_eq!(get().await, 200);
    let listed = gw.cli_json(&["keys", "list", "--organization", acme.as_str().unwrap()]);
    assert_eq!((&listed["organizationId"], &listed["keys"][0]["id"]), (acme, &json!(id)));
    assert_eq!(gw.cli_json(&["keys", "list", "ada@example.com"])["keys"], json!([]));
    let revoked = json!({ "userId": null, "organizationId": acme, "keysRevoked": 1 });
    assert_eq!(gw.cli_json(&["keys", "revoke", id]), revoked);
    assert_eq!(get().await, 401);
    gw.cli_json(&create);
    assert_eq!(gw.cli_json(&["keys", "revoke", "--organization", "acme"]), revoked);
    gw.cli(&["keys", "list", "--organization", "nobody"]).assert_refused(1, "there is no such organization");
    gw.cli(&["keys", "list", "ada@example.com", "--organization", "acme"]).assert_refused(2, "cannot be used with");
    let events = "select count(*) from auth.audit_events where actor like 'cli:%' and event like 'api_key_%'
        and detail ? 'organization' and user_id is null";
    assert_eq!(gw.db.count(events).await, 4);
    let routes =
        json!({ "routes": [{ "name": "app", "match": { "path": "/**" }, "upstream": "api", "access": "required" }] });
    let without =
        gw.replica_with(json!({ "auth": { "api_keys": { "enabled": true } }, "routes": routes["routes"] })).await;
    without.cli(&create).assert_refused(2, "auth.organizations.enabled");
}
