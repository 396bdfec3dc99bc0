//! The very next request sees what became of a session (promise 1 of the design).

use crate::harness::{TestGateway, client::AUTH, problem};

/// Every way to end a session, and the statement that does it.
const ENDINGS: [(&str, &str); 6] = [
    ("revoked", "delete from auth.sessions"),
    ("expired", "update auth.sessions set expires_at = now() - interval '1 millisecond'"),
    ("banned", "update auth.users set banned_at = now()"),
    ("banned until tomorrow", "update auth.users set banned_at = now(), ban_expires_at = now() + interval '1 day'"),
    ("deleted", "delete from auth.users"),
    ("token replaced", "update auth.sessions set token_hash = sha256('other')"),
];

#[tokio::test]
async fn an_ended_session_is_refused_by_the_very_next_request() {
    for (what, sql) in ENDINGS {
        let gw = TestGateway::start().await;
        let alice = gw.insert_user("alice", &[]).await;
        let bearer = alice.bearer();
        // The same kept connections before and after.
        assert_eq!((alice.status("/items").await, bearer.status("/items").await), (200, 200), "{what}");
        assert_eq!(gw.db.execute(sql).await, 1, "{what}");
        gw.upstream.forget();
        assert_eq!((alice.status("/items").await, bearer.status("/items").await), (401, 401), "{what}");
        assert_eq!(alice.session().await, serde_json::Value::Null, "{what}");
        assert_eq!(alice.status("/optional/x").await, 200, "{what}");
        assert_eq!(gw.upstream.last().field("X-User-Id"), None, "{what}");
        let me = problem(alice.get(&format!("{AUTH}/me")).send().await.unwrap()).await;
        assert_eq!((me.status, me.code.as_str()), (401, "UNAUTHORIZED"), "{what}");
        assert_eq!(gw.upstream.requests().len(), 1, "{what}: only the optional route was forwarded");
    }
}

#[tokio::test]
async fn a_ban_that_is_over_keeps_nobody_out() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db
        .execute("update auth.users set banned_at = now() - interval '2 days', ban_expires_at = now() - interval '1 s'")
        .await;
    assert_eq!(alice.status("/items").await, 200);
}

#[tokio::test]
async fn a_revoked_session_does_not_touch_the_others() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let bob = gw.insert_user("bob", &[]).await;
    let second = gw.anonymous().with_bearer(&gw.insert_session(&alice.id).await);
    assert_eq!(alice.auth("/sign-out", &serde_json::json!({})).await.status(), 200);
    assert_eq!(alice.status("/items").await, 401);
    assert_eq!((second.status("/items").await, bob.status("/items").await), (200, 200));
}

#[tokio::test]
async fn changes_of_the_user_are_seen_at_once() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    gw.db.execute("update auth.users set name = 'Alicia', email = 'alicia@example.com', roles = '{a,b}'").await;
    assert_eq!(alice.status("/items").await, 200);
    let seen = gw.upstream.last();
    assert_eq!(seen.field("X-User-Name"), Some("Alicia"));
    assert_eq!(seen.field("X-User-Email"), Some("alicia@example.com"));
    assert_eq!(seen.field("X-User-Roles"), Some("a,b"));
}

#[tokio::test]
async fn many_at_once_are_each_answered_as_themselves() {
    let gw = TestGateway::start().await;
    let mut users = Vec::new();
    for n in 0..12 {
        users.push(gw.insert_user(&format!("user{n}"), &[]).await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for round in 0..10 {
        for user in &users {
            let (client, id) = (user.bearer(), user.id.clone());
            tasks.spawn(async move {
                let path = format!("/items/{id}/{round}");
                (path.clone(), client.status(&path).await)
            });
        }
        let stranger = gw.anonymous().with_bearer(&format!("{round}").repeat(43));
        tasks.spawn(async move { (String::new(), stranger.status("/items").await) });
    }
    while let Some(answer) = tasks.join_next().await {
        let (path, status) = answer.unwrap();
        assert_eq!(status, if path.is_empty() { 401 } else { 200 }, "{path}");
    }
    let seen = gw.upstream.requests();
    assert_eq!(seen.len(), 120);
    for request in seen {
        let id = request.target().split('/').nth(2).unwrap();
        assert_eq!(request.field("X-User-Id"), Some(id), "{}", request.line);
    }
    let batches = gw.metric("authgate_session_check_batch_size_count").await;
    assert!(batches < 130.0, "requests that come together are asked together: {batches} queries");
}
