//! The `Host` field.

use serde_json::json;

use crate::harness::TestGateway;

#[tokio::test]
async fn hosts_that_are_not_served_are_421() {
    let gw = TestGateway::start().await;
    let port = gw.address.port();
    for host in [
        "evil.example".to_owned(),
        "localhost:1".to_owned(),
        format!("evil.example:{port}"),
        format!("xlocalhost:{port}"),
    ] {
        for path in ["/public/x", "/items", "/api/auth/ok"] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            let response = gw.raw().await.send(request).await.response().await.unwrap();
            assert_eq!(response.status, 421, "{host} {path}");
            assert_eq!(response.code(), "MISDIRECTED_REQUEST", "{host} {path}");
        }
        gw.assert_upstream_untouched(&host).await;
    }
}

#[tokio::test]
async fn hosts_that_are_no_hosts_are_400() {
    let gw = TestGateway::start().await;
    let host = gw.host();
    for line in [
        format!("{host}/x?"),
        format!("user@{host}"),
        format!("{host}, evil"),
        format!("{host} evil"),
        format!("{host}#"),
        format!("{host}:80"),
        "localhost:".to_owned(),
        "localhost:abc".to_owned(),
        String::new(),
        format!("{host}\r\nHost: {host}"),
        format!("{host}\r\nHost: evil"),
    ] {
        let request = format!("GET /public/x HTTP/1.1\r\nHost: {line}\r\n\r\n");
        let response = gw.raw().await.send(request).await.response().await.unwrap();
        assert_eq!((response.status, response.code().as_str()), (400, "MALFORMED_REQUEST"), "{line:?}");
        gw.assert_upstream_untouched(&line).await;
    }
}

#[tokio::test]
async fn further_hosts_and_other_cases_are_accepted() {
    let gw = TestGateway::with(json!({ "server": { "hosts": ["tenant.test", "[::1]:8080"] } })).await;
    for host in ["tenant.test", "Tenant.TEST", &gw.host().to_uppercase(), "[::1]:8080"] {
        let request = format!("GET /public/x HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(gw.raw().await.send(request).await.response().await.unwrap().status, 200, "{host}");
    }
}
