//! One token serves a session for a while, and never longer than what it says is true.

use serde_json::json;

use super::{assertion, gateway, keys, verified};
use crate::harness::TestGateway;

#[tokio::test]
async fn a_session_gets_one_token_for_many_requests() {
    // Half of the longest life: no pause of the test's machine is as long.
    let gw = TestGateway::with(json!({ "identity": { "assertion": { "ttl": "5m" } } })).await;
    let (alice, bob) = (gw.insert_user("alice", &[]).await, gw.insert_user("bob", &[]).await);
    assert_eq!(alice.status("/items").await, 200);
    let first = assertion(&gw).unwrap();
    for _ in 0..5 {
        assert_eq!(alice.status("/items/other").await, 200);
        assert_eq!(assertion(&gw).as_ref(), Some(&first));
        assert_eq!(bob.status("/items").await, 200);
        assert_ne!(assertion(&gw).as_ref(), Some(&first));
    }
    let second = gw.insert_session(&alice.id).await;
    assert_eq!(gw.anonymous().with_bearer(&second).status("/items").await, 200);
    assert_ne!(assertion(&gw), Some(first), "another session of the same user");
}

#[tokio::test]
async fn what_changes_in_the_database_is_in_the_very_next_one() {
    let gw = gateway().await;
    let alice = gw.insert_user("alice", &["user"]).await;
    let keys = keys(&gw).await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(verified(&assertion(&gw).unwrap(), &keys).unwrap()["roles"], json!(["user"]));
    for (sql, claim, expected) in [
        ("update auth.users set roles = '{user,admin}'", "roles", json!(["user", "admin"])),
        ("update auth.users set roles = '{}'", "roles", json!([])),
        ("update auth.users set name = 'Alicia'", "name", json!("Alicia")),
        ("update auth.users set email = 'new@example.com'", "email", json!("new@example.com")),
        ("update auth.users set email_verified = false", "email_verified", json!(false)),
        ("update auth.sessions set second_factor = 'totp'", "amr", json!(["pwd", "otp", "mfa"])),
        ("update auth.sessions set auth_method = 'acme'", "auth_method", json!("acme,totp")),
    ] {
        gw.db.execute(sql).await;
        assert_eq!(alice.status("/items").await, 200);
        assert_eq!(verified(&assertion(&gw).unwrap(), &keys).unwrap()[claim], expected, "{sql}");
    }
}

#[tokio::test]
async fn a_kept_token_passes_nobody_whose_session_ended() {
    let gw = gateway().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    gw.db.execute("delete from auth.sessions").await;
    gw.upstream.forget();
    assert_eq!(alice.status("/items").await, 401);
    assert_eq!(alice.status("/optional/x").await, 200);
    assert_eq!(assertion(&gw), None);
}
