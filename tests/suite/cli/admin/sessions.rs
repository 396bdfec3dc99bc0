//! Sessions seen and ended by an operator.

use serde_json::json;

use crate::harness::{TestGateway, client::assert_date};

#[tokio::test]
async fn sessions_are_listed_without_their_tokens() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.insert_user("bob", &[]).await;
    let ended = gw.cli(&["sessions", "list", "alice@example.com", "--json"]);
    assert!(!ended.stdout.contains(&alice.token), "{ended:?}");
    let answer = ended.json();
    assert_eq!(answer["userId"], json!(alice.id));
    let sessions = answer["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 1, "{answer}");
    assert_eq!((&sessions[0]["authMethod"], &sessions[0]["ipAddress"]), (&json!("password"), &json!("127.0.0.1")));
    for key in ["createdAt", "lastSeenAt", "expiresAt"] {
        assert_date(&sessions[0][key]);
    }
    let table = gw.cli(&["sessions", "list", &alice.id]);
    assert!(table.stdout.starts_with("ID ") && table.stdout.contains("127.0.0.1"), "{table:?}");
}

#[tokio::test]
async fn one_session_ends_and_the_others_stay() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let other = gw.anonymous().with_bearer(&gw.insert_session(&alice.id).await);
    let listed = gw.cli_json(&["sessions", "list", &alice.id]);
    let newest = listed["sessions"][0]["id"].as_str().unwrap();
    let answer = gw.cli_json(&["sessions", "revoke", newest]);
    assert_eq!(answer, json!({ "userId": alice.id, "sessionsEnded": 1 }));
    assert_eq!((other.status("/items").await, alice.status("/items").await), (401, 200));
    let row: serde_json::Value =
        sqlx::query_scalar("select to_jsonb(a) from auth.audit_events a where event = 'session_revoked'")
            .fetch_one(&mut gw.db.connect().await)
            .await
            .unwrap();
    assert_eq!((row["user_id"].as_str(), row["detail"]["session_id"].as_str()), (Some(&*alice.id), Some(newest)));
    assert!(row["actor"].as_str().unwrap().starts_with("cli:"), "{row}");
    gw.cli(&["sessions", "revoke", newest]).assert_refused(1, "there is no such session");
}

#[tokio::test]
async fn all_sessions_of_a_user_end_and_nobody_elses() {
    let gw = TestGateway::start().await;
    let (alice, bob) = (gw.insert_user("alice", &[]).await, gw.insert_user("bob", &[]).await);
    gw.insert_session(&alice.id).await;
    let answer = gw.cli_json(&["sessions", "revoke", "--user", "alice@example.com"]);
    assert_eq!(answer["sessionsEnded"], 2);
    assert_eq!((alice.status("/items").await, bob.status("/items").await), (401, 200));
    let rows = "select count(*) from auth.audit_events where event = 'sessions_revoked' and detail->>'sessions' = '2'";
    assert_eq!(gw.db.count(rows).await, 1);
}
