//! Tests what a key opens at the proxy.

use serde_json::{Value, json};

use super::{code, get, refused, with_key, with_keys};
use crate::harness::{
    Reply, TestGateway,
    client::{AUTH, expect_problem},
    eventually,
};

/// KEY-01, KEY-03, KEY-05: the upstream sees the owner as they are now, and by what they were recognised.
#[tokio::test]
async fn a_key_stands_for_its_owner_as_they_are_now() {
    let gw = TestGateway::with(with_keys()).await;
    let (_, key, id) = with_key(&gw, "alice").await;
    let client = gw.anonymous();
    for bearer in [false, true] {
        let request = client.post("/items");
        let request = if bearer { request.bearer_auth(&key) } else { request.header("X-API-Key", &key) };
        assert_eq!(request.send().await.unwrap().status(), 200, "no cookie travels with it, so no page can send it");
        let seen = gw.upstream.last();
        assert_eq!((seen.field("X-Auth-Method"), seen.field("X-Api-Key-Id")), (Some("api-key"), Some(id.as_str())));
        assert_eq!((seen.field("X-User-Email"), seen.field("X-Session-Id")), (Some("alice@example.com"), None));
        assert_eq!((seen.field("X-API-Key"), seen.field("Authorization")), (None, None), "{bearer}");
        assert!(seen.fields.iter().all(|(_, value)| !value.contains(&key[9..])), "{:?}", seen.fields);
    }
    assert_eq!(refused(&client, "/admin/x", &key).await, code(403, "FORBIDDEN"));
    gw.db.execute("update auth.users set roles = '{admin}', name = 'Alicia'").await;
    assert_eq!(get(&client, "/admin/x", &key).await.status(), 200);
    assert_eq!(
        (gw.upstream.last().field("X-User-Roles"), gw.upstream.last().field("X-User-Name")),
        (Some("admin"), Some("Alicia"))
    );
    gw.db.execute("update auth.users set roles = '{}'").await;
    assert_eq!(refused(&client, "/admin/x", &key).await, code(403, "FORBIDDEN"));
    gw.db.execute("update auth.users set banned_at = now()").await;
    assert_eq!(refused(&client, "/items", &key).await, code(401, "INVALID_API_KEY"));
    gw.db.execute("update auth.users set banned_at = null").await;
    eventually("its use to be written down", async || {
        let used = "select count(*) from auth.api_keys where last_used_at > now() - interval '1 minute'";
        (gw.db.count(used).await == 1).then_some(())
    })
    .await;
    gw.db.execute("delete from auth.users").await;
    assert_eq!(refused(&client, "/items", &key).await, code(401, "INVALID_API_KEY"));
}

/// KEY-03: routes name what a key has to be allowed, and what no key can prove.
#[tokio::test]
async fn scopes_limit_keys_and_not_sessions() {
    let gw = TestGateway::with(with_keys()).await;
    let (alice, key, _) = with_key(&gw, "alice").await;
    let client = gw.anonymous();
    assert_eq!(get(&client, "/reports/1", &key).await.status(), 200);
    let missing = expect_problem(get(&client, "/writes/1", &key).await, 403, "INSUFFICIENT_SCOPE").await;
    assert_eq!(missing.headers["www-authenticate"], r#"Bearer error="insufficient_scope""#);
    assert_eq!(alice.status("/writes/1").await, 200);
    gw.db.execute(r#"update auth.api_keys set permissions = '{"reports": ["write", "read"]}'"#).await;
    assert_eq!(get(&client, "/writes/1", &key).await.status(), 200, "it counts at the next request");
    gw.db.execute("update auth.api_keys set permissions = '{}'").await;
    assert_eq!(refused(&client, "/reports/1", &key).await, code(403, "INSUFFICIENT_SCOPE"));
    assert_eq!(refused(&client, "/proved/1", &key).await, code(403, "API_KEY_NOT_ALLOWED"));
    eventually("the denials to be written down", async || {
        let denied = "select count(distinct outcome) from auth.audit_events
            where event = 'access_denied' and outcome in ('missing_scope', 'api_key_not_allowed')";
        (gw.db.count(denied).await == 2).then_some(())
    })
    .await;
}

/// KEY-04, KEY-05: exactly one credential decides, and a bad one never falls back to another.
#[tokio::test]
async fn a_bad_key_never_falls_back_and_a_key_is_read_only_where_it_counts() {
    let gw = TestGateway::with(with_keys()).await;
    let (alice, key, _) = with_key(&gw, "alice").await;
    let (_, other, _) = with_key(&gw, "bob").await;
    let client = gw.anonymous();
    let mistyped = format!("{}{}", &key[..key.len() - 1], if key.ends_with('0') { '1' } else { '0' });
    let unknown = "ag_00000000000000000000000000000000000000000000000000";
    for bad in [mistyped.as_str(), unknown, "", "nonsense"] {
        assert_eq!(refused(&alice, "/items", bad).await, code(401, "INVALID_API_KEY"), "{bad:?} beside a good cookie");
        assert_eq!(refused(&client, "/optional/x", bad).await, code(401, "INVALID_API_KEY"), "{bad:?}");
        assert_eq!(get(&client, "/public/x", bad).await.status(), 200, "nothing is looked at there");
    }
    assert_eq!(get(&alice, "/items", &other).await.status(), 200);
    assert_eq!(gw.upstream.last().field("X-User-Email"), Some("bob@example.com"), "a key wins over the cookie");
    assert_eq!(refused(&alice.bearer(), "/items", &key).await, code(401, "INVALID_API_KEY"), "two that are explicit");
    let twice = client.get("/items").header("X-API-Key", &key).header("X-API-Key", &other).send().await.unwrap();
    expect_problem(twice, 401, "INVALID_API_KEY").await;
    for (path, query) in [("/items", "api_key"), ("/items", "X-API-Key"), ("/items", "key")] {
        assert_eq!(client.status(&format!("{path}?{query}={key}")).await, 401, "never in the query");
    }
    // `credentials` says where one is read.
    assert_eq!(get(&client, "/header/x", &key).await.status(), 200);
    assert_eq!(client.with_bearer(&key).status("/header/x").await, 401, "Authorization is the app's there");
    assert_eq!(get(&client, "/people/x", &key).await.status(), 401);
    assert_eq!(client.with_bearer(&key).status("/people/x").await, 401);
    // An app's own field of the same name is the app's; a key is the gateway's alone.
    assert_eq!(get(&alice, "/people/x", "app-key").await.status(), 200);
    assert_eq!(gw.upstream.last().field("X-API-Key"), Some("app-key"));
    for path in ["/people/x", "/public/x"] {
        assert_eq!(get(&alice, path, &key).await.status(), 200);
        assert_eq!(gw.upstream.last().field("X-API-Key"), None, "{path}");
    }
}

/// KEY-02, KEY-04: whoever has a key can neither sign in nor change the account nor make others.
#[tokio::test]
async fn a_key_opens_nothing_of_the_account() {
    let gw = TestGateway::with(with_keys()).await;
    let (_, key, id) = with_key(&gw, "alice").await;
    for bearer in [false, true] {
        let send = |request: reqwest::RequestBuilder| {
            let request = if bearer { request.bearer_auth(&key) } else { request.header("X-API-Key", &key) };
            async move { request.send().await.unwrap() }
        };
        let client = gw.anonymous();
        for path in ["/me", "/token", "/list-sessions", "/api-key/list", "/list-accounts"] {
            assert_eq!(send(client.get(&format!("{AUTH}{path}"))).await.status(), 401, "{path}");
        }
        let session = send(client.get(&format!("{AUTH}/get-session"))).await;
        assert_eq!(session.json::<Value>().await.unwrap(), Value::Null);
        for (path, body) in [
            ("/api-key/create", json!({})),
            ("/api-key/update", json!({ "keyId": id, "enabled": false })),
            ("/api-key/delete", json!({ "keyId": id })),
            ("/change-password", json!({ "currentPassword": "x", "newPassword": "y" })),
            ("/update-user", json!({ "name": "x" })),
            ("/two-factor/enable", json!({ "password": "x" })),
            ("/revoke-sessions", json!({})),
        ] {
            assert_eq!(send(client.post(&format!("{AUTH}{path}")).json(&body)).await.status(), 401, "{path}");
        }
    }
    let verify =
        async |body: Value| -> Value { gw.anonymous().auth("/api-key/verify", &body).await.json().await.unwrap() };
    let good = verify(json!({ "key": key, "permissions": { "reports": ["read"] } })).await;
    assert_eq!((&good["valid"], &good["error"], &good["key"]["id"]), (&json!(true), &json!(null), &json!(id)));
    assert!(good["key"].get("key").is_none(), "{good}");
    let lacks = verify(json!({ "key": key, "permissions": { "reports": ["write"] } })).await;
    assert_eq!(
        (&lacks["valid"], &lacks["error"]["code"], &lacks["key"]),
        (&json!(false), &json!("KEY_NOT_FOUND"), &json!(null))
    );
    assert_eq!(verify(json!({ "key": "x" })).await["error"]["code"], "INVALID_API_KEY");
    gw.db.execute("update auth.api_keys set enabled = false").await;
    assert_eq!(verify(json!({ "key": key })).await["error"]["code"], "KEY_DISABLED");
}

/// KEY-05: a connection that outlives the check of its key ends with the key, on every replica.
#[tokio::test]
async fn what_is_open_ends_with_the_key() {
    let gw = TestGateway::with(with_keys()).await;
    let replica = gw.replica_with(with_keys()).await;
    replica.upstream.reply("/ws/echo", Reply::WebSocket);
    for (how, ending) in [
        ("disabled", "update auth.api_keys set enabled = false"),
        ("expired", "update auth.api_keys set expires_at = now()"),
        ("banned", "update auth.users set banned_at = now()"),
        ("deleted", "delete from auth.api_keys"),
    ] {
        let (_, key, _) = with_key(&gw, how).await;
        let mut socket = replica.websocket("/ws/echo", &[("X-API-Key", &key)]).await.expect("the key is good");
        assert!(socket.text().await.is_some(), "{how}");
        gw.db.execute(ending).await;
        tokio::time::timeout(std::time::Duration::from_secs(10), socket.closed()).await.expect(how);
    }
}

/// A remembered session check has nothing to say of keys.
#[tokio::test]
async fn keys_are_never_remembered() {
    let mut settings = with_keys();
    settings["auth"]["session"] = json!({ "check": { "mode": "cached", "max_staleness": "5s" } });
    let gw = TestGateway::with(settings).await;
    let (_, key, _) = with_key(&gw, "alice").await;
    for _ in 0..5 {
        assert_eq!(get(&gw.anonymous(), "/items", &key).await.status(), 200);
    }
    // Without a trigger nobody is told.
    gw.db.execute("alter table auth.api_keys disable trigger user").await;
    gw.db.execute("update auth.api_keys set enabled = false").await;
    assert_eq!(refused(&gw.anonymous(), "/items", &key).await, code(401, "KEY_DISABLED"));
}

/// KEY-02: a proxy in front that asks about a request with a key is told the same as the upstream would be.
#[tokio::test]
async fn a_proxy_in_front_is_told_of_keys_alike() {
    let mut settings = with_keys();
    settings["server"] = json!({ "trusted_proxies": ["127.0.0.1"] });
    let gw = TestGateway::with(settings).await;
    let (alice, key, id) = with_key(&gw, "alice").await;
    let ask = async |target: &str, key: &str| {
        let asked = gw.anonymous().get("/api/auth/forward-auth").header("X-API-Key", key);
        let asked = asked.header("X-Forwarded-Method", "GET").header("X-Forwarded-Uri", target);
        let asked = asked.header("X-Forwarded-Host", gw.host()).header("X-Forwarded-Proto", "http");
        asked.header("X-Api-Key-Id", "evil").send().await.unwrap()
    };
    let told = ask("/reports/1", &key).await;
    assert_eq!(told.status(), 200);
    let value = |name: &str| told.headers()[name].to_str().unwrap().to_owned();
    let names = ["x-user-id", "x-auth-method", "x-api-key-id", "x-session-id"].map(value);
    assert_eq!(names, [alice.id.as_str(), "api-key", id.as_str(), ""]);
    for (target, key, status, code) in [
        ("/writes/1", key.as_str(), 403, "INSUFFICIENT_SCOPE"),
        ("/proved/1", key.as_str(), 403, "API_KEY_NOT_ALLOWED"),
        ("/items", "ag_none", 401, "INVALID_API_KEY"),
    ] {
        expect_problem(ask(target, key).await, status, code).await;
    }
    // The use of a key is counted as at the proxy itself.
    gw.db.execute("update auth.api_keys set remaining = 1, quota_revision = quota_revision + 1").await;
    assert_eq!(ask("/items", &key).await.status(), 200);
    assert_eq!(ask("/items", &key).await.status(), 403);
}
