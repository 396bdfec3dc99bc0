//! Users made, found, judged and removed by an operator.

use serde_json::{Value, json};

use crate::harness::{
    PASSWORD, TestGateway,
    client::{assert_date, problem},
};

/// The row of the audit log for an event.
pub(super) async fn audited(gw: &TestGateway, event: &str) -> Value {
    sqlx::query_scalar("select to_jsonb(a) from auth.audit_events a where event = $1")
        .bind(event)
        .fetch_one(&mut gw.db.connect().await)
        .await
        .unwrap()
}

pub(super) fn assert_by_operator(row: &Value, user: &str) {
    assert_eq!((row["user_id"].as_str(), row["outcome"].as_str()), (Some(user), Some("success")), "{row}");
    let actor = row["actor"].as_str().unwrap();
    assert!(actor.strip_prefix("cli:").is_some_and(|name| !name.is_empty()), "{row}");
    assert_eq!((row["ip_address"].as_str(), &row["request_id"]), (Some(""), &Value::Null), "{row}");
}

#[tokio::test]
async fn the_first_administrator_is_made_here() {
    let gw = TestGateway::start().await;
    let answer = gw
        .cli_with_input(
            &[
                "users",
                "create",
                "Ada@Example.com",
                "--name",
                "Ada",
                "--role",
                "admin",
                "--role",
                "support",
                "--verified",
                "--password-stdin",
                "--json",
            ],
            &format!("{PASSWORD}\n"),
        )
        .json();
    let user = &answer["user"];
    let id = user["id"].as_str().unwrap();
    assert_eq!(
        (&user["email"], &user["emailVerified"], &user["roles"], &user["banned"], &user["signInMethods"]),
        (&json!("ada@example.com"), &json!(true), &json!(["admin", "support"]), &json!(false), &json!(["credential"])),
        "{user}"
    );
    assert_date(&user["createdAt"]);
    let row = audited(&gw, "user_created").await;
    assert_by_operator(&row, id);
    assert_eq!(row["detail"]["roles"], json!(["admin", "support"]));
    assert!(!row.to_string().contains("ada@"), "the audit log holds no address: {row}");
    let ada = gw.sign_in("ada@example.com").await;
    assert_eq!(ada.status("/admin/stats").await, 200);
    assert_eq!(gw.upstream.last().field("X-User-Roles"), Some("admin,support"));
}

#[tokio::test]
async fn without_a_password_nobody_signs_in_and_the_address_stays_unproved() {
    let gw = TestGateway::start().await;
    let user = &gw.cli_json(&["users", "create", "bob@example.com", "--name", "Bob"])["user"];
    assert_eq!((&user["emailVerified"], &user["signInMethods"]), (&json!(false), &json!([])), "{user}");
    for password in ["", PASSWORD] {
        let body = json!({ "email": "bob@example.com", "password": password });
        assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), 401);
    }
}

#[tokio::test]
async fn roles_count_from_the_next_request_of_a_living_session() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &["user"]).await;
    assert_eq!(alice.status("/admin/stats").await, 403);
    let answer = gw.cli_json(&["users", "set-role", "alice@example.com", "support", "admin", "admin"]);
    assert_eq!(answer["user"]["roles"], json!(["admin", "support"]), "sorted, each once");
    assert_eq!(alice.status("/admin/stats").await, 200);
    let row = audited(&gw, "roles_changed").await;
    assert_by_operator(&row, &alice.id);
    assert_eq!(row["detail"], json!({ "from": ["user"], "to": ["admin", "support"] }));
    gw.cli_json(&["users", "set-role", &alice.id, "support", "admin"]);
    let changes = "select count(*) from auth.audit_events where event = 'roles_changed'";
    assert_eq!(gw.db.count(changes).await, 1, "the same roles are no change");
    assert_eq!(gw.cli_json(&["users", "set-role", &alice.id, "--none"])["user"]["roles"], json!([]));
    assert_eq!(alice.status("/admin/stats").await, 403);
    assert_eq!(alice.status("/items").await, 200, "the session lives on");
}

#[tokio::test]
async fn a_ban_ends_every_session_and_keeps_the_user_out_until_it_is_lifted() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.insert_session(&alice.id).await;
    let answer = gw.cli_json(&["users", "ban", "alice@example.com", "--reason", "sends spam"]);
    assert_eq!(answer["sessionsEnded"], 2);
    let user = &answer["user"];
    assert_eq!(
        (&user["banned"], &user["banReason"], &user["banExpires"], &user["sessions"]),
        (&json!(true), &json!("sends spam"), &Value::Null, &json!(0)),
        "{user}"
    );
    assert_date(&user["bannedAt"]);
    assert_eq!(alice.status("/items").await, 401);
    let body = json!({ "email": "alice@example.com", "password": PASSWORD });
    assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), 401);
    let row = audited(&gw, "user_banned").await;
    assert_by_operator(&row, &alice.id);
    assert!(!row.to_string().contains("spam"), "{row}");

    // As of a sign-in that was under way.
    let late = gw.anonymous().with_bearer(&gw.insert_session(&alice.id).await);
    assert_eq!(late.status("/items").await, 401);

    let user = &gw.cli_json(&["users", "unban", "alice@example.com"])["user"];
    assert_eq!((&user["banned"], &user["bannedAt"], &user["banReason"]), (&json!(false), &Value::Null, &Value::Null));
    assert_by_operator(&audited(&gw, "user_unbanned").await, &alice.id);
    assert_eq!((alice.status("/items").await, late.status("/items").await), (401, 401), "no session wakes up");
    assert_eq!(gw.sign_in("alice@example.com").await.status("/items").await, 200);
    gw.cli_json(&["users", "unban", "alice@example.com"]);
    let lifted = "select count(*) from auth.audit_events where event = 'user_unbanned'";
    assert_eq!(gw.db.count(lifted).await, 1, "without a ban nothing is lifted");
}

#[tokio::test]
async fn a_ban_with_an_end_is_over_by_itself() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let answer = gw.cli_json(&["users", "ban", &alice.id, "--for", "7d"]);
    assert_date(&answer["user"]["banExpires"]);
    let days = "select extract(day from ban_expires_at - banned_at)::bigint from auth.users";
    assert_eq!(gw.db.count(days).await, 7);
    gw.db.execute("update auth.users set ban_expires_at = now() - interval '1 second'").await;
    assert_eq!(gw.cli_json(&["users", "show", &alice.id])["user"]["banned"], false);
    assert_eq!(gw.sign_in("alice@example.com").await.status("/items").await, 200);
}

#[tokio::test]
async fn a_deleted_user_is_gone_with_everything_but_the_audit_log() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let bob = gw.insert_user("bob", &[]).await;
    gw.db
        .execute(
            "insert into auth.mail_outbox (kind, recipient, payload, created_at, next_attempt_at, failed_at)
             values ('x', 'alice@example.com', '', now(), now(), now())",
        )
        .await;
    gw.db
        .execute(
            "insert into auth.verifications (id, purpose, token_hash, user_id, created_at, expires_at)
             select 'v1', 'x', sha256('x'), id, now(), now() + interval '1 hour' from auth.users where name = 'alice'",
        )
        .await;
    let answer = gw.cli_json(&["users", "delete", "alice@example.com", "--yes"]);
    assert_eq!((&answer["user"]["id"], &answer["sessionsEnded"]), (&json!(alice.id), &json!(1)), "{answer}");
    assert_eq!(alice.status("/items").await, 401);
    for left in [
        "select count(*) from auth.users where name = 'alice'",
        "select count(*) from auth.accounts",
        "select count(*) from auth.verifications",
        "select count(*) from auth.mail_outbox",
        "select count(*) from auth.audit_events where to_jsonb(audit_events)::text like '%alice@%'",
    ] {
        assert_eq!(gw.db.count(left).await, 0, "{left}");
    }
    assert_by_operator(&audited(&gw, "user_deleted").await, &alice.id);
    assert_eq!(bob.status("/items").await, 200, "others stay");
    gw.cli(&["users", "show", "alice@example.com"]).assert_refused(1, "there is no such user");
}

#[tokio::test]
async fn nothing_is_deleted_unasked() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.cli_with_input(&["users", "delete", &alice.id], "yes\n").assert_refused(2, "--yes");
    assert_eq!(alice.status("/items").await, 200);
}

#[tokio::test]
async fn users_are_listed_in_pages_and_by_what_they_are() {
    let gw = TestGateway::start().await;
    for (name, roles) in
        [("ann", &["admin"][..]), ("ben", &[]), ("cleo", &["admin", "user"]), ("dan", &["administrator"])]
    {
        gw.insert_user(name, roles).await;
    }
    gw.cli_json(&["users", "ban", "dan@example.com"]);
    let names = |answer: &Value| -> Vec<String> {
        let users = answer["users"].as_array().unwrap();
        users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
    };
    for (arguments, expected) in [
        (&[][..], &["ann", "ben", "cleo", "dan"][..]),
        (&["--role", "admin"], &["ann", "cleo"]),
        (&["--banned"], &["dan"]),
        (&["--search", "EO"], &["cleo"]),
        (&["--search", "%"], &[]),
        (&["--role", "admin", "--search", "ann@"], &["ann"]),
    ] {
        let answer = gw.cli_json(&[&["users", "list"], arguments].concat());
        assert_eq!(names(&answer), expected, "{arguments:?}");
        assert_eq!(answer["next"], Value::Null);
    }
    let first = gw.cli_json(&["users", "list", "--limit", "3"]);
    assert_eq!(names(&first), ["ann", "ben", "cleo"]);
    let next = first["next"].as_str().unwrap();
    assert_eq!(names(&gw.cli_json(&["users", "list", "--limit", "3", "--after", next])), ["dan"]);
    let table = gw.cli(&["users", "list", "--limit", "3"]);
    assert!(table.stdout.starts_with("ID ") && table.stdout.contains("ann@example.com"), "{table:?}");
    assert!(table.stdout.ends_with(&format!("more: --after {next}\n")), "{table:?}");
}

#[tokio::test]
async fn a_name_moves_no_cursor() {
    let gw = TestGateway::start().await;
    gw.insert_user("alice", &[]).await;
    gw.db.execute(r"update auth.users set name = E'\x1b[2Jowned\u202e'").await;
    for arguments in [&["users", "list"][..], &["users", "show", "alice@example.com"]] {
        let ended = gw.cli(arguments);
        assert!(ended.stdout.contains("owned") && !ended.stdout.contains(['\u{1b}', '\u{202e}']), "{ended:?}");
    }
}

#[tokio::test]
async fn nobody_becomes_an_administrator_by_signing_up() {
    let gw = TestGateway::start().await;
    let body = json!({
        "name": "eve", "email": "eve@example.com", "password": PASSWORD, "role": "admin", "roles": ["admin"],
        "emailVerified": true, "banned": false, "id": "chosen", "createdAt": "2001-01-01T00:00:00.000Z",
    });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    let user = &gw.cli_json(&["users", "show", "eve@example.com"])["user"];
    assert_eq!((&user["roles"], &user["emailVerified"]), (&json!([]), &json!(false)), "{user}");
    assert_ne!(user["id"], "chosen");
    let token = gw.mail.to("eve@example.com").await.token();
    gw.anonymous().confirm(&[("token", &token), ("password", PASSWORD)]).await;
    let eve = gw.sign_in("eve@example.com").await;
    let refused = problem(eve.get("/admin/stats").send().await.unwrap()).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn whoever_owns_the_address_of_a_new_account_signs_up_to_it() {
    let gw = TestGateway::start().await;
    assert_eq!(gw.cli(&["users", "create", "ada@example.com", "--name", "Ada", "--role", "admin"]).code, 0);
    // Neither password nor proof of the address yet: both come with the sign-up that the mailed link belongs to.
    let email = gw.verified_user("ada").await;
    let ada = gw.sign_in(&email).await;
    assert_eq!(ada.status("/admin/x").await, 200);
}
