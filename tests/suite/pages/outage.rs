//! Tests what pages say while the database is away (FAIL-01).

use crate::harness::{Setup, cluster::OwnCluster};

#[tokio::test]
async fn pages_say_that_they_are_not_available() {
    let cluster = OwnCluster::start();
    let gw = Setup::new(serde_json::Value::Null).database(cluster.database()).start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let open = async |path: &str| alice.get(path).header("Accept", "text/html").send().await.unwrap();
    assert_eq!(open("/account/settings").await.status(), 200);
    cluster.stop();
    for path in ["/account/settings", "/items"] {
        let page = open(path).await;
        assert_eq!(page.status(), 503, "{path}");
        assert!(page.headers().contains_key("retry-after"), "{path}");
        assert!(!page.headers().contains_key("location"), "an outage is not taken for being signed out");
        let html = page.text().await.unwrap();
        assert!(html.contains("Not available at the moment"), "{path}: {html}");
    }
    assert_eq!(gw.anonymous().get("/auth/sign-in").send().await.unwrap().status(), 200, "it asks nobody");
}
