//! `authgate routes`: the table explained, and held against the backend's own document.

use std::fs;

use serde_json::{Value, json};

use super::Ended;
use crate::harness::{Reply, TestGateway};

fn explain(gw: &TestGateway, arguments: &[&str]) -> Value {
    gw.cli_json(&[&["routes", "explain"], arguments, &["--config", "gateway.yaml"]].concat())
}

#[tokio::test]
async fn explanations_are_what_the_gateway_does() {
    let gw = TestGateway::start().await;
    let user = gw.insert_user("user", &[]).await;
    let admin = gw.insert_user("admin", &["admin"]).await;
    for path in [
        "/public/x",
        "/optional/x",
        "/admin/x",
        "/admin;x",
        "/items",
        "/public/../items",
        "/public/%2e%2e/items",
        "//x",
        "/ws/x",
    ] {
        for (who, client) in [("anonymous", &gw.anonymous()), ("user", &*user), ("role:admin", &*admin)] {
            let told = explain(&gw, &["GET", path, "--as", who]);
            let mut raw = gw.raw().await;
            let cookie = match who {
                "anonymous" => String::new(),
                "user" => format!("Cookie: {}={}\r\n", gw.cookie_name(), user.token),
                _ => format!("Cookie: {}={}\r\n", gw.cookie_name(), admin.token),
            };
            let status = raw.send(gw.get_bytes(path, &cookie)).await.response().await.unwrap().status;
            let expected = told["status"].as_u64().unwrap_or(200);
            assert_eq!(u64::from(status), expected, "{path} as {who}: {told}");
            let _ = client;
        }
    }
}

/// A key works in no organization and proves nothing, so no explanation tells otherwise.
#[tokio::test]
async fn keys_are_not_explained_with_what_sessions_alone_have() {
    let gw = TestGateway::start().await;
    for more in [&["--two-factor"][..], &["--organization-role", "owner"], &["--proved-ago", "5m"]] {
        let asked = ["routes", "explain", "GET", "/items", "--as", "user", "--api-key", "--config", "gateway.yaml"];
        let refused = gw.cli(&[&asked, more].concat());
        assert!(refused.code == 2 && refused.stderr.contains("cannot be used with"), "{refused:?}");
    }
}

#[tokio::test]
async fn hosts_and_own_paths_are_explained_as_the_gateway_takes_them() {
    let gw = TestGateway::with(json!({ "server": { "hosts": ["tenant.test", "[::1]:8080"] } })).await;
    let own = gw.host();
    for (host, path) in [
        (own, "/public/x"),
        ("localhost", "/public/x"),
        ("localhost:80", "/public/x"),
        ("tenant.test", "/public/x"),
        ("Tenant.Test.", "/public/x"),
        ("tenant.test:80", "/public/x"),
        ("tenant.test:443", "/public/x"),
        ("[::1]:8080", "/public/x"),
        ("[::1]", "/public/x"),
        (own, "/api/auth/ok"),
        (own, "/api/auth;x/ok"),
        (own, "/api/a%75th/ok"),
    ] {
        let told = explain(&gw, &["GET", &format!("http://{host}{path}")]);
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let status = gw.raw().await.send(request).await.response().await.unwrap().status;
        assert_eq!(u64::from(status), told["status"].as_u64().unwrap_or(200), "{host}{path}: {told}");
    }
}

#[tokio::test]
async fn an_explanation_names_what_was_considered_and_why() {
    let gw = TestGateway::start().await;
    let told = explain(&gw, &["GET", "/admin/users?x=1", "--as", "user"]);
    assert_eq!((&told["route"], &told["result"], &told["status"]), (&json!("admin"), &json!("refused"), &json!(403)));
    let fits: Vec<&str> = told["considered"].as_array().unwrap().iter().map(|c| c["fit"].as_str().unwrap()).collect();
    assert_eq!(fits, ["another path", "another path", "matches"]);
    let own = explain(&gw, &["POST", "/api/auth/sign-in/email"]);
    assert_eq!(own["result"], "local");
    let elsewhere = explain(&gw, &["GET", "https://evil.example/public/x"]);
    assert_eq!((&elsewhere["result"], &elsewhere["status"]), (&json!("refused"), &json!(421)));
    let text = gw.cli(&["routes", "explain", "GET", "/public/x", "--config", "gateway.yaml"]);
    assert_eq!((text.code, text.stderr.as_str()), (0, ""), "{text:?}");
    let told = text.stdout.replace(gw.host(), "HOST");
    insta::assert_snapshot!(told, @r"
    GET HOST /public/x
    path      /public/x
      public           /public/**               matches
    result    forwarded to api
    why       route public is public; without an identity
    ");
    gw.cli(&["routes", "explain", "GET", "nonsense", "--config", "gateway.yaml"])
        .assert_refused(2, "URL: a path such as");
}

#[tokio::test]
async fn what_a_session_must_have_proved_is_explained_and_listed() {
    let config = json!({
        "auth": { "two_factor": { "required_for_roles": ["admin"] } },
        "routes": [
            {
                "name": "billing", "match": { "path": "/billing/**" }, "upstream": "api", "access": "required",
                "roles": ["finance"], "require": { "two_factor": true, "max_age": "10m" },
            },
            { "name": "visitors", "match": { "path": "/visitors/**" }, "upstream": "api", "access": "optional" },
        ],
    });
    let gw = TestGateway::with(config).await;
    let rule = "required: finance with second factor, proved within 10m";
    let no_factor = "a second factor was not proved in the session";
    for (path, arguments, status, why) in [
        ("/billing", &["--as", "role:finance"][..], 403, format!("route billing is {rule}, and {no_factor}")),
        (
            "/billing",
            &["--as", "role:finance", "--two-factor"],
            200,
            format!("route billing is {rule}; with the user's identity"),
        ),
        (
            "/billing",
            &["--as", "role:finance", "--two-factor", "--proved-ago", "10m"],
            403,
            format!("route billing is {rule}, and the session was proved longer ago"),
        ),
        (
            "/visitors",
            &["--as", "role:admin"],
            403,
            format!("route visitors is optional, with second factor for admin, and {no_factor}"),
        ),
        ("/visitors", &["--as", "user"], 200, "route visitors is optional; with the user's identity".to_owned()),
    ] {
        let told = explain(&gw, &[&["GET", path], arguments].concat());
        assert_eq!((told["status"].as_u64().unwrap_or(200), &told["why"]), (status, &json!(why)), "{arguments:?}");
    }
    let listed = gw.cli_json(&["routes", "list", "--config", "gateway.yaml"]);
    assert_eq!((&listed["routes"][0]["access"], &listed["routes"][1]["access"]), (&json!(rule), &json!("optional")));
}

#[tokio::test]
async fn the_table_is_listed_in_its_order() {
    let gw = TestGateway::start().await;
    let listed = gw.cli_json(&["routes", "list", "--config", "gateway.yaml"]);
    let names: Vec<&str> = listed["routes"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["public", "optional", "admin", "events", "app"]);
    let table = gw.cli(&["routes", "list", "--config", "gateway.yaml"]).stdout;
    insta::assert_snapshot!(table, @r"
    NAME      METHODS  PATH          ACCESS           UPSTREAM
    public    any      /public/**    public           api
    optional  any      /optional/**  optional         api
    admin     any      /admin/**     required: admin  api
    events    any      /ws/**        required         api
    app       any      /**           required         api
    ");
}

fn audit(gw: &TestGateway, place: &str, more: &[&str]) -> Ended {
    let arguments = [&["routes", "audit", "--openapi", place, "--config", "gateway.yaml", "--json"], more].concat();
    gw.cli(&arguments)
}

fn findings(ended: &Ended) -> Vec<(String, String)> {
    let object: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = object["operations"].as_array().unwrap().iter();
    all.filter(|operation| !operation["finding"].is_null())
        .map(|operation| {
            (format!("{} {}", text(&operation["method"]), text(&operation["path"])), text(&operation["finding"]))
        })
        .collect()
}

#[tokio::test]
async fn what_is_open_by_accident_and_what_nobody_reaches_is_found() {
    let gw = TestGateway::start().await;
    let get = json!({ "responses": {} });
    let secured = json!({ "responses": {}, "security": [{ "bearer": [] }] });
    let document = json!({ "openapi": "3.1.0", "paths": {
        "/public/news": { "get": get },
        "/public/me": { "get": secured },
        "/public/orders": { "post": get },
        "/items/{id}": { "get": get, "delete": secured },
        "/{section}/index": { "get": get },
        "/api/auth/legacy": { "get": get },
        "/a//b": { "get": get },
        "/admin/users": { "get": get },
        "/optional/x": { "get": get },
    }});
    let file = gw.directory.path().join("openapi.json");
    fs::write(&file, document.to_string()).unwrap();
    let ended = audit(&gw, file.to_str().unwrap(), &[]);
    assert_eq!(ended.code, 1);
    let mut found = findings(&ended);
    found.sort();
    let expected = [
        ("GET /a//b", "malformed_path"),
        ("GET /api/auth/legacy", "answered_by_authgate"),
        ("GET /public/me", "accidentally_public"),
        ("GET /{section}/index", "mixed_access"),
        ("POST /public/orders", "accidentally_public"),
    ];
    assert_eq!(found, expected.map(|(operation, code)| (operation.to_owned(), code.to_owned())));
    let meant = ["--allow-public", "/public/**"];
    assert!(
        findings(&audit(&gw, file.to_str().unwrap(), &meant)).iter().all(|(_, code)| code != "accidentally_public")
    );
}

// The command waits for an answer of the test's own upstream.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_fits_is_fetched_and_passed() {
    let gw = TestGateway::start().await;
    let get = json!({ "get": { "responses": {} } });
    let paths = json!({ "/public/x": get, "/optional/x": get, "/admin/x": get, "/items": get });
    gw.upstream.reply("/openapi.json", Reply::text(&json!({ "openapi": "3.1.0", "paths": paths }).to_string()));
    let url = format!("{}/openapi.json", gw.upstream.url());
    let ended = audit(&gw, &url, &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    gw.upstream
        .reply("/openapi.json", Reply::text(&json!({ "openapi": "3.1.0", "paths": { "/items": get } }).to_string()));
    let ended = audit(&gw, &url, &[]);
    assert_eq!(ended.code, 1, "routes that lead nowhere");
    let object: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(object["deadRoutes"], json!(["public", "optional", "admin"]));
}

// The command waits for an answer of the test's own upstream.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_document_is_said() {
    let gw = TestGateway::start().await;
    audit(&gw, "no-such-file.json", &[]).assert_refused(2, "no-such-file.json cannot be read");
    gw.upstream.reply("/openapi.json", Reply::text("<html>"));
    audit(&gw, &format!("{}/openapi.json", gw.upstream.url()), &[]).assert_refused(2, "is not JSON");
    gw.upstream.reply("/openapi.json", Reply::text("{}"));
    audit(&gw, &format!("{}/openapi.json", gw.upstream.url()), &[]).assert_refused(2, "not an OpenAPI document");
}
