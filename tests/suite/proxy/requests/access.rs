//! Who gets through: public, optional, required, roles.

use http::Method;
use serde_json::json;

use crate::harness::{
    TestGateway,
    client::{expect_problem, problem},
};

const CHECKS: &str = "authgate_session_check_duration_seconds_count";

#[tokio::test]
async fn public_routes_ask_the_database_nothing_and_name_nobody() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for client in [gw.anonymous(), (*alice).clone(), alice.bearer()] {
        assert_eq!(client.status("/public/hello").await, 200);
        assert_eq!(gw.upstream.last().field("X-User-Id"), None);
    }
    assert_eq!(gw.metric(CHECKS).await.to_string(), "0");
}

#[tokio::test]
async fn optional_routes_name_whoever_is_signed_in() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(gw.anonymous().status("/optional/greeting").await, 200);
    assert_eq!(gw.upstream.last().field("X-User-Id"), None);
    assert_eq!(alice.status("/optional/greeting").await, 200);
    assert_eq!(gw.upstream.last().field("X-User-Id"), Some(alice.id.as_str()));
    // A cookie that opens nothing is what browsers keep sending after a session ended.
    let stale = gw.anonymous().with_cookie(format!("{}={}", gw.cookie_name(), "A".repeat(43)));
    assert_eq!(stale.status("/optional/greeting").await, 200);
    assert_eq!(gw.upstream.last().field("X-User-Id"), None);
}

#[tokio::test]
async fn optional_routes_refuse_a_bad_bearer_token() {
    let gw = TestGateway::start().await;
    for token in ["A".repeat(43), "nonsense".to_owned()] {
        let response = gw.anonymous().with_bearer(&token).get("/optional/greeting").send().await.unwrap();
        let problem = expect_problem(response, 401, "UNAUTHORIZED").await;
        assert!(problem.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
    }
    gw.assert_upstream_untouched("a bad bearer token on an optional route").await;
}

#[tokio::test]
async fn required_routes_refuse_whoever_is_not_signed_in() {
    let gw = TestGateway::start().await;
    let anonymous = gw.anonymous();
    for client in [
        anonymous.clone(),
        anonymous.with_cookie(format!("{}={}", gw.cookie_name(), "A".repeat(43))),
        anonymous.with_cookie(format!("{}=short", gw.cookie_name())),
        anonymous.with_bearer(&"A".repeat(43)),
    ] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let response = client.request(method.clone(), "/items").send().await.unwrap();
            expect_problem(response, 401, "UNAUTHORIZED").await;
        }
    }
    gw.assert_upstream_untouched("a required route without a session").await;
}

#[tokio::test]
async fn required_routes_pass_a_session_by_cookie_and_by_bearer_token() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &["user", "beta"]).await;
    for client in [(*alice).clone(), alice.bearer()] {
        assert_eq!(client.status("/items").await, 200);
        let seen = gw.upstream.last();
        assert_eq!(seen.field("X-User-Id"), Some(alice.id.as_str()));
        assert_eq!(seen.field("X-User-Email"), Some("alice@example.com"));
        assert_eq!(seen.field("X-User-Name"), Some("alice"));
        assert_eq!(seen.field("X-User-Roles"), Some("user,beta"));
        assert_eq!(seen.field("X-Auth-Method"), Some("password"));
        assert!(seen.field("X-Session-Id").is_some_and(|id| id.starts_with("session-")));
    }
}

#[tokio::test]
async fn roles_are_asked_for_whole_and_read_with_every_request() {
    let gw = TestGateway::start().await;
    let admin = gw.insert_user("root", &["user", "admin"]).await;
    for (name, roles) in [("plain", &[][..]), ("near", &["administrator", "admin:x", "adm"][..])] {
        let user = gw.insert_user(name, roles).await;
        let refused = problem(user.get("/admin/stats").send().await.unwrap()).await;
        assert_eq!((refused.status, refused.code.as_str()), (403, "FORBIDDEN"), "{name}");
    }
    gw.assert_upstream_untouched("a role route without the role").await;
    assert_eq!(admin.status("/admin/stats").await, 200);
    gw.db.execute("update auth.users set roles = '{user}' where name = 'root'").await;
    assert_eq!(admin.status("/admin/stats").await, 403, "the very next request sees the lost role");
}

#[tokio::test]
async fn unknown_and_protected_paths_look_alike_to_strangers() {
    let routes = json!([
        { "name": "known", "match": { "path": "/known/**" }, "upstream": "api", "access": "required" },
        { "name": "public", "match": { "path": "/public/**" }, "upstream": "api", "access": "public" },
    ]);
    let gw = TestGateway::with(json!({ "routes": routes })).await;
    let alice = gw.insert_user("alice", &[]).await;
    let anonymous = gw.anonymous();
    let known = expect_problem(anonymous.get("/known").send().await.unwrap(), 401, "UNAUTHORIZED").await;
    let unknown = expect_problem(anonymous.get("/nope").send().await.unwrap(), 401, "UNAUTHORIZED").await;
    assert_eq!(known.message, unknown.message);
    let response = alice.get("/nope").send().await.unwrap();
    assert_eq!(problem(response).await.status, 404);
    gw.assert_upstream_untouched("a path without a route").await;
}

#[tokio::test]
async fn writes_by_cookie_need_a_page_of_a_trusted_origin() {
    let gw = TestGateway::with(json!({ "auth": { "trusted_origins": ["https://www.example.com"] } })).await;
    let alice = gw.insert_user("alice", &[]).await;
    for fields in [
        &[("Origin", "https://evil.example")][..],
        &[("Origin", "null")],
        &[("Origin", "http://localhost:1")],
        &[("Origin", "https://www.example.com.evil.test")],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Referer", "https://evil.example/form")],
    ] {
        let mut request = alice.request(Method::POST, "/items").body("x");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused.status, 403, "{fields:?}");
    }
    gw.assert_upstream_untouched("a write from a foreign page").await;
    for (name, value) in
        [("Origin", gw.origin()), ("Origin", "https://www.example.com"), ("Sec-Fetch-Site", "same-origin")]
    {
        let response = alice.request(Method::POST, "/items").header(name, value).body("x").send().await.unwrap();
        assert_eq!(response.status(), 200, "{name}: {value}");
    }
    let foreign = alice.bearer().request(Method::POST, "/items").header("Origin", "https://evil.example");
    assert_eq!(foreign.send().await.unwrap().status(), 200, "a bearer token does not travel by itself");
    let read = alice.get("/items").header("Origin", "https://evil.example");
    assert_eq!(read.send().await.unwrap().status(), 200, "reading changes nothing");
}

#[tokio::test]
async fn a_role_that_a_header_would_split_cannot_be_stored() {
    let gw = TestGateway::start().await;
    let user = gw.insert_user("alice", &[]).await;
    for role in ["a,admin", "Admin", "", "a b", "a\nb"] {
        let stored = sqlx::query("update auth.users set roles = array[$1] where id = $2")
            .bind(role)
            .bind(user.id.as_str())
            .execute(&mut gw.db.connect().await)
            .await;
        assert!(stored.unwrap_err().to_string().contains("users_roles_format"), "{role:?}");
    }
}
