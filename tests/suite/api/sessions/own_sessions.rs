//! People see and end their own sessions, and nobody else's (SESS-07, contract §3.2).

use http::Method;
use serde_json::{Value, json};

use crate::harness::{
    Client, TestGateway,
    client::{AUTH, assert_date, expect_problem, set_cookies},
};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/18.1 Mobile/15E148 Safari/604.1";

async fn list(client: &Client) -> Vec<Value> {
    let response = client.get(&format!("{AUTH}/list-sessions")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.json().await.unwrap()
}

/// Revokes by a handle; whether the caller's cookie was cleared.
async fn revoke(client: &Client, handle: &str) -> bool {
    done(client.auth("/revoke-session", &json!({ "token": handle })).await).await
}

async fn done(response: reqwest::Response) -> bool {
    assert_eq!(response.status(), 200);
    let cookies = set_cookies(response.headers());
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true }));
    cookies.iter().any(|cookie| cookie.starts_with("authgate_session=; Max-Age=0"))
}

async fn handle_of(client: &Client) -> String {
    client.session().await["session"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_list_shows_what_their_owner_recognises() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let bob = gw.insert_user("bob", &[]).await;
    let older = gw.insert_session(&alice.id).await;
    gw.insert_session(&alice.id).await;
    gw.db
        .execute("update auth.sessions set created_at = now() - interval '1 hour', last_seen_at = now() - interval '1 minute'")
        .await;
    let mut connection = gw.db.connect().await;
    for (agent, ip, age, token) in
        [(FIREFOX, "203.0.113.7", "2 hours", &alice.token), (IPHONE, "2001:db8::7", "3 hours", &older)]
    {
        sqlx::query(
            "update auth.sessions set user_agent = $1, ip_address = $2, created_at = now() - $3::interval
             where token_hash = sha256($4::bytea)",
        )
        .bind(agent)
        .bind(ip)
        .bind(age)
        .bind(token.as_bytes())
        .execute(&mut connection)
        .await
        .unwrap();
    }
    let sessions = list(&alice).await;
    let column = |key: &str| sessions.iter().map(|session| session[key].clone()).collect::<Vec<_>>();
    assert_eq!(column("current"), [json!(false), json!(true), json!(false)], "newest first: {sessions:?}");
    assert_eq!(column("ipAddress"), [json!(""), json!("203.0.113.7"), json!("2001:db8::7")]);
    assert_eq!(column("userAgent"), [json!(""), json!(FIREFOX), json!(IPHONE)]);
    assert_eq!(
        column("device"),
        [
            json!({ "browser": null, "os": null, "kind": null }),
            json!({ "browser": "Firefox", "os": "Linux", "kind": "desktop" }),
            json!({ "browser": "Safari", "os": "iOS", "kind": "mobile" }),
        ]
    );
    assert_eq!(column("location"), [Value::Null, Value::Null, Value::Null]);
    for session in &sessions {
        // Frontends find the session that asks by its token, which they have from `get-session`.
        let token = if session["current"] == true { json!(alice.token) } else { session["id"].clone() };
        assert_eq!((&session["userId"], &session["token"]), (&json!(alice.id), &token));
        for date in ["expiresAt", "createdAt", "updatedAt", "lastSeenAt"] {
            assert_date(&session[date]);
        }
        assert_eq!(session.as_object().unwrap().len(), 12, "{session}");
    }
    let theirs = list(&bob).await;
    assert_eq!((theirs.len(), &theirs[0]["userId"]), (1, &json!(bob.id)));
}

#[tokio::test]
async fn what_is_over_is_not_listed() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.insert_session(&alice.id).await;
    gw.db
        .execute(
            "update auth.sessions set expires_at = now() - interval '1 second'
             where id = (select max(id) from auth.sessions)",
        )
        .await;
    assert_eq!(list(&alice).await.len(), 1);
}

#[tokio::test]
async fn the_list_needs_a_fresh_session_and_revoking_does_not() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.insert_session(&alice.id).await;
    let ask = async |client: &Client| client.get(&format!("{AUTH}/list-sessions")).send().await.unwrap();
    expect_problem(ask(&gw.anonymous()).await, 401, "UNAUTHORIZED").await;
    gw.db.execute("update auth.sessions set created_at = now() - interval '25 hours'").await;
    expect_problem(ask(&alice).await, 403, "SESSION_NOT_FRESH").await;
    expect_problem(ask(&alice.bearer()).await, 403, "SESSION_NOT_FRESH").await;
    assert!(!done(alice.auth("/revoke-other-sessions", &json!({})).await).await);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
}

#[tokio::test]
async fn a_handle_opens_nothing() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let second = gw.anonymous().with_bearer(&gw.insert_session(&alice.id).await);
    for session in list(&second).await.iter().filter(|session| session["current"] == false) {
        assert!(!session.to_string().contains(&alice.token), "{session}");
        let handle = session["token"].as_str().unwrap();
        let cookie = format!("{}={handle}", gw.cookie_name());
        for client in [gw.anonymous().with_cookie(cookie), gw.anonymous().with_bearer(handle)] {
            assert_eq!(client.status("/items").await, 401);
            assert_eq!(client.status(&format!("{AUTH}/list-sessions")).await, 401);
            let response = client.auth("/revoke-session", &json!({ "token": handle })).await;
            expect_problem(response, 401, "UNAUTHORIZED").await;
        }
        let verdict: Value =
            gw.anonymous().auth("/verify-token", &json!({ "token": handle })).await.json().await.unwrap();
        assert_eq!(verdict["valid"], false);
    }
    assert_eq!(alice.status("/items").await, 200);
}

#[tokio::test]
async fn revoking_one_session_ends_that_one_at_once() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let [second, third] = [gw.insert_session(&alice.id).await, gw.insert_session(&alice.id).await]
        .map(|t| gw.anonymous().with_bearer(&t));
    assert_eq!((second.status("/items").await, third.status("/items").await), (200, 200));
    assert!(!revoke(&alice, &handle_of(&second).await).await, "the caller's own cookie stays");
    assert_eq!((second.status("/items").await, third.status("/items").await), (401, 200));
    assert_eq!(second.session().await, Value::Null);
    assert_eq!(list(&alice).await.len(), 2);

    assert!(revoke(&alice, &handle_of(&alice).await).await, "it was the caller's own");
    assert_eq!((alice.status("/items").await, third.status("/items").await), (401, 200));
    let audit_log = "select count(*) from auth.audit_events e join auth.users u on u.id = e.user_id
                   where event = 'session_revoked' and outcome = 'success' and ip_address = '127.0.0.1'";
    assert_eq!(gw.db.count(audit_log).await, 2);
}

#[tokio::test]
async fn ones_own_token_is_a_handle_too() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let other = gw.insert_session(&alice.id).await;
    assert!(!revoke(&alice, &other).await);
    assert_eq!(gw.anonymous().with_bearer(&other).status("/items").await, 401);
    assert!(revoke(&alice, &alice.token).await);
    assert_eq!(alice.status("/items").await, 401);
}

#[tokio::test]
async fn nobody_ends_sessions_of_others() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let bob = gw.insert_user("bob", &[]).await;
    let long = "a".repeat(10_000);
    for handle in [&handle_of(&alice).await, &alice.token, &alice.id, "", "unknown", "' or true --", "*", &long] {
        assert!(!revoke(&bob, handle).await, "{handle}");
        assert_eq!((alice.status("/items").await, bob.status("/items").await), (200, 200), "{handle}");
    }
    for path in ["/revoke-other-sessions", "/revoke-sessions"] {
        done(bob.auth(path, &json!({})).await).await;
        assert_eq!(alice.status("/items").await, 200, "{path}");
    }
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'session_revoked'").await, 0);
    for body in [json!({}), json!({ "token": 7 }), json!({ "token": [alice.token] }), json!([])] {
        expect_problem(alice.auth("/revoke-session", &body).await, 400, "VALIDATION_ERROR").await;
    }
}

#[tokio::test]
async fn the_others_or_all_end_at_once() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(gw.anonymous().with_bearer(&gw.insert_session(&alice.id).await));
    }
    let response = alice.post(&format!("{AUTH}/revoke-other-sessions")).send().await.unwrap();
    assert!(!done(response).await, "no body is needed, and the caller stays");
    for other in &others {
        assert_eq!(other.status("/items").await, 401);
    }
    assert_eq!(alice.status("/items").await, 200);

    let other = gw.anonymous().with_bearer(&gw.insert_session(&alice.id).await);
    assert!(done(alice.auth("/revoke-sessions", &json!({})).await).await, "the caller's cookie is cleared");
    assert_eq!((alice.status("/items").await, other.status("/items").await), (401, 401));
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'sessions_revoked'").await, 2);
    for path in ["/revoke-session", "/revoke-other-sessions", "/revoke-sessions", "/update-session"] {
        let response = alice.auth(path, &json!({ "token": "x" })).await;
        assert!(set_cookies(response.headers()).iter().any(|cookie| cookie.contains("Max-Age=0")), "{path}");
        expect_problem(response, 401, "UNAUTHORIZED").await;
    }
}

#[tokio::test]
async fn what_one_replica_revokes_the_other_refuses() {
    let gw = TestGateway::start().await;
    let replica = gw.replica().await;
    let alice = gw.insert_user("alice", &[]).await;
    let there = replica.anonymous().with_bearer(&gw.insert_session(&alice.id).await);
    assert_eq!(there.status("/items").await, 200);
    revoke(&alice, &handle_of(&there).await).await;
    assert_eq!(there.status("/items").await, 401);

    let mine_there = replica.anonymous().with_bearer(&alice.token);
    assert_eq!(mine_there.status("/items").await, 200);
    done(mine_there.auth("/revoke-sessions", &json!({})).await).await;
    assert_eq!(alice.status("/items").await, 401);
}

#[tokio::test]
async fn sessions_have_no_fields_to_update() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for body in [json!({}), json!({ "token": "x" }), json!({ "expiresAt": "2099-01-01T00:00:00.000Z", "userId": "x" })]
    {
        let problem = expect_problem(alice.auth("/update-session", &body).await, 400, "NO_FIELDS_TO_UPDATE").await;
        assert_eq!(problem.message, "No fields to update");
    }
    expect_problem(alice.auth("/update-session", &json!([1])).await, 400, "BODY_MUST_BE_AN_OBJECT").await;
    expect_problem(gw.anonymous().auth("/update-session", &json!({})).await, 401, "UNAUTHORIZED").await;
}

#[tokio::test]
async fn no_foreign_page_ends_sessions() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for path in ["/revoke-session", "/revoke-sessions", "/revoke-other-sessions"] {
        let request = alice.request(Method::POST, &format!("{AUTH}{path}")).header("Origin", "https://evil.example");
        let response = request.json(&json!({ "token": alice.token })).send().await.unwrap();
        expect_problem(response, 403, "INVALID_ORIGIN").await;
    }
    assert_eq!(alice.status("/items").await, 200);
}

#[tokio::test]
async fn what_cannot_be_audited_is_not_revoked() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute("alter table auth.audit_events add constraint closed check (false) not valid").await;
    let response = alice.auth("/revoke-sessions", &json!({})).await;
    assert_eq!(response.status(), 500);
    assert_eq!(alice.status("/items").await, 200);
}
