//! Tests which permission each endpoint takes, and its bounds.

use serde_json::json;

use super::{call, gateway, gateway_with, get, ok, read};
use crate::harness::{
    TestGateway,
    client::{AUTH, expect_problem, problem},
};

const ENDPOINTS: [(&str, &str); 20] = [
    ("create-user", "YOU_ARE_NOT_ALLOWED_TO_CREATE_USERS"),
    ("update-user", "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS"),
    ("set-role", "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE"),
    ("ban-user", "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS"),
    ("unban-user", "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS"),
    ("remove-user", "YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS"),
    ("set-user-password", "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD"),
    ("list-user-sessions", "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS_SESSIONS"),
    ("revoke-user-session", "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS"),
    ("revoke-user-sessions", "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS"),
    ("impersonate-user", "YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS"),
    ("list-users", "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS"),
    ("get-user?id=x", "YOU_ARE_NOT_ALLOWED_TO_GET_USER"),
    ("audit-events", "YOU_ARE_NOT_ALLOWED_TO_LIST_AUDIT_EVENTS"),
    ("list-user-sign-in-methods?id=x", "YOU_ARE_NOT_ALLOWED_TO_GET_USER"),
    ("list-organizations", "YOU_ARE_NOT_ALLOWED_TO_LIST_ORGANIZATIONS"),
    ("get-organization?id=x", "YOU_ARE_NOT_ALLOWED_TO_LIST_ORGANIZATIONS"),
    ("outbox", "YOU_ARE_NOT_ALLOWED_TO_READ_MAIL"),
    ("outbox/retry", "YOU_ARE_NOT_ALLOWED_TO_RETRY_MAIL"),
    ("health", "YOU_ARE_NOT_ALLOWED_TO_READ_HEALTH"),
];

/// ADMIN-02: without the role nothing, by cookie or token, and that somebody tried is recorded.
#[tokio::test]
async fn whoever_has_no_such_role_may_do_nothing() {
    let gw = gateway().await;
    let (eve, victim) = (gw.insert_user("eve", &["editor"]).await, gw.insert_user("victim", &[]).await);
    let body = json!({
        "userId": victim.id, "role": "admin", "email": "x@example.com", "name": "x", "data": { "name": "x" },
        "newPassword": "a walk along the river", "sessionToken": "x",
    });
    for (endpoint, code) in ENDPOINTS {
        let reads =
            ["list-users", "audit-events", "list-user-sign-in-methods?id=x", "list-organizations", "outbox", "health"];
        let is_read = endpoint.starts_with("get-") || reads.contains(&endpoint);
        for client in [&*eve, &eve.bearer()] {
            let response =
                if is_read { get(client, endpoint).await } else { call(client, endpoint, body.clone()).await };
            expect_problem(response, 403, code).await;
        }
        let stranger = gw.anonymous();
        let response =
            if is_read { get(&stranger, endpoint).await } else { call(&stranger, endpoint, body.clone()).await };
        expect_problem(response, 401, "UNAUTHORIZED").await;
    }
    let root = gw.insert_user("root", &["admin"]).await;
    let request = root.request(reqwest::Method::POST, &format!("{AUTH}/admin/ban-user"));
    let request = request.header("Origin", "https://evil.example").json(&json!({ "userId": victim.id }));
    let response = request.send().await.unwrap();
    assert_eq!(problem(response).await.status, 403, "a page of another site");
    assert_eq!(gw.db.count("select count(*) from auth.users where banned_at is not null or name = 'x'").await, 0);
    gw.eventually_counts(
        1,
        "select least(count(*), 1) from auth.audit_events where event = 'access_denied' and outcome = 'missing_role'",
    )
    .await;
}

#[tokio::test]
async fn there_is_nothing_of_it_unless_it_is_configured() {
    let gw = TestGateway::start().await;
    let root = gw.insert_user("root", &["admin"]).await;
    assert_eq!(get(&root, "list-users").await.status(), 404);
    assert_eq!(call(&root, "ban-user", json!({ "userId": root.id })).await.status(), 404);
}

/// ADMIN-02: the session is fresh, and has a second factor where the role takes one.
#[tokio::test]
async fn a_session_has_to_prove_enough() {
    let gw = gateway_with(json!({ "two_factor": { "required_for_roles": ["admin"] } })).await;
    let (root, support) = (gw.insert_user("root", &["admin"]).await, gw.insert_user("sue", &["support"]).await);
    let refused = expect_problem(get(&root, "list-users").await, 403, "TWO_FACTOR_REQUIRED").await;
    assert!(refused.message.contains("Set up a second factor"), "{}", refused.message);
    gw.db.execute("update auth.sessions set second_factor = 'totp' where user_id like 'user-%'").await;
    read(&root, "list-users").await;
    gw.db.execute("update auth.sessions set second_factor = 'trusted-device'").await;
    expect_problem(get(&root, "list-users").await, 403, "TWO_FACTOR_REQUIRED").await;
    read(&support, "list-users").await;
    gw.db.execute("update auth.sessions set created_at = created_at - interval '25 hours'").await;
    expect_problem(get(&support, "list-users").await, 403, "SESSION_NOT_FRESH").await;
}

/// Nobody reaches above themselves: not at a user who may do more, nor by a role that they give.
#[tokio::test]
async fn nobody_exceeds_their_own_permissions() {
    let gw = gateway().await;
    let (root, sue) = (gw.insert_user("root", &["admin"]).await, gw.insert_user("sue", &["support"]).await);
    let (guest, other) = (gw.insert_user("guest", &[]).await, gw.insert_user("other", &["support"]).await);
    let exceeds = "YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS";
    for (endpoint, body) in [
        ("ban-user", json!({ "userId": root.id })),
        ("set-role", json!({ "userId": root.id, "role": "" })),
        ("set-role", json!({ "userId": guest.id, "role": "admin" })),
        ("set-role", json!({ "userId": sue.id, "role": ["support", "admin"] })),
        ("impersonate-user", json!({ "userId": root.id })),
    ] {
        expect_problem(call(&sue, endpoint, body).await, 403, exceeds).await;
    }
    // Roles without permissions are the app's.
    let given = ok(&sue, "set-role", json!({ "userId": guest.id, "role": "editor,support" })).await;
    assert_eq!(given["user"]["role"], "editor,support");
    ok(&sue, "ban-user", json!({ "userId": other.id })).await;
    for (role, code) in [
        (json!("Not A Role"), "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE"),
        (json!([1]), "INVALID_ROLE_TYPE"),
        (json!({ "$ne": "" }), "INVALID_ROLE_TYPE"),
    ] {
        expect_problem(call(&sue, "set-role", json!({ "userId": guest.id, "role": role })).await, 400, code).await;
    }
    assert_eq!(gw.db.count("select count(*) from auth.users where 'admin' = any(roles)").await, 1);
}
