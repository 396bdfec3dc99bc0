//! Identity headers: ours exactly once, the client's never.

use serde_json::json;

use crate::harness::{Recorded, TestGateway, User};

/// Spellings that some server folds into `x-user-id` and the like.
const SPELLINGS: [&str; 16] = [
    "X-User-Id",
    "x-user-id",
    "X-USER-ID",
    "X_User_Id",
    "x_user_id",
    "X.User.Id",
    "X-User_Id",
    "x_user-roles",
    "X-User-Roles",
    "X_USER_EMAIL",
    "X.User.Name",
    "X-Session-Id",
    "X_Session_Id",
    "X-Auth-Method",
    "x.auth.method",
    "X-Auth_Method",
];

fn canonical(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

/// Asserts that the identity is exactly this user's, or nobody's.
fn assert_identity(seen: &Recorded, user: Option<&User>, what: &str) {
    let identity: Vec<(String, &str)> = seen
        .fields
        .iter()
        .map(|(name, value)| (canonical(name), value.as_str()))
        .filter(|(name, _)| name.starts_with("x-user-") || name == "x-session-id" || name == "x-auth-method")
        .collect();
    let Some(user) = user else {
        assert!(identity.is_empty(), "{what}: {identity:?}");
        return;
    };
    let value = |name: &str| {
        let values: Vec<&str> = identity.iter().filter(|(n, _)| n == name).map(|(_, value)| *value).collect();
        assert_eq!(values.len(), 1, "{what}: {name}: {identity:?}");
        values[0]
    };
    assert_eq!(value("x-user-id"), user.id, "{what}");
    assert_eq!(value("x-user-email"), user.email, "{what}");
    assert!(value("x-session-id").starts_with("session-"), "{what}");
    assert_eq!(value("x-auth-method"), "password", "{what}");
    assert!(identity.iter().all(|(_, value)| *value != "evil"), "{what}: {identity:?}");
}

#[tokio::test]
async fn no_spelling_of_an_identity_header_passes() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for name in SPELLINGS {
        for (path, user) in
            [("/public/x", None), ("/optional/x", None), ("/optional/x", Some(&alice)), ("/items", Some(&alice))]
        {
            let cookie = user.map_or(String::new(), |user| format!("Cookie: {}={}\r\n", gw.cookie_name(), user.token));
            let request = gw.get_bytes(path, &format!("{name}: evil\r\n{cookie}"));
            let status = gw.raw().await.send(request).await.response().await.unwrap().status;
            // A name with an odd character may also be refused.
            if status == 200 {
                assert_identity(&gw.upstream.last(), user, &format!("{name} on {path}"));
            } else {
                assert!(status == 400 && name.contains(['_', '.']), "{name} on {path}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn duplicates_do_not_confuse_the_injection() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let response = alice
        .get("/items")
        .header("X-User-Id", "evil")
        .header("x-user-id", "evil")
        .header("X-User-Roles", "admin")
        .header("X-User-Roles", "evil")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let seen = gw.upstream.last();
    assert_identity(&seen, Some(&alice), "duplicates");
    assert!(!seen.all("X-User-Roles").iter().any(|roles| roles.contains("admin")), "{:?}", seen.fields);
}

#[tokio::test]
async fn connection_cannot_nominate_what_the_gateway_sets() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for nominated in ["X-User-Id", "x-user-email, X-User-Roles", "X-Session-Id", "X-Request-Id", "X-Forwarded-For"] {
        let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
        let request = gw.get_bytes("/items", &format!("Connection: close, {nominated}\r\n{cookie}"));
        let response = gw.raw().await.send(request).await.response().await.unwrap();
        if response.status == 200 {
            let seen = gw.upstream.last();
            assert_identity(&seen, Some(&alice), nominated);
            assert_eq!(seen.field("X-Forwarded-For"), Some("127.0.0.1"), "{nominated}");
            assert!(seen.field("X-Request-Id").is_some(), "{nominated}");
            assert_eq!(seen.field("Host"), Some(gw.host()), "{nominated}");
            gw.upstream.forget();
        } else {
            assert_eq!(response.status, 400, "{nominated}");
            gw.assert_upstream_untouched(nominated).await;
        }
    }
    for nominated in ["Host", "Cookie", "Authorization", "Content-Length", "Transfer-Encoding"] {
        let request = gw.get_bytes("/public/x", &format!("Connection: close, {nominated}\r\n"));
        let response = gw.raw().await.send(request).await.response().await.unwrap();
        assert_eq!((response.status, response.code().as_str()), (400, "MALFORMED_REQUEST"), "{nominated}");
    }
    gw.assert_upstream_untouched("a nomination of an end-to-end field").await;
}

#[tokio::test]
async fn what_connection_nominates_of_the_clients_own_is_removed() {
    let gw = TestGateway::start().await;
    let lines = "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX-End: 2\r\n";
    let response = gw.raw().await.send(gw.get_bytes("/public/x", lines)).await.response().await.unwrap();
    assert_eq!(response.status, 200);
    let seen = gw.upstream.last();
    assert_eq!((seen.field("X-Hop"), seen.field("X-End")), (None, Some("2")));
}

#[tokio::test]
async fn text_beyond_ascii_is_percent_encoded() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for (name, expected) in [
        ("Zo\u{eb} M\u{fc}ller", "Zo%C3%AB M%C3%BCller"),
        ("\u{1f600}", "%F0%9F%98%80"),
        ("100% sure", "100%25 sure"),
        ("", ""),
    ] {
        sqlx::query("update auth.users set name = $1").bind(name).execute(&mut gw.db.connect().await).await.unwrap();
        assert_eq!(alice.status("/items").await, 200);
        let seen = gw.upstream.last();
        let actual = seen.field("X-User-Name").unwrap_or_default();
        assert_eq!(actual.replace("%20", " "), expected);
        assert!(actual.is_ascii());
    }
}

#[tokio::test]
async fn other_presets_use_their_names_and_guard_them() {
    for (preset, user_field, email_field) in [
        ("remote-user", "Remote-User", "Remote-Email"),
        ("x-forwarded-user", "X-Forwarded-User", "X-Forwarded-Email"),
        ("x-auth-request", "X-Auth-Request-User", "X-Auth-Request-Email"),
    ] {
        let gw = TestGateway::with(json!({ "identity": { "headers": preset } })).await;
        let alice = gw.insert_user("alice", &[]).await;
        let response = alice.get("/items").header(user_field, "evil").header(email_field, "evil").send().await.unwrap();
        assert_eq!(response.status(), 200, "{preset}");
        let seen = gw.upstream.last();
        assert_eq!(seen.field(user_field), Some(alice.id.as_str()), "{preset}");
        assert_eq!(seen.field(email_field), Some("alice@example.com"), "{preset}");
        gw.anonymous().get("/public/x").header(user_field.replace('-', "_"), "evil").send().await.unwrap();
        let seen = gw.upstream.last();
        assert!(seen.fields.iter().all(|(_, value)| value != "evil"), "{preset}: {:?}", seen.fields);
    }
}

#[tokio::test]
async fn no_spelling_of_what_is_told_of_organizations_and_keys_passes() {
    let on = json!({ "enabled": true });
    let gw = TestGateway::with(json!({ "auth": { "organizations": on, "api_keys": on } })).await;
    let alice = gw.insert_user("alice", &[]).await;
    for name in [
        "X-Org-Id",
        "X-ORG-SLUG",
        "x_org_role",
        "X.Org.Id",
        "X-Org_Slug",
        "x.org_role",
        "X-Api-Key-Id",
        "X_API_KEY_ID",
        "X-Api_Key.Id",
    ] {
        for (client, path) in [(&gw.anonymous(), "/public/x"), (&gw.anonymous(), "/optional/x"), (&*alice, "/items")] {
            let status = client.get(path).header(name, "evil").send().await.unwrap().status();
            // A name with an odd character may also be refused.
            if status == 400 && name.contains(['_', '.']) {
                continue;
            }
            assert_eq!(status, 200, "{name} {path}");
            let seen = gw.upstream.last();
            let passed = seen.fields.iter().find(|(name, _)| {
                let name = canonical(name);
                name.starts_with("x-org-") || name == "x-api-key-id"
            });
            assert_eq!(passed, None, "{name} {path}");
        }
    }
}
