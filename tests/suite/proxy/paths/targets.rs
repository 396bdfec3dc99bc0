//! Forms of the request target, and the auth API's place.

use http::Method;
use serde_json::json;

use crate::harness::{TestGateway, client::AUTH};

#[tokio::test]
async fn the_absolute_form_is_taken_for_an_accepted_host_and_rewritten() {
    let gw = TestGateway::start().await;
    let request = gw.get_bytes(&format!("http://{}/public/x?y=1", gw.host()), "");
    assert_eq!(gw.raw().await.send(request).await.response().await.unwrap().status, 200);
    let seen = gw.upstream.last();
    assert_eq!((seen.target(), seen.field("Host")), ("/public/x?y=1", Some(gw.host())));
    let request = gw.get_bytes(&format!("http://{}/items", gw.host()), "");
    assert_eq!(gw.raw().await.send(request).await.response().await.unwrap().status, 401);
}

#[tokio::test]
async fn other_targets_are_refused() {
    let gw = TestGateway::start().await;
    for target in [
        "http://evil.example/public/x",
        "https://evil.example/",
        "ftp://localhost/public/x",
        "http:///public/x",
        "public/x",
        "?x",
        "*",
        "localhost:80",
        "javascript:alert(1)",
    ] {
        let response = gw.raw().await.send(gw.get_bytes(target, "")).await.response().await.unwrap();
        assert!([400, 421].contains(&response.status), "{target}: {}", response.status);
        gw.assert_upstream_untouched(target).await;
    }
    let user_info = gw.get_bytes(&format!("http://{}@evil.example/public/x", gw.host()), "");
    assert_eq!(gw.raw().await.send(user_info).await.response().await.unwrap().status, 400);
    let asterisk = format!("OPTIONS * HTTP/1.1\r\nHost: {}\r\n\r\n", gw.host());
    let response = gw.raw().await.send(asterisk).await.response().await.unwrap();
    assert!(response.status < 500, "OPTIONS *: {}", response.status);
    gw.assert_upstream_untouched("the asterisk form").await;
}

#[tokio::test]
async fn methods_that_are_served_nowhere_are_405() {
    let gw = TestGateway::start().await;
    for (method, target) in [
        ("TRACE", "/public/x"),
        ("TRACK", "/public/x"),
        ("CONNECT", "localhost:80"),
        ("CONNECT", "/public/x"),
        ("get", "/public/x"),
        ("PROPFIND", "/public/x"),
        ("PRI", "*"),
    ] {
        let request = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n\r\n", gw.host());
        let response = gw.raw().await.send(request).await.response().await.unwrap();
        assert_eq!((response.status, response.code().as_str()), (405, "METHOD_NOT_ALLOWED"), "{method} {target}");
        gw.assert_upstream_untouched(method).await;
    }
}

#[tokio::test]
async fn nothing_below_the_auth_base_is_forwarded() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &["admin"]).await;
    for path in ["/zzz", "", "/", "/get-session/", "/get-session/x", "/Get-Session", "/admin/list-users"] {
        for client in [gw.anonymous(), (*alice).clone()] {
            let response = client.get(&format!("{AUTH}{path}")).send().await.unwrap();
            assert_eq!(response.status(), 404, "{path:?}");
            assert_eq!(response.text().await.unwrap(), "", "{path:?}");
        }
    }
    let escaped = gw.get_bytes("/%61pi/auth/zzz", "");
    assert_eq!(gw.raw().await.send(escaped).await.response().await.unwrap().status, 404);
    gw.assert_upstream_untouched("unknown auth paths").await;
    assert_eq!(alice.status("/api/authx").await, 200, "the base ends at a segment");
    assert_eq!(alice.status("/api").await, 200);
    assert_eq!(gw.upstream.requests().len(), 2);
}

/// Some servers cut `;` and what follows off each segment, so these are the auth API's to them (PATH-16).
#[tokio::test]
async fn no_parameters_carry_the_auth_base_past_the_gateway() {
    for base in ["/api/auth", "/@id/auth+"] {
        let gw = TestGateway::with(json!({ "auth": { "base_path": base } })).await;
        let alice = gw.insert_user("alice", &["admin"]).await;
        let (first, last) = base.rsplit_once('/').unwrap();
        for target in [
            format!("{base};x/ok"),
            format!("{base};/ok"),
            format!("{base};x"),
            format!("{base};x=1;y=2/ok"),
            format!("{base}%3Bx/ok"),
            format!("{base}%3b/ok"),
            format!("{first};y/{last}/ok"),
            format!("{first}%3By/{last};z/ok"),
            format!("/;x{base}/ok"),
            format!("{first}/;x/{last}/ok"),
            format!("{base}/ok;x"),
            format!("{base}/;x/ok"),
        ] {
            for cookie in [String::new(), format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token)] {
                for (method, lines) in [("GET", ""), ("POST", "Content-Length: 0\r\n")] {
                    let request = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n{lines}{cookie}\r\n", gw.host());
                    let response = gw.raw().await.send(request).await.response().await.unwrap();
                    assert_eq!(response.status, 404, "{method} {target}");
                }
            }
            gw.assert_upstream_untouched(&target).await;
        }
        assert_eq!(alice.status(&format!("{base}x;y/ok")).await, 200, "the base ends at a segment");
        assert_eq!(gw.anonymous().status(&format!("{base}/ok")).await, 200);
    }
}

#[tokio::test]
async fn auth_endpoints_accept_their_method_only() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for (method, path) in [
        (Method::GET, "/sign-out"),
        (Method::GET, "/sign-in/email"),
        (Method::GET, "/sign-up/email"),
        (Method::PUT, "/sign-in/email"),
        (Method::DELETE, "/get-session"),
        (Method::POST, "/ok"),
        (Method::POST, "/me"),
        (Method::HEAD, "/sign-out"),
    ] {
        let request = alice.request(method.clone(), &format!("{AUTH}{path}")).header("Origin", gw.origin());
        let status = request.send().await.unwrap().status().as_u16();
        assert!([404, 405].contains(&status), "{method} {path}: {status}");
    }
    assert_eq!(alice.status("/items").await, 200, "a GET on sign-out signs nobody out");
}
