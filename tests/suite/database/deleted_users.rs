//! A user who is deleted while a flow of theirs is under way has no session any more, and that is what they are told.

use serde_json::json;

use super::waiting;
use crate::harness::{PASSWORD, TestGateway};

#[tokio::test]
async fn a_user_deleted_in_the_middle_of_a_flow_is_no_defect() {
    for (path, body) in [
        ("/update-user", json!({ "name": "Alice" })),
        ("/change-password", json!({ "currentPassword": PASSWORD, "newPassword": format!("{PASSWORD} 2") })),
        ("/change-email", json!({ "newEmail": "alice2@example.com" })),
        ("/revoke-other-sessions", json!({})),
        ("/sign-in/email", json!({ "email": "alice@example.com", "password": PASSWORD })),
        ("/request-password-reset", json!({ "email": "alice@example.com" })),
    ] {
        let gw = TestGateway::start().await;
        let alice = gw.signed_up_user("alice").await;
        let mut connection = gw.db.connect().await;
        let mut transaction = sqlx::Connection::begin(&mut connection).await.unwrap();
        sqlx::query("delete from auth.users where id = $1").bind(&alice.id).execute(&mut *transaction).await.unwrap();
        let flow = tokio::spawn({
            let client = (*alice).clone();
            async move { client.auth(path, &body).await }
        });
        waiting(&gw.db, 1).await;
        transaction.commit().await.unwrap();
        let response = flow.await.unwrap();
        let status = response.status().as_u16();
        let expected = if path == "/request-password-reset" { 200 } else { 401 };
        assert_eq!(status, expected, "{path}: {}", response.text().await.unwrap_or_default());
        assert_eq!(gw.anonymous().status("/public/x").await, 200);
    }
}
