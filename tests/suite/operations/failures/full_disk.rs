//! Nothing more can be written: the requests go on, and the loss is counted.

use crate::harness::{TestGateway, eventually};

#[tokio::test]
async fn a_full_disk_stops_the_log_and_nothing_else() {
    let mut gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.restart_onto_full_disk().await;
    for _ in 0..20 {
        assert_eq!(alice.status("/items").await, 200);
        assert_eq!(gw.anonymous().status("/items").await, 401);
    }
    let email = gw.sign_up("bob").await;
    assert!(gw.confirm(&gw.mail.to(&email).await).await.status().as_u16() < 400);
    eventually("a count of what is lost", async || {
        (gw.metric("authgate_access_log_dropped_total").await >= 40.0).then_some(())
    })
    .await;
    assert_eq!(gw.metric("authgate_panics_total").await.to_string(), "0");
}
