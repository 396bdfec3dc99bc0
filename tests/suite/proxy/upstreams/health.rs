//! Servers that are left out, and how they come back.

use serde_json::json;

use crate::harness::{Reply, TestGateway, Upstream, eventually};

fn up(server: &Upstream) -> String {
    format!("authgate_upstream_server_up{{server=\"{}\",upstream=\"api\"}}", server.url())
}

#[tokio::test]
async fn a_server_that_fails_its_probes_is_left_out_until_it_passes_them() {
    let (sick, well) = (Upstream::start().await, Upstream::start().await);
    let check = json!({ "path": "/health?deep", "interval": "20ms", "unhealthy_after": 2, "healthy_after": 2 });
    let upstream = json!({ "servers": [sick.url(), well.url()], "health_check": check });
    let gw = TestGateway::with(json!({ "upstreams": { "api": upstream } })).await;
    assert_eq!(gw.metric(&up(&sick)).await.to_string(), "1");
    sick.reply("/health", Reply::Plain { status: 503, fields: vec![], body: vec![] });
    eventually("the probes to fail", async || (gw.metric(&up(&sick)).await < 0.5).then_some(())).await;
    let probe = sick.received("/health").await;
    assert_eq!((probe.target(), probe.field("host")), ("/health?deep", Some(&*sick.address.to_string())));
    sick.forget();
    for _ in 0..10 {
        assert_eq!(gw.anonymous().status("/public/x").await, 200);
    }
    assert!(sick.requests().iter().all(|request| request.target() == "/health?deep"), "only probes");
    sick.reply("/health", Reply::text("fine"));
    eventually("the probes to pass", async || (gw.metric(&up(&sick)).await > 0.5).then_some(())).await;
    eventually("requests", async || {
        gw.anonymous().status("/public/x").await;
        sick.requests().iter().any(|request| request.target() == "/public/x").then_some(())
    })
    .await;
}

#[tokio::test]
async fn where_every_server_fails_its_probes_they_are_used_all_the_same() {
    let server = Upstream::start().await;
    server.reply("/health", Reply::Plain { status: 500, fields: vec![], body: vec![] });
    let check = json!({ "path": "/health", "interval": "20ms", "unhealthy_after": 1 });
    let upstream = json!({ "servers": [server.url()], "health_check": check });
    let gw = TestGateway::with(json!({ "upstreams": { "api": upstream } })).await;
    eventually("the probes to fail", async || (gw.metric(&up(&server)).await < 0.5).then_some(())).await;
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
}

#[tokio::test]
async fn a_server_that_breaks_off_requests_is_left_out_for_a_while() {
    let (broken, well) = (Upstream::start().await, Upstream::start().await);
    broken.reply("/public/x", Reply::Close);
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": [broken.url(), well.url()] } } })).await;
    let mut failed = 0;
    for _ in 0..20 {
        let response = gw.anonymous().post("/public/x").body("x").send().await.unwrap();
        failed += usize::from(response.status() == 502);
    }
    assert_eq!(failed, 3, "after three in a row nothing is sent there for a second");
    let ejections = format!("authgate_upstream_ejections_total{{server=\"{}\",upstream=\"api\"}}", broken.url());
    assert_eq!(gw.metric(&ejections).await.to_string(), "1");
    broken.reply("/public/x", Reply::text("well again"));
    eventually("the end of the ejection", async || {
        gw.anonymous().status("/public/x").await;
        (broken.requests().len() > 3).then_some(())
    })
    .await;
    eventually("the gauge", async || (gw.metric(&up(&broken)).await > 0.5).then_some(())).await;
}
