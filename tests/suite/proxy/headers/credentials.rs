//! Credentials of the gateway stay with the gateway; everything else of `Cookie` and `Authorization` is the upstream's.

use crate::harness::TestGateway;

#[tokio::test]
async fn our_cookie_is_cut_out_and_others_stay_byte_for_byte() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let ours = format!("{}={}", gw.cookie_name(), alice.token);
    for (sent, expected) in [
        (ours.clone(), None),
        (format!("{ours}; foo=1"), Some("foo=1")),
        (format!("foo=1; {ours}"), Some("foo=1")),
        (format!("foo=1; {ours}; bar=a=b%20\"c\""), Some("foo=1; bar=a=b%20\"c\"")),
        (format!("x{ours}; {ours}"), None),
        ("a=1; b=\"x y\"; c".to_owned(), Some("a=1; b=\"x y\"; c")),
    ] {
        for path in ["/public/x", "/optional/x"] {
            let response =
                gw.raw().await.send(gw.get_bytes(path, &format!("Cookie: {sent}\r\n"))).await.response().await.unwrap();
            assert_eq!(response.status, 200);
            let seen = gw.upstream.last();
            if sent.starts_with('x') {
                let other = format!("x{ours}");
                assert_eq!(seen.field("Cookie"), Some(other.as_str()), "only the whole name counts");
            } else {
                assert_eq!(seen.field("Cookie"), expected, "{path} {sent}");
            }
        }
    }
    let two_lines = format!("Cookie: a=1\r\nCookie: {ours}\r\n");
    assert_eq!(gw.raw().await.send(gw.get_bytes("/items", &two_lines)).await.response().await.unwrap().status, 200);
    assert_eq!(gw.upstream.last().all("Cookie").join("; "), "a=1");
}

#[tokio::test]
async fn the_bearer_token_that_signed_in_is_removed() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        for path in ["/optional/x", "/items"] {
            let lines = format!("Authorization: {scheme} {}\r\n", alice.token);
            let response = gw.raw().await.send(gw.get_bytes(path, &lines)).await.response().await.unwrap();
            assert_eq!(response.status, 200, "{scheme} {path}");
            let seen = gw.upstream.last();
            assert_eq!(seen.field("Authorization"), None);
            assert_eq!(seen.field("X-User-Id"), Some(alice.id.as_str()));
        }
    }
}

#[tokio::test]
async fn other_authorization_is_the_upstreams_business() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for path in ["/public/x", "/items"] {
        let response = alice.get(path).header("Authorization", "Basic Zm9vOmJhcg==").send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(gw.upstream.last().field("Authorization"), Some("Basic Zm9vOmJhcg=="), "{path}");
    }
}

#[tokio::test]
async fn no_byte_of_the_token_reaches_the_upstream() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for client in [(*alice).clone(), alice.bearer()] {
        for path in ["/items", "/optional/x"] {
            client.status(path).await;
            let seen = gw.upstream.last();
            assert!(!format!("{seen:?}").contains(&alice.token), "{path}: {seen:?}");
        }
    }
    // The cookie is removed on routes that look at no credential, too.
    alice.status("/public/x").await;
    assert!(!format!("{:?}", gw.upstream.last()).contains(&alice.token));
}
