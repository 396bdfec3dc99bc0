//! Tests what administrators see of mail, and that they can have it sent again.

use serde_json::json;

use super::{call, gateway, get, ok, read};
use crate::harness::client::expect_problem;

/// A mail that was given up is shown with its reason and without what it says, and is delivered once it can be.
#[tokio::test]
async fn mail_that_was_given_up_is_sent_again() {
    let gw = gateway().await;
    let root = gw.insert_user("root", &["admin"]).await;
    gw.db
        .execute(
            "insert into auth.mail_outbox (kind, recipient, payload, created_at, next_attempt_at, attempts, last_error, failed_at)
            values ('reset_password', 'a@example.com', 'x', now() - interval '2 days', now(), 3, '550 no', now()),
                ('reset_password', 'b@example.com', 'x', now(), now() + interval '1 hour', 1, '451 later', null)",
        )
        .await;
    let failed = read(&root, "outbox?state=failed").await;
    assert_eq!((&failed["failed"], &failed["waiting"]), (&json!(1), &json!(1)));
    let mail = &failed["mails"][0];
    assert_eq!(failed["mails"].as_array().unwrap().len(), 1);
    for (key, value) in [
        ("kind", json!("reset_password")),
        ("recipient", json!("a@example.com")),
        ("attempts", json!(3)),
        ("lastError", json!("550 no")),
        ("nextAttemptAt", json!(null)),
    ] {
        assert_eq!(mail[key], value, "{key}");
    }
    assert!(mail.get("payload").is_none());
    assert_eq!(read(&root, "outbox?limit=1").await["mails"][0]["recipient"], "a@example.com");
    for query in ["state=sent", "limit=0", "offset=-1"] {
        expect_problem(get(&root, &format!("outbox?{query}")).await, 400, "VALIDATION_ERROR").await;
    }
    expect_problem(call(&root, "outbox/retry", json!({ "id": "x" })).await, 400, "VALIDATION_ERROR").await;
    assert_eq!(ok(&root, "outbox/retry", json!({ "id": "0" })).await["retried"], 0);
    assert_eq!(ok(&root, "outbox/retry", json!({ "id": mail["id"] })).await["retried"], 1);
    // It cannot be read, so that it is given up anew, and the other one waits untouched.
    gw.eventually_counts(1, "select count(*) from auth.mail_outbox where failed_at is not null and attempts = 4").await;
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox where attempts = 1").await, 1);
    assert_eq!(ok(&root, "outbox/retry", json!({})).await["retried"], 1);
    let recorded = "select count(*) from auth.audit_events where event = 'mail_retried' and actor like 'user-%'";
    assert_eq!(gw.db.count(recorded).await, 3);
}
