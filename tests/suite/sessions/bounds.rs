//! How many sessions one person can have (SESS-05).

use crate::harness::TestGateway;

#[tokio::test]
async fn the_oldest_sessions_give_way_to_new_ones() {
    let gw = TestGateway::start().await;
    let first = gw.signed_up_user("alice").await;
    let bob = gw.insert_user("bob", &[]).await;
    for _ in 0..105 {
        gw.insert_session(&first.id).await;
    }
    gw.db.execute("update auth.sessions set created_at = created_at - interval '1 h'").await;
    let newest = gw.sign_in(&first.email).await;
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 101, "100 and bob's");
    assert_eq!(newest.status("/items").await, 200);
    assert_eq!(bob.status("/items").await, 200);
}
