//! What is sent once more, and what never is (FAIL-06).

use serde_json::json;

use crate::harness::{Reply, TestGateway, Upstream};

async fn one_of_two_broken() -> (TestGateway, Upstream, Upstream) {
    let (broken, well) = (Upstream::start().await, Upstream::start().await);
    for path in ["/items", "/items/late"] {
        broken.reply(path, Reply::Close);
    }
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": [broken.url(), well.url()] } } })).await;
    (gw, broken, well)
}

#[tokio::test]
async fn a_request_without_body_goes_to_another_server_once_with_its_identity() {
    let (gw, broken, well) = one_of_two_broken().await;
    let alice = gw.insert_user("alice", &["admin"]).await;
    for _ in 0..4 {
        assert_eq!(alice.status("/items").await, 200);
    }
    assert!(!broken.requests().is_empty(), "it had its turn");
    assert_eq!(well.requests().len(), 4);
    for request in well.requests() {
        assert_eq!(request.field("x-user-id"), Some(alice.id.as_str()));
        assert_eq!(request.field("x-user-roles"), Some("admin"));
    }
    let retries = gw.metric("authgate_upstream_retries_total{upstream=\"api\"}").await;
    assert_eq!(retries.to_string(), broken.requests().len().to_string());
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    let (gw, broken, well) = one_of_two_broken().await;
    let alice = gw.insert_user("alice", &[]).await;
    let mut lost = 0;
    for _ in 0..2 {
        let response = alice.bearer().post("/items").body("one order").send().await.unwrap();
        lost += usize::from(response.status() == 502);
    }
    assert_eq!((lost, broken.requests().len(), well.requests().len()), (1, 1, 1), "POST");
    for _ in 0..2 {
        let put = alice.bearer().request(reqwest::Method::PUT, "/items").body("all of it");
        lost += usize::from(put.send().await.unwrap().status() == 502);
    }
    assert_eq!((lost, broken.requests().len(), well.requests().len()), (2, 2, 2), "PUT with a body");
}

#[tokio::test]
async fn a_timeout_is_not_waited_for_twice() {
    let (slow, well) = (Upstream::start().await, Upstream::start().await);
    slow.reply("/public/x", Reply::Never);
    let upstream = json!({ "servers": [slow.url(), well.url()], "timeouts": { "read": "300ms" } });
    let gw = TestGateway::with(json!({ "upstreams": { "api": upstream } })).await;
    let statuses = [gw.anonymous().status("/public/x").await, gw.anonymous().status("/public/x").await];
    assert_eq!(statuses.iter().filter(|&&status| status == 504).count(), 1, "{statuses:?}");
    assert_eq!((slow.requests().len(), well.requests().len()), (1, 1));
}

#[tokio::test]
async fn one_retry_is_all_there_is() {
    let (first, second) = (Upstream::start().await, Upstream::start().await);
    for server in [&first, &second] {
        server.reply("/public/x", Reply::Close);
    }
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": [first.url(), second.url()] } } })).await;
    assert_eq!(gw.anonymous().status("/public/x").await, 502);
    assert_eq!((first.requests().len(), second.requests().len()), (1, 1));
}

#[tokio::test]
async fn a_kept_connection_that_broke_does_not_use_up_the_retry() {
    let (first, second, well) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let upstream = json!({ "servers": [first.url(), second.url(), well.url()] });
    let gw = TestGateway::with(json!({ "server": { "threads": 1 }, "upstreams": { "api": upstream } })).await;
    for _ in 0..3 {
        assert_eq!(gw.anonymous().status("/public/warm").await, 200, "a connection is kept to each");
    }
    for broken in [&first, &second] {
        broken.reply("/public/x", Reply::Close);
    }
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    let asked = |server: &Upstream| server.requests().iter().filter(|request| request.target() == "/public/x").count();
    assert_eq!((asked(&first), asked(&second), asked(&well)), (1, 1, 1), "kept, new, and the other server");
}
