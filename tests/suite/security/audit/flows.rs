//! One entry an event, in the transaction of its cause, with the client that caused it.

use http::Method;
use serde_json::{Value, json};

use super::told;
use crate::harness::{PASSWORD, TestGateway, client::AUTH};

const AGENT: &str = "Suite/1.0";

/// POST with a user agent; returns the request's id.
async fn post(gw: &TestGateway, path: &str, body: &Value) -> String {
    let request = gw.anonymous().post(&format!("{AUTH}{path}")).header("User-Agent", AGENT).json(body);
    let response = request.send().await.unwrap();
    response.headers()["x-request-id"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_event_names_user_client_and_request() {
    let gw = TestGateway::start().await;
    let right = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD });
    let wrong = json!({ "email": "alice@example.com", "password": "not the password at all" });
    let unknown = json!({ "email": "nobody@example.com", "password": PASSWORD });
    let mut ids = vec![post(&gw, "/sign-up/email", &right).await, post(&gw, "/sign-in/email", &right).await];
    let token = gw.mail.to("alice@example.com").await.token();
    let form = format!("token={token}&password={}", PASSWORD.replace(' ', "+"));
    let confirmed = gw
        .anonymous()
        .post(&format!("{AUTH}/verify-email/confirm"))
        .header("User-Agent", AGENT)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    ids.push(confirmed.headers()["x-request-id"].to_str().unwrap().to_owned());
    ids.push(post(&gw, "/sign-up/email", &right).await);
    ids.push(post(&gw, "/sign-in/email", &wrong).await);
    ids.push(post(&gw, "/sign-in/email", &unknown).await);
    ids.push(post(&gw, "/sign-in/email", &right).await);

    let audit_log = gw.audit_log().await;
    let expected = [
        ("sign_up success", true),
        ("sign_in email_not_verified", true),
        ("email_verified success", true),
        ("sign_up account_exists", false),
        ("sign_in wrong_password", false),
        ("sign_in unknown_account", false),
        ("sign_in success", true),
    ];
    assert_eq!(told(&audit_log), expected.map(|(event, _)| event), "{audit_log:#?}");
    let alice = audit_log[0]["user_id"].as_str().unwrap();
    for ((entry, (event, is_proved)), id) in audit_log.iter().zip(expected).zip(&ids) {
        assert_eq!((&entry["ip_address"], &entry["user_agent"]), (&json!("127.0.0.1"), &json!(AGENT)), "{entry}");
        assert_eq!(entry["request_id"], json!(id), "{event}");
        let about = if event.ends_with("unknown_account") { Value::Null } else { json!(alice) };
        assert_eq!(entry["user_id"], about, "{event}");
        assert_eq!(entry["actor"], if is_proved { json!(alice) } else { Value::Null }, "{event}");
    }
    let all = Value::from(audit_log).to_string();
    assert!(!all.contains("alice@example.com") && !all.contains(PASSWORD), "{all}");
}

#[tokio::test]
async fn signing_out_is_an_event_and_doing_it_twice_is_not() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for _ in 0..2 {
        let response = alice.post(&format!("{AUTH}/sign-out")).header("User-Agent", AGENT).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
    let audit_log = gw.audit_log().await;
    assert_eq!(told(&audit_log), ["sign_out success"]);
    assert_eq!((&audit_log[0]["user_id"], &audit_log[0]["user_agent"]), (&json!(alice.id), &json!(AGENT)));
}

#[tokio::test]
async fn a_cause_that_fails_leaves_no_entry_and_a_lost_entry_leaves_no_cause() {
    let gw = TestGateway::start().await;
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD });
    // The mail is queued after the user was inserted.
    gw.db.execute("alter table auth.mail_outbox add constraint never check (recipient = '') not valid").await;
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 500);
    assert_eq!(gw.audit_log().await, [Value::Null; 0]);
    gw.db.execute("alter table auth.mail_outbox drop constraint never").await;

    gw.db.execute("alter table auth.audit_events add constraint never check (event = '') not valid").await;
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 500);
    assert_eq!(gw.cli(&["users", "create", "bob@example.com", "--name", "Bob"]).code, 1);
    let rows = "select (select count(*) from auth.users) + (select count(*) from auth.mail_outbox)";
    assert_eq!(gw.db.count(rows).await, 0, "what cannot be audited does not happen");
}

#[tokio::test]
async fn entries_cannot_be_changed_or_soon_removed() {
    let gw = TestGateway::start().await;
    gw.sign_up("alice").await;
    for (statement, trouble) in [
        ("update auth.audit_events set outcome = 'success'", "append-only"),
        ("delete from auth.audit_events", "at least a day"),
        ("truncate auth.audit_events", "at least a day"),
    ] {
        let refused = sqlx::query(statement).execute(&mut gw.db.connect().await).await.unwrap_err();
        assert!(refused.to_string().contains(trouble), "{statement}: {refused}");
    }
    assert_eq!(gw.audit_log().await.len(), 1);
}

#[tokio::test]
async fn an_entry_is_kept_for_a_day_whatever_time_the_owner_of_the_table_writes() {
    let gw = TestGateway::start().await;
    gw.db.execute("insert into auth.audit_events (occurred_at, event, outcome) values ('2001-01-01', 'x', 'y')").await;
    let deleted = sqlx::query("delete from auth.audit_events").execute(&mut gw.db.connect().await).await;
    assert!(deleted.unwrap_err().to_string().contains("at least a day"));
}

#[tokio::test]
async fn strangers_are_in_the_access_log_only() {
    let gw = TestGateway::start().await;
    for method in [Method::GET, Method::POST] {
        assert_eq!(gw.anonymous().request(method, "/items").send().await.unwrap().status(), 401);
    }
    let bearer = gw.anonymous().with_bearer(&"A".repeat(43));
    assert_eq!(bearer.status("/items").await, 401);
    // Whatever is noted after those is written after those.
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/admin/x").await, 403);
    gw.eventually_counts(1, "select count(*) from auth.audit_events where event = 'access_denied'").await;
    assert_eq!(told(&gw.audit_log().await), ["access_denied missing_role"]);
}
