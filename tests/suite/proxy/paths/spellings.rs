//! Spellings of a path.

use serde_json::json;

use crate::harness::TestGateway;

#[tokio::test]
async fn ambiguous_paths_are_refused_and_reach_nobody() {
    let gw = TestGateway::start().await;
    for target in [
        "/public/../admin",
        "/public/./admin",
        "/public/..",
        "/public/.",
        "/..",
        "/public/%2e%2e/admin",
        "/public/%2E%2E/admin",
        "/public/.%2e/admin",
        "/public/%2e./admin",
        "/public/%2e/admin",
        "/admin%2Fpanel",
        "/public%2f..%2fadmin",
        "/public/%2f",
        "/admin%5Cpanel",
        "/public/..%5cadmin",
        "/public\\..\\admin",
        "/public/\\",
        "//admin/panel",
        "/public//x",
        "/public//../admin",
        "///",
        "/public/%",
        "/public/%2",
        "/public/%zz",
        "/public/%u002e%u002e/admin",
        "/public/%00",
        "/public/%0d%0aX-Injected:%201",
        "/public/%09x",
        "/public/%1b",
        "/public/%7f",
        "/public/%ff",
        "/public/%c0%ae%c0%ae/admin",
        "/public/%c0%af",
        "/public/%ed%a0%80",
        "/public/..;a=b/admin",
        "/public/..;/admin",
        "/public/.;x/admin",
        "/public/..%3b/admin",
        "/public/x#/../admin",
        "/public/x#fragment",
    ] {
        let response = gw.raw().await.send(gw.get_bytes(target, "")).await.response().await.unwrap();
        assert_eq!(response.status, 400, "{target}");
        assert!(!response.code().is_empty(), "{target}");
        assert_eq!(response.json()["status"], 400, "{target}");
        gw.assert_upstream_untouched(target).await;
    }
}

#[tokio::test]
async fn bytes_that_belong_into_no_target_are_refused() {
    let gw = TestGateway::start().await;
    for target in
        [&b"/public/\0"[..], b"/public/a b", b"/public/a\tb", b"/public/\xc3\xa9", b"/public/\x7f", b"/public/\x1b["]
    {
        let mut request = b"GET ".to_vec();
        request.extend_from_slice(target);
        request.extend_from_slice(format!(" HTTP/1.1\r\nHost: {}\r\n\r\n", gw.host()).as_bytes());
        let response = gw.raw().await.send(request).await.response().await.unwrap();
        assert_eq!((response.status, response.code().as_str()), (400, "MALFORMED_REQUEST"), "{target:?}");
        gw.assert_upstream_untouched(&format!("{target:?}")).await;
    }
}

#[tokio::test]
async fn the_forwarded_path_is_the_one_that_was_decided_on() {
    let gw = TestGateway::start().await;
    let admin = gw.insert_user("root", &["admin"]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), admin.token);
    for (target, forwarded) in [
        ("/public/x", "/public/x"),
        ("/%70ublic/x", "/public/x"),
        ("/%61dmin/panel", "/admin/panel"),
        ("/public/caf%c3%a9", "/public/caf%C3%A9"),
        ("/public/a%20b?q=%2e%2e/%zz", "/public/a%20b?q=%2e%2e/%zz"),
        ("/public/%252e%252e/admin", "/public/%252e%252e/admin"),
        ("/public/a;v=1", "/public/a;v=1"),
        ("/public/...", "/public/..."),
        ("/public/", "/public/"),
        ("/public/~user/$&'()*+,=:@!", "/public/~user/$&'()*+,=:@!"),
        ("/public/%7euser/%24%26%27%28%29%2a%2b%2c%3d%3a%40%21%3b", "/public/~user/$&'()*+,=:@!;"),
        ("/public/%3f%23%25%20%22%5b%7b%7d%5d%5e", "/public/%3F%23%25%20%22%5B%7B%7D%5D%5E"),
        ("/public/\"[]^{|}", "/public/%22%5B%5D%5E%7B%7C%7D"),
        ("/public/a+b?c+d%2B%3a=:", "/public/a+b?c+d%2B%3a=:"),
    ] {
        let response = gw.raw().await.send(gw.get_bytes(target, &cookie)).await.response().await.unwrap();
        assert_eq!(response.status, 200, "{target}");
        assert_eq!(gw.upstream.last().target(), forwarded, "{target}");
    }
}

#[tokio::test]
async fn an_escaped_spelling_has_the_rule_of_the_plain_one() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    for target in ["/admin", "/admin/", "/admin/panel", "/%61dmin/panel", "/ad%6Din", "/admin/%70anel?x=/public/y"] {
        let anonymous = gw.raw().await.send(gw.get_bytes(target, "")).await.response().await.unwrap();
        assert_eq!(anonymous.status, 401, "{target}");
        let without_role = gw.raw().await.send(gw.get_bytes(target, &cookie)).await.response().await.unwrap();
        assert_eq!(without_role.status, 403, "{target}");
    }
    gw.assert_upstream_untouched("spellings of a role route").await;
}

/// Every character has one spelling to rules, in requests and in patterns (PATH-15).
#[tokio::test]
async fn a_rule_covers_every_spelling_of_what_it_names() {
    let admin = |name: &str, path: &str| json!({ "name": name, "match": { "path": path }, "upstream": "api", "access": "required", "roles": ["admin"] });
    let gw = TestGateway::with(json!({ "routes": [
        admin("purge", "/v1/things:purge"),
        admin("at", "/@admin/**"),
        admin("escaped", "/enc%3Aoded/{id}"),
        admin("plus", "/c%2b%2b/**"),
        admin("comma", "/a,b"),
        admin("brackets", "/[x]/**"),
        admin("parameters", "/p%3bq/**"),
        admin("star", "/star/%2A"),
        admin("braces", "/brace/%7Bid%7D"),
        { "name": "rest", "match": { "path": "/**" }, "upstream": "api", "access": "public" },
    ] }))
    .await;
    let root = gw.insert_user("root", &["admin"]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), root.token);
    for (target, forwarded) in [
        ("/v1/things:purge", "/v1/things:purge"),
        ("/v1/things%3Apurge", "/v1/things:purge"),
        ("/v1/things%3apurge/", "/v1/things:purge/"),
        ("/%40admin/x", "/@admin/x"),
        ("/%40%61dmin", "/@admin"),
        ("/enc:oded/%2B", "/enc:oded/+"),
        ("/enc%3aoded/a", "/enc:oded/a"),
        ("/c++/x", "/c++/x"),
        ("/c%2B+/x", "/c++/x"),
        ("/a%2Cb", "/a,b"),
        ("/[x]/y", "/%5Bx%5D/y"),
        ("/%5bx]/y", "/%5Bx%5D/y"),
        ("/p;q/x", "/p;q/x"),
        ("/p%3Bq/x", "/p;q/x"),
        ("/star/*", "/star/*"),
        ("/star/%2a", "/star/*"),
        ("/brace/{id}", "/brace/%7Bid%7D"),
        ("/brace/%7Bid%7d", "/brace/%7Bid%7D"),
    ] {
        let stranger = gw.raw().await.send(gw.get_bytes(target, "")).await.response().await.unwrap();
        assert_eq!(stranger.status, 401, "{target}");
        gw.assert_upstream_untouched(target).await;
        let known = gw.raw().await.send(gw.get_bytes(target, &cookie)).await.response().await.unwrap();
        assert_eq!(known.status, 200, "{target}");
        assert_eq!(gw.upstream.last().target(), forwarded, "{target}");
        gw.upstream.forget();
    }
    // Neighbours that are something else. An escaped star or brace is no wildcard.
    for target in ["/v1/things", "/enc%253Aoded/a", "/c/x", "/star/x", "/brace/x", "/%2540admin/x", "/c%20%20/x"] {
        let response = gw.raw().await.send(gw.get_bytes(target, "")).await.response().await.unwrap();
        assert_eq!(response.status, 200, "{target}");
    }
}

#[tokio::test]
async fn the_auth_base_may_be_written_in_any_spelling_and_is_reached_by_one() {
    let gw = TestGateway::with(json!({
        "auth": { "base_path": "/%3Aa%2b%62/@auth", "sign_in_page": "/public/sign%2Din%3A?x=%3A" },
    }))
    .await;
    assert_eq!(gw.anonymous().status("/:a+b/@auth/ok").await, 200);
    for target in ["/%3Aa+b/@auth/ok", "/:a%2Bb/@auth/ok", "/:a+b/%40auth/ok", "/:a+b/@auth/%6fk", "/:a+b/@auth/zzz"] {
        let response = gw.raw().await.send(gw.get_bytes(target, "")).await.response().await.unwrap();
        assert_eq!(response.status, 404, "{target}");
        gw.assert_upstream_untouched(target).await;
    }
    let page = gw.get_bytes("/items", "Accept: text/html\r\n");
    let response = gw.raw().await.send(page).await.response().await.unwrap();
    assert_eq!(response.field("Location"), Some("/public/sign-in:?x=%3A&callbackURL=%2Fitems"));
}

/// Some servers cut `;` and what follows off each segment before they route.
#[tokio::test]
async fn parameters_lead_to_no_other_rule() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let root = gw.insert_user("root", &["admin"]).await;
    for target in ["/admin;x/panel", "/admin;/panel", "/%61dmin;a=b", "/admin%3Bx/panel", "/admin%3bx", "/;x/admin"] {
        for (user, expected) in [(None, 401), (Some(&alice), 404), (Some(&root), 404)] {
            let cookie = user.map_or(String::new(), |user| format!("Cookie: {}={}\r\n", gw.cookie_name(), user.token));
            let response = gw.raw().await.send(gw.get_bytes(target, &cookie)).await.response().await.unwrap();
            assert_eq!(response.status, expected, "{target}");
        }
        gw.assert_upstream_untouched(target).await;
    }
    for (target, status) in [("/items;v=1", 200), ("/items/7;v=1/parts", 200), ("/admin/users;v=1", 403)] {
        assert_eq!(alice.status(target).await, status, "{target}");
    }
    assert_eq!(gw.anonymous().status("/public/x;v=1").await, 200);
}

#[tokio::test]
async fn prefixes_end_at_segments_and_case_counts() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for path in ["/administer", "/Admin", "/admin.", "/admin%20", "/adminx/y"] {
        assert_eq!(gw.anonymous().status(path).await, 401, "{path}");
        assert_eq!(alice.status(path).await, 200, "{path} is the catch-all's, for everybody signed in");
    }
    for path in ["/publicx", "/PUBLIC/x", "/public.", "/public%20/x", "/items/public/x"] {
        assert_eq!(gw.anonymous().status(path).await, 401, "{path}");
    }
    for path in ["/public", "/public/"] {
        assert_eq!(gw.anonymous().status(path).await, 200, "{path}");
    }
}

#[tokio::test]
async fn the_query_takes_no_part_in_rules() {
    let gw = TestGateway::start().await;
    for target in
        ["/items?x=/public/", "/items?/public/x", "/?/public/", "/admin?role=admin&x=/public/**", "/items?%2fpublic"]
    {
        let response = gw.raw().await.send(gw.get_bytes(target, "")).await.response().await.unwrap();
        assert_eq!(response.status, 401, "{target}");
    }
    gw.assert_upstream_untouched("queries that look like paths").await;
}
