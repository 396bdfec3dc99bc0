//! Spellings of a path.

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
