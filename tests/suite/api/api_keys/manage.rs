//! Making, showing, changing and deleting keys.

use serde_json::{Value, json};

use super::{code, create, get, list, refused, with_key, with_keys};
use crate::harness::{
    TestGateway,
    client::{AUTH, assert_date, expect_problem},
};

/// KEY-01, KEY-06: the key is told once and is nowhere in the database.
#[tokio::test]
async fn a_key_is_shown_once_and_stored_as_a_hash() {
    let gw = TestGateway::with(with_keys()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let made =
        create(&alice, json!({ "name": "  ci ", "prefix": "acme_", "expiresIn": 86400, "metadata": { "a": 1 } })).await;
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("acme_") && key.len() == 5 + 43 + 6, "{key}");
    assert_eq!((&made["name"], &made["start"]), (&json!("ci"), &json!(&key[..11])));
    assert_eq!((&made["referenceId"], &made["enabled"]), (&json!(alice.id), &json!(true)));
    assert_eq!((&made["permissions"], &made["metadata"]), (&json!({ "reports": ["read"] }), &json!({ "a": 1 })));
    assert_eq!((&made["rateLimitMax"], &made["rateLimitTimeWindow"]), (&json!(1000), &json!(60_000)));
    assert_eq!(
        (&made["remaining"], &made["requestCount"], &made["lastRequest"]),
        (&json!(null), &json!(0), &json!(null))
    );
    for date in ["createdAt", "updatedAt", "expiresAt"] {
        assert_date(&made[date]);
    }

    let listed = list(&alice).await;
    assert_eq!((&listed["total"], &listed["apiKeys"][0]["id"]), (&json!(1), &made["id"]));
    let one = alice.get(&format!("{AUTH}/api-key/get?id={}", made["id"].as_str().unwrap())).send().await.unwrap();
    let one: Value = one.json().await.unwrap();
    assert_eq!(one["start"], made["start"]);
    for shown in [&listed["apiKeys"][0], &one] {
        assert!(shown.get("key").is_none() && !shown.to_string().contains(&key[11..]), "{shown}");
    }
    let stored: (Vec<u8>, String) =
        sqlx::query_as("select key_hash, k::text from auth.api_keys k where key_hash = sha256($1)")
            .bind(key.as_bytes())
            .fetch_one(&mut gw.db.connect().await)
            .await
            .unwrap();
    assert!(!stored.1.contains(&key[11..]), "{}", stored.1);
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'api_key_created'").await, 1);
}

/// KEY-02: what a key may and how often is not its owner's to say, nor whose it is.
#[tokio::test]
async fn a_client_sets_nothing_that_is_the_operators() {
    let gw = TestGateway::with(with_keys()).await;
    let (alice, _, id) = with_key(&gw, "alice").await;
    let bob = gw.insert_user("bob", &[]).await;
    for (field, value) in [
        ("permissions", json!({ "reports": ["write"] })),
        ("remaining", json!(5)),
        ("refillAmount", json!(5)),
        ("refillInterval", json!(5)),
        ("rateLimitEnabled", json!(false)),
        ("rateLimitMax", json!(1_000_000)),
        ("rateLimitTimeWindow", json!(1)),
    ] {
        let new = alice.auth("/api-key/create", &json!({ field: value })).await;
        expect_problem(new, 400, "SERVER_ONLY_PROPERTY").await;
        let change = alice.auth("/api-key/update", &json!({ "keyId": id, "name": "x", field: value })).await;
        expect_problem(change, 400, "SERVER_ONLY_PROPERTY").await;
    }
    for (path, body) in [
        ("/api-key/create", json!({ "userId": bob.id })),
        ("/api-key/create", json!({ "userId": alice.id })),
        ("/api-key/update", json!({ "keyId": id, "userId": bob.id, "name": "x" })),
    ] {
        expect_problem(alice.auth(path, &body).await, 401, "UNAUTHORIZED_SESSION").await;
        expect_problem(gw.anonymous().auth(path, &body).await, 401, "UNAUTHORIZED").await;
    }
    for (body, expected) in [
        (json!({ "expiresIn": 60 }), "EXPIRES_IN_IS_TOO_SMALL"),
        (json!({ "expiresIn": 366 * 86400 }), "EXPIRES_IN_IS_TOO_LARGE"),
        (json!({ "name": "" }), "INVALID_NAME_LENGTH"),
        (json!({ "name": "x".repeat(33) }), "INVALID_NAME_LENGTH"),
        (json!({ "prefix": "x".repeat(33) }), "INVALID_PREFIX_LENGTH"),
        (json!({ "prefix": "a b" }), "VALIDATION_ERROR"),
        (json!({ "metadata": "text" }), "INVALID_METADATA_TYPE"),
        (json!({ "metadata": { "a": "x".repeat(3000) } }), "VALIDATION_ERROR"),
        (json!({ "metadata": { "a": "\u{0}" } }), "VALIDATION_ERROR"),
        (json!({ "organizationId": "o" }), "ORGANIZATION_PLUGIN_REQUIRED"),
    ] {
        expect_problem(alice.auth("/api-key/create", &body).await, 400, expected).await;
    }
    expect_problem(alice.auth("/api-key/update", &json!({ "keyId": id })).await, 400, "NO_VALUES_TO_UPDATE").await;
    gw.db.execute("update auth.sessions set created_at = now() - interval '11 minutes'").await;
    expect_problem(alice.auth("/api-key/create", &json!({})).await, 403, "SESSION_NOT_FRESH").await;
}

#[tokio::test]
async fn others_keys_are_nobodys_business_and_nobody_has_more_than_they_may() {
    let mut settings = with_keys();
    settings["auth"]["api_keys"]["max_per_user"] = json!(2);
    let gw = TestGateway::with(settings).await;
    let (alice, key, id) = with_key(&gw, "alice").await;
    let eve = gw.insert_user("eve", &[]).await;
    for id in [id.as_str(), "key_0190b3c57a3b7c008000000000000000", "no id"] {
        let get = eve.get(&format!("{AUTH}/api-key/get")).query(&[("id", id)]).send().await.unwrap();
        expect_problem(get, 404, "KEY_NOT_FOUND").await;
        let update = eve.auth("/api-key/update", &json!({ "keyId": id, "enabled": false })).await;
        expect_problem(update, 404, "KEY_NOT_FOUND").await;
        expect_problem(eve.auth("/api-key/delete", &json!({ "keyId": id })).await, 404, "KEY_NOT_FOUND").await;
    }
    assert_eq!(list(&eve).await, json!({ "apiKeys": [], "total": 0 }));

    // Many at once find each other.
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let alice = alice.clone();
        tasks.spawn(async move { alice.auth("/api-key/create", &json!({})).await.status().as_u16() });
    }
    let made = tasks.join_all().await.into_iter().filter(|status| *status == 200).count();
    assert_eq!(made, 1, "one is there already");
    expect_problem(alice.auth("/api-key/create", &json!({})).await, 400, "TOO_MANY_API_KEYS").await;
    let page =
        alice.get(&format!("{AUTH}/api-key/list?limit=1&sortBy=createdAt&sortDirection=desc")).send().await.unwrap();
    let page: Value = page.json().await.unwrap();
    assert_eq!((&page["total"], &page["limit"], page["apiKeys"].as_array().unwrap().len()), (&json!(2), &json!(1), 1));
    assert_ne!(page["apiKeys"][0]["id"], id.as_str());

    let client = gw.anonymous();
    let change = json!({ "keyId": id, "name": "night", "enabled": false, "metadata": null });
    let changed: Value = alice.auth("/api-key/update", &change).await.json().await.unwrap();
    assert_eq!((&changed["name"], &changed["enabled"]), (&json!("night"), &json!(false)));
    assert_eq!(refused(&client, "/items", &key).await, code(401, "KEY_DISABLED"));
    assert_eq!(alice.auth("/api-key/update", &json!({ "keyId": id, "enabled": true })).await.status(), 200);
    assert_eq!(get(&client, "/items", &key).await.status(), 200);
    gw.db.execute("update auth.api_keys set expires_at = now()").await;
    assert_eq!(refused(&client, "/items", &key).await, code(401, "KEY_EXPIRED"));
    let lasts = alice.auth("/api-key/update", &json!({ "keyId": id, "expiresIn": null })).await;
    assert_eq!(lasts.json::<Value>().await.unwrap()["expiresAt"], json!(null));
    assert_eq!(get(&client, "/items", &key).await.status(), 200);
    let deleted: Value = alice.auth("/api-key/delete", &json!({ "keyId": id })).await.json().await.unwrap();
    assert_eq!(deleted, json!({ "success": true }));
    assert_eq!(refused(&client, "/items", &key).await, code(401, "INVALID_API_KEY"));
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'api_key_deleted'").await, 1);
}
