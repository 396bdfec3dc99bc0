//! A migration by another role changes a column while connections hold statements that return it.

use serde_json::json;

use crate::harness::TestGateway;

#[tokio::test]
async fn a_flow_whose_prepared_statement_became_stale_is_run_again_on_a_new_connection() {
    let gw = TestGateway::with(json!({ "database": { "max_connections": 1 } })).await;
    let email = gw.verified_user("alice").await;
    gw.sign_in(&email).await;
    // Nobody ends connections after this, as after a migration by a role that may not.
    gw.db.execute("alter table auth.users alter column image type text collate \"C\"").await;
    gw.sign_in(&email).await;
    let is_again = |line: &serde_json::Value| line.to_string().contains("is run again");
    gw.logged("the second run", is_again).await;
    gw.sign_in(&email).await;
    assert_eq!(gw.log().iter().filter(|line| is_again(line)).count(), 1, "the connection was closed");
}
