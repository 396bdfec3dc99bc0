//! What operators see: health, metrics, the log.

use http::Method;

use crate::harness::TestGateway;

#[tokio::test]
async fn health_and_readiness_answer_on_the_operators_listener() {
    let gw = TestGateway::start().await;
    for path in ["/healthz", "/readyz"] {
        let response = gw.operator().get(path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
    }
    assert_eq!(gw.operator().status("/nope").await, 404);
    for method in [Method::POST, Method::DELETE] {
        let status = gw.operator().request(method, "/healthz").send().await.unwrap().status().as_u16();
        assert!([404, 405].contains(&status), "{status}");
    }
}

#[tokio::test]
async fn the_operators_listener_says_that_it_closes() {
    let gw = TestGateway::start().await;
    for path in ["/healthz", "/readyz", "/metrics", "/nope"] {
        let response = gw.operator().get(path).send().await.unwrap();
        assert_eq!(response.headers()["connection"], "close", "{path}");
    }
}

#[tokio::test]
async fn the_public_listener_knows_none_of_it() {
    let gw = TestGateway::start().await;
    for path in ["/healthz", "/readyz", "/metrics", "/__dev/mail", "/__dev/mail.json", "/debug/pprof"] {
        assert_eq!(gw.anonymous().status(path).await, 401, "{path} is an ordinary protected path");
    }
    gw.assert_upstream_untouched("operators' paths").await;
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(gw.anonymous().status("/items").await, 401);
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    gw.raw().await.send("GET / HTTP/1.1\r\n\r\n").await.response().await;
    let text = gw.metrics().await;
    let expected = [
        ("authgate_requests_total{route=\"app\",status=\"2xx\"}", 1.0),
        ("authgate_requests_total{route=\"app\",status=\"4xx\"}", 1.0),
        ("authgate_requests_total{route=\"public\",status=\"2xx\"}", 1.0),
        ("authgate_request_duration_seconds_count{route=\"app\"}", 2.0),
        ("authgate_session_check_duration_seconds_count", 1.0),
        ("authgate_session_check_batch_size_count", 1.0),
        ("authgate_session_check_failures_total", 0.0),
        ("authgate_requests_in_flight", 0.0),
        ("authgate_password_hashing_queue", 0.0),
        ("authgate_password_hashing_duration_seconds_count", 2.0),
        ("authgate_password_hashing_rejected_total", 0.0),
        ("authgate_mail_outbox_depth", 0.0),
        ("authgate_mail_deliveries_total{outcome=\"sent\"}", 1.0),
        ("authgate_access_log_dropped_total", 0.0),
        ("authgate_panics_total", 0.0),
        (concat!("authgate_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1.0),
    ];
    for (name, value) in expected {
        assert!(text.contains(name), "{name} is missing in\n{text}");
        assert_eq!(gw.metric(name).await.to_string(), value.to_string(), "{name}");
    }
    assert!(gw.metric("authgate_requests_total{route=\"_auth\",status=\"2xx\"}").await >= 3.0, "{text}");
    for name in ["authgate_requests_refused_total", "authgate_sign_ins_total", "authgate_database_connections"] {
        assert!(text.lines().any(|line| line.starts_with(&format!("{name}{{"))), "{name} has no value in\n{text}");
    }
    for secret in [alice.email.as_str(), &alice.id, &alice.token, "/items"] {
        assert!(!text.contains(secret), "{secret} is in the metrics");
    }
}

#[tokio::test]
async fn paths_of_strangers_make_no_new_series() {
    let gw = TestGateway::start().await;
    let series = async || gw.metrics().await.lines().filter(|line| line.starts_with("authgate_requests_total")).count();
    gw.anonymous().status("/nope/0").await;
    gw.anonymous().status("/api/auth/nope/0").await;
    let before = series().await;
    for n in 1..20 {
        gw.anonymous().status(&format!("/nope/{n}")).await;
        gw.anonymous().status(&format!("/api/auth/nope/{n}")).await;
        gw.raw().await.send(format!("M{n} /x HTTP/1.1\r\nHost: {}\r\n\r\n", gw.host())).await.response().await;
    }
    assert!(series().await <= before + 1, "{}", gw.metrics().await);
}
