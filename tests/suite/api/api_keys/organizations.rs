//! Keys that belong to organizations: who deals with them, and what they open.

use serde_json::{Value, json};

use super::{code, create, get, list, refused, with_key, with_keys};
use crate::harness::{
    Reply, TestGateway, User,
    client::{AUTH, claims, expect_problem},
    eventually, merge,
};

fn settings() -> Value {
    let mut settings = with_keys();
    let managers = json!({
        "name": "managers", "match": { "path": "/manage/**" }, "upstream": "api", "access": "required",
        "organization_roles": ["owner", "admin", "member"],
    });
    settings["routes"].as_array_mut().unwrap().insert(0, managers);
    merge(&mut settings, &json!({ "auth": { "organizations": { "enabled": true } } }));
    settings
}

async fn founded(owner: &User, slug: &str) -> String {
    let made: Value =
        owner.auth("/organization/create", &json!({ "name": "A", "slug": slug })).await.json().await.unwrap();
    made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// Puts somebody into an organization, as an operator does.
fn joined(gw: &TestGateway, organization: &str, user: &User, role: &str) {
    gw.cli_json(&["organizations", "add-member", organization, &user.email, "--role", role]);
}

async fn listed(user: &User, organization: &str) -> reqwest::Response {
    user.get(&format!("{AUTH}/api-key/list?organizationId={organization}")).send().await.unwrap()
}

async fn ids(user: &User, organization: &str) -> Vec<Value> {
    let listed: Value = listed(user, organization).await.json().await.unwrap();
    let keys = listed["apiKeys"].as_array().unwrap_or_else(|| panic!("{listed}"));
    assert_eq!(listed["total"], keys.len());
    keys.iter().map(|key| key["id"].clone()).collect()
}

/// Returns a key of the organization: its text and its id.
async fn organization_key(owner: &User, organization: &str) -> (String, String) {
    let made = create(owner, json!({ "name": "sync", "organizationId": organization })).await;
    assert_eq!((&made["referenceId"], &made["configId"]), (&json!(organization), &json!("organization")));
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    (text("key"), text("id"))
}

/// KEY-07: upstreams are told the organization and no user; whatever takes a user is closed to it.
#[tokio::test]
async fn the_key_of_an_organization_stands_for_nobody() {
    let mut settings = settings();
    settings["identity"] = json!({ "assertion": { "audience": "api" } });
    let gw = TestGateway::with(settings).await;
    let (ada, own_key, _) = with_key(&gw, "ada").await;
    let acme = founded(&ada, "acme").await;
    let (key, id) = organization_key(&ada, &acme).await;
    let client = gw.anonymous();
    let nobody = [
        "X-User-Id",
        "X-User-Email",
        "X-User-Email-Verified",
        "X-User-Name",
        "X-User-Roles",
        "X-Session-Id",
        "X-Org-Role",
        "X-Impersonated-By",
        "X-API-Key",
        "Authorization",
    ];
    for path in ["/items", "/optional/x", "/reports/1"] {
        for bearer in [false, true] {
            let mut request = client.post(path);
            for name in nobody.iter().take(8).chain(&["X-Org-Id", "X-Org-Slug", "X-Auth-Method"]) {
                request = request.header(*name, "evil");
            }
            let request = if bearer { request.bearer_auth(&key) } else { request.header("X-API-Key", &key) };
            assert_eq!(request.send().await.unwrap().status(), 200, "{path}");
            let seen = gw.upstream.last();
            let told = ["X-Auth-Method", "X-Api-Key-Id", "X-Org-Id", "X-Org-Slug"].map(|name| seen.all(name));
            assert_eq!(told, [vec!["api-key"], vec![id.as_str()], vec![acme.as_str()], vec!["acme"]], "{path}");
            for name in nobody {
                assert_eq!(seen.field(name), None, "{path} {name}");
            }
            let signed = claims(seen.field("X-Identity-Assertion").unwrap());
            assert_eq!((&signed["org_id"], &signed["org_slug"]), (&json!(acme), &json!("acme")));
            assert_eq!((&signed["api_key_id"], &signed["auth_method"]), (&json!(id), &json!("api-key")));
            for claim in ["sub", "id", "email", "name", "roles", "role", "sid", "org_role", "act"] {
                assert_eq!(signed.get(claim), None, "{claim}");
            }
        }
    }
    // It has no role, here or there, and nobody who could prove something; scopes limit it as they do others.
    for path in ["/admin/x", "/manage/x", "/proved/x"] {
        assert_eq!(refused(&client, path, &key).await, code(403, "USER_REQUIRED"), "{path}");
    }
    assert_eq!(refused(&client, "/writes/1", &key).await, code(403, "INSUFFICIENT_SCOPE"));
    assert_eq!(get(&client, "/people/x", &key).await.status(), 401, "the route reads no keys");
    assert_eq!(get(&client, "/header/x", &key).await.status(), 200);
    assert_eq!(gw.metric("authgate_access_denied_total{reason=\"user_required\"}").await.to_string(), "3");
    eventually("the denials to be written down", async || {
        let denied = "select count(*) from auth.audit_events where outcome = 'user_required' and user_id is null";
        (gw.db.count(denied).await == 3).then_some(())
    })
    .await;
    for (path, body) in [
        ("/api-key/create", json!({})),
        ("/api-key/create", json!({ "organizationId": acme })),
        ("/api-key/delete", json!({ "keyId": id })),
        ("/organization/delete", json!({ "organizationId": acme })),
        ("/organization/set-active", json!({ "organizationId": acme })),
        ("/update-user", json!({ "name": "x" })),
    ] {
        let sent = client.post(&format!("{AUTH}{path}")).header("X-API-Key", &key).json(&body).send().await.unwrap();
        expect_problem(sent, 401, "UNAUTHORIZED").await;
    }
    expect_problem(client.with_bearer(&key).get(&format!("{AUTH}/me")).send().await.unwrap(), 401, "UNAUTHORIZED")
        .await;
    let verified: Value = client.auth("/api-key/verify", &json!({ "key": key })).await.json().await.unwrap();
    assert_eq!((&verified["valid"], &verified["key"]["referenceId"]), (&json!(true), &json!(acme)));

    // Its maker's own key and session are theirs as ever.
    assert_eq!(get(&client, "/items", &own_key).await.status(), 200);
    assert_eq!(gw.upstream.last().field("X-User-Id"), Some(ada.id.as_str()));
    assert_eq!(gw.upstream.last().field("X-Org-Id"), None, "a user's key works in no organization");
    assert_eq!((ada.status("/manage/x").await, gw.upstream.last().field("X-Org-Role")), (200, Some("owner")));

    // A new slug counts at the next request, and so do quotas.
    gw.db.execute("update auth.organizations set slug = 'other'").await;
    assert_eq!(get(&client, "/items", &key).await.status(), 200);
    assert_eq!(gw.upstream.last().field("X-Org-Slug"), Some("other"));
    gw.db.execute("update auth.api_keys set remaining = 1, quota_revision = quota_revision + 1").await;
    assert_eq!(get(&client, "/items", &key).await.status(), 200);
    assert_eq!(refused(&client, "/items", &key).await, code(403, "USAGE_EXCEEDED"));
    eventually("its use to be written down", async || {
        let used = "select count(*) from auth.api_keys where organization_id is not null and last_used_at is not null";
        (gw.db.count(used).await == 1).then_some(())
    })
    .await;
}

/// KEY-07: a key goes with its organization, not with who made it, on every replica.
#[tokio::test]
async fn a_key_lives_as_long_as_its_organization_and_no_longer() {
    let mut settings = settings();
    settings["server"] = json!({ "trusted_proxies": ["127.0.0.1"] });
    let gw = TestGateway::with(settings).await;
    let replica = gw.replica_with(self::settings()).await;
    let without = gw.replica_with(with_keys()).await;
    let (ada, own_key, _) = with_key(&gw, "ada").await;
    let bob = gw.insert_user("bob", &[]).await;
    let acme = founded(&ada, "acme").await;
    joined(&gw, &acme, &bob, "owner");
    let (key, id) = organization_key(&ada, &acme).await;
    let client = gw.anonymous();
    let (other, _) = organization_key(&bob, &founded(&bob, "others").await).await;

    let asked = client.get("/api/auth/forward-auth").header("X-API-Key", &key).header("X-Forwarded-Method", "GET");
    let asked = asked.header("X-Forwarded-Uri", "/items").header("X-Forwarded-Host", gw.host());
    let told = asked.header("X-Forwarded-Proto", "http").send().await.unwrap();
    let value = |name: &str| told.headers()[name].to_str().unwrap().to_owned();
    let names = ["x-user-id", "x-user-roles", "x-org-id", "x-org-slug", "x-org-role", "x-api-key-id"].map(value);
    assert_eq!((told.status().as_u16(), names), (200, ["", "", &acme, "acme", "", &id].map(str::to_owned)));

    replica.upstream.reply("/ws/echo", Reply::WebSocket);
    let open = async |key: &str| {
        let mut socket = replica.websocket("/ws/echo", &[("X-API-Key", key)]).await.expect("the key is good");
        assert!(socket.text().await.is_some(), "the greeting");
        socket
    };
    let (mut socket, mut others) = (open(&key).await, open(&other).await);
    for (change, own) in [
        ("delete from auth.organization_members where user_id = $1", 200),
        ("update auth.users set banned_at = now() where id = $1", 401),
        ("delete from auth.users where id = $1", 401),
    ] {
        sqlx::query(change).bind(&ada.id).execute(&mut gw.db.connect().await).await.unwrap();
        assert_eq!(get(&client, "/items", &key).await.status(), 200, "{change}");
        assert_eq!(get(&client, "/items", &own_key).await.status(), own, "{change}");
    }
    socket.send("still there").await;
    assert_eq!(socket.text().await.as_deref(), Some("still there"));
    assert_eq!(refused(&without.anonymous(), "/items", &key).await, code(401, "INVALID_API_KEY"), "none are on there");

    for (change, expected) in [
        ("update auth.api_keys set enabled = false where id = $1", "KEY_DISABLED"),
        ("update auth.api_keys set enabled = true, expires_at = now() where id = $1", "KEY_EXPIRED"),
    ] {
        sqlx::query(change).bind(&id).execute(&mut gw.db.connect().await).await.unwrap();
        assert_eq!(refused(&client, "/items", &key).await, code(401, expected));
    }
    tokio::time::timeout(std::time::Duration::from_secs(10), socket.closed()).await.expect("it ends with the key");
    gw.db.execute("update auth.api_keys set expires_at = null").await;
    let mut socket = open(&key).await;
    let deleted = bob.auth("/organization/delete", &json!({ "organizationId": acme })).await;
    assert_eq!(deleted.status(), 200);
    for gateway in [&gw, &replica] {
        assert_eq!(refused(&gateway.anonymous(), "/items", &key).await, code(401, "INVALID_API_KEY"));
        assert_eq!(get(&gateway.anonymous(), "/items", &other).await.status(), 200, "that of another organization");
    }
    tokio::time::timeout(std::time::Duration::from_secs(10), socket.closed()).await.expect("it ends with its owner");
    others.send("still there").await;
    assert_eq!(others.text().await.as_deref(), Some("still there"));
    assert_eq!(gw.db.count("select count(*) from auth.api_keys").await, 1);
}

/// KEY-07: who makes, sees, changes and deletes the keys of an organization is decided by their role of the moment.
#[tokio::test]
async fn members_deal_with_the_keys_of_their_organization_as_their_roles_allow() {
    let mut settings = settings();
    settings["auth"]["api_keys"]["max_per_user"] = json!(2);
    let gw = TestGateway::with(settings).await;
    let without = gw.replica_with(with_keys()).await;
    let (owner, _, own) = with_key(&gw, "owner").await;
    let (admin, member) = (gw.insert_user("admin", &[]).await, gw.insert_user("member", &[]).await);
    // Administrators of users have nothing to say in organizations.
    let stranger = gw.insert_user("stranger", &["admin"]).await;
    let acme = founded(&owner, "acme").await;
    joined(&gw, &acme, &admin, "admin");
    joined(&gw, &acme, &member, "member");
    founded(&stranger, "elsewhere").await;

    let new = json!({ "organizationId": acme });
    let (_, first) = organization_key(&owner, &acme).await;
    let (_, second) = organization_key(&admin, &acme).await;
    expect_problem(owner.auth("/api-key/create", &new).await, 400, "TOO_MANY_API_KEYS").await;
    assert_eq!(
        create(&owner, json!({})).await["referenceId"],
        owner.id.as_str(),
        "those of one's own are counted apart"
    );
    for user in [&owner, &admin] {
        assert_eq!(ids(user, &acme).await, [json!(first), json!(second)]);
        let one = user.get(&format!("{AUTH}/api-key/get?id={first}")).send().await.unwrap();
        assert_eq!(one.json::<Value>().await.unwrap()["referenceId"], acme.as_str());
    }
    assert_eq!(list(&admin).await["total"], 0, "the organization's are not one's own");
    assert!(list(&owner).await["apiKeys"].as_array().unwrap().iter().any(|key| key["id"] == own.as_str()));

    for (user, own, foreign) in [
        (&member, (403, "INSUFFICIENT_API_KEY_PERMISSIONS"), (403, "INSUFFICIENT_API_KEY_PERMISSIONS")),
        (&stranger, (403, "USER_NOT_MEMBER_OF_ORGANIZATION"), (404, "KEY_NOT_FOUND")),
    ] {
        expect_problem(user.auth("/api-key/create", &new).await, own.0, own.1).await;
        expect_problem(listed(user, &acme).await, own.0, own.1).await;
        let one = user.get(&format!("{AUTH}/api-key/get?id={first}")).send().await.unwrap();
        expect_problem(one, foreign.0, foreign.1).await;
        let change = json!({ "keyId": first, "enabled": false });
        expect_problem(user.auth("/api-key/update", &change).await, foreign.0, foreign.1).await;
        expect_problem(user.auth("/api-key/delete", &json!({ "keyId": first })).await, foreign.0, foreign.1).await;
    }
    for nonsense in ["unknown", "no%20id"] {
        expect_problem(listed(&owner, nonsense).await, 403, "USER_NOT_MEMBER_OF_ORGANIZATION").await;
    }
    let may = async |user: &User| -> Value {
        let asked = json!({ "organizationId": acme, "permissions": { "apiKey": ["create", "delete"] } });
        user.auth("/organization/has-permission", &asked).await.json::<Value>().await.unwrap()["success"].clone()
    };
    assert_eq!((may(&admin).await, may(&member).await), (json!(true), json!(false)));

    // A role that is taken away counts at once, for keys that its holder made too.
    joined(&gw, &acme, &admin, "member");
    let delete = json!({ "keyId": second });
    expect_problem(admin.auth("/api-key/delete", &delete).await, 403, "INSUFFICIENT_API_KEY_PERMISSIONS").await;
    gw.cli_json(&["organizations", "remove-member", &acme, &admin.email]);
    expect_problem(admin.auth("/api-key/delete", &delete).await, 404, "KEY_NOT_FOUND").await;
    let change = json!({ "keyId": second, "name": "night", "enabled": false });
    let changed: Value = owner.auth("/api-key/update", &change).await.json().await.unwrap();
    assert_eq!((&changed["name"], &changed["enabled"]), (&json!("night"), &json!(false)));
    assert_eq!(owner.auth("/api-key/delete", &delete).await.status(), 200);
    assert_eq!(ids(&owner, &acme).await, [json!(first)]);
    let events = "select count(*) from auth.audit_events where event like 'api_key_%' and detail ? 'organization'
        and user_id is not null";
    assert_eq!(gw.db.count(events).await, 4);

    // The session has to be as young as for a key of one's own. Where no organizations are on, there are none of theirs.
    let foreign = owner.at(&without);
    expect_problem(foreign.auth("/api-key/create", &new).await, 400, "ORGANIZATION_PLUGIN_REQUIRED").await;
    expect_problem(foreign.auth("/api-key/delete", &json!({ "keyId": first })).await, 404, "KEY_NOT_FOUND").await;
    gw.db.execute("update auth.sessions set created_at = now() - interval '11 minutes'").await;
    expect_problem(owner.auth("/api-key/create", &new).await, 403, "SESSION_NOT_FRESH").await;
}
