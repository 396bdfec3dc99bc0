//! Power that is taken away is gone at once, and never all of it.

use serde_json::json;

use super::{call, gateway, get, ok, read};
use crate::harness::client::{expect_problem, problem};

#[tokio::test]
async fn whoever_is_banned_demoted_or_signed_out_has_no_power_at_the_next_request() {
    let gw = gateway().await;
    let root = gw.insert_user("root", &["admin"]).await;
    for (name, endpoint, status) in
        [("banned", "ban-user", 401), ("demoted", "set-role", 403), ("revoked", "revoke-user-sessions", 401)]
    {
        let former = gw.insert_user(name, &["admin"]).await;
        read(&former, "list-users").await;
        ok(&root, endpoint, json!({ "userId": former.id, "role": "" })).await;
        assert_eq!(problem(get(&former, "list-users").await).await.status, status, "{name}");
        let answer = call(&former, "set-role", json!({ "userId": former.id, "role": "admin" })).await;
        assert_eq!(problem(answer).await.status, status, "{name}");
    }
    let events = "select count(distinct event) from auth.audit_events
        where event in ('user_banned', 'roles_changed', 'sessions_revoked') and actor <> user_id
            and actor = (select id from auth.users where name = 'root')";
    assert_eq!(gw.db.count(events).await, 3, "with actor and target");
}

/// ADMIN-02: of two who take each other's role at once, one has none any more when it is their turn.
#[tokio::test]
async fn two_who_demote_each_other_at_once_leave_one() {
    let gw = gateway().await;
    for round in 0..5 {
        let (a, b) = (
            gw.insert_user(&format!("a{round}"), &["admin"]).await,
            gw.insert_user(&format!("b{round}"), &["admin"]).await,
        );
        let (of_a, of_b) = (json!({ "userId": b.id, "role": "" }), json!({ "userId": a.id, "role": "" }));
        let (first, second) = tokio::join!(call(&a, "set-role", of_a), call(&b, "set-role", of_b));
        let mut statuses = [first.status().as_u16(), second.status().as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403]);
        assert_eq!(gw.db.count("select count(*) from auth.users where roles = '{admin}'").await, round + 1);
    }
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let gw = gateway().await;
    let (a, b) = (gw.insert_user("a", &["admin"]).await, gw.insert_user("b", &["admin", "editor"]).await);
    let give_up = |user: &crate::harness::User| json!({ "userId": user.id, "role": "editor" });
    let (first, second) = tokio::join!(call(&a, "set-role", give_up(&a)), call(&b, "set-role", give_up(&b)));
    let mut statuses = [first.status().as_u16(), second.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "of two who give their roles up at once, one keeps theirs");
    let last = if gw.db.count("select count(*) from auth.users where 'admin' = any(roles) and name = 'a'").await == 1 {
        a
    } else {
        b
    };
    let refused = call(&last, "set-role", give_up(&last)).await;
    expect_problem(refused, 400, "YOU_CANNOT_DEMOTE_THE_LAST_ADMINISTRATOR").await;
    for (endpoint, code) in [
        ("ban-user", "YOU_CANNOT_BAN_YOURSELF"),
        ("remove-user", "YOU_CANNOT_REMOVE_YOURSELF"),
        ("impersonate-user", "YOU_CANNOT_IMPERSONATE_YOURSELF"),
        ("set-user-password", "YOU_CANNOT_SET_YOUR_PASSWORD"),
    ] {
        let body = json!({ "userId": last.id, "newPassword": "a walk along the river" });
        expect_problem(call(&last, endpoint, body).await, 400, code).await;
    }
    let refused = last.auth("/delete-user", &json!({})).await;
    expect_problem(refused, 400, "YOU_ARE_THE_LAST_ADMINISTRATOR").await;
    // Somebody banned does not count, and what keeps the power is no loss.
    let other = gw.insert_user("other", &["admin"]).await;
    ok(&last, "ban-user", json!({ "userId": other.id })).await;
    let refused = call(&last, "set-role", give_up(&last)).await;
    expect_problem(refused, 400, "YOU_CANNOT_DEMOTE_THE_LAST_ADMINISTRATOR").await;
    ok(&last, "set-role", json!({ "userId": last.id, "role": "admin,ops" })).await;
    ok(&last, "unban-user", json!({ "userId": other.id })).await;
    ok(&last, "set-role", give_up(&last)).await;
    // The ban ended the sessions of the one who is left, so somebody else has to show it.
    let heir = gw.insert_user("heir", &["admin"]).await;
    ok(&heir, "remove-user", json!({ "userId": other.id })).await;
    let refused = heir.auth("/delete-user", &json!({})).await;
    expect_problem(refused, 400, "YOU_ARE_THE_LAST_ADMINISTRATOR").await;
    gw.insert_user("third", &["admin"]).await;
    assert_eq!(heir.bearer().auth("/delete-user", &json!({})).await.status(), 200);
}
