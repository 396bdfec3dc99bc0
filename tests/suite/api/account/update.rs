//! `POST /update-user` (contract §3.5, FAIL-08).

use serde_json::{Value, json};

use crate::harness::{
    TestGateway,
    client::{AUTH, expect_problem, problem, set_cookies},
};

#[tokio::test]
async fn a_new_name_shows_at_once_everywhere() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let response =
        alice.auth("/update-user", &json!({ "name": "Alice Liddell", "image": "https://x.example/a.png" })).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true }));
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(
        gw.upstream.last().field("X-User-Name").map(|name| name.replace("%20", " ")).as_deref(),
        Some("Alice Liddell")
    );
    let user = alice.session().await["user"].clone();
    assert_eq!((&user["name"], &user["image"]), (&json!("Alice Liddell"), &json!("https://x.example/a.png")));
    let audited = "select count(*) from auth.audit_events where event = 'user_updated' and outcome = 'success'";
    assert_eq!(gw.db.count(audited).await, 1);
}

#[tokio::test]
async fn what_is_left_out_stays_and_null_clears_an_image() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for (body, name, image) in [
        (json!({ "image": "/a.png" }), "alice", json!("/a.png")),
        (json!({ "name": "" }), "", json!("/a.png")),
        (json!({ "image": null }), "", Value::Null),
    ] {
        assert_eq!(alice.auth("/update-user", &body).await.status(), 200, "{body}");
        let user = alice.session().await["user"].clone();
        assert_eq!((&user["name"], &user["image"]), (&json!(name), &image), "{body}");
    }
}

#[tokio::test]
async fn the_cookie_is_set_once_more_for_who_sent_it() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute("update auth.sessions set expires_at = now() + interval '1 hour'").await;
    let response = alice.auth("/update-user", &json!({ "name": "A" })).await;
    let cookies = set_cookies(response.headers());
    let prefix = format!("{}={}; Max-Age=", gw.cookie_name(), alice.token);
    let rest = cookies.iter().find_map(|cookie| cookie.strip_prefix(&prefix)).unwrap_or_else(|| panic!("{cookies:?}"));
    let seconds: i64 = rest.split(';').next().unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&seconds), "what is left of the session: {seconds}");
    let response = alice.bearer().auth("/update-user", &json!({ "name": "B" })).await;
    assert_eq!(response.status(), 200);
    assert!(set_cookies(response.headers()).is_empty());
    gw.db.execute("update auth.sessions set remember = false").await;
    let cookies = set_cookies(alice.auth("/update-user", &json!({ "name": "C" })).await.headers());
    assert!(cookies.len() == 1 && !cookies[0].contains("Max-Age"), "the browser forgets it all the same: {cookies:?}");
}

#[tokio::test]
async fn nothing_but_name_and_image_can_be_set() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute("update auth.users set email_verified = false").await;
    let body = json!({
        "name": "A", "id": "root", "role": "admin", "roles": ["admin"], "emailVerified": true, "email_verified": true,
        "banned": false, "createdAt": "2020-01-01T00:00:00.000Z", "userId": "root",
    });
    assert_eq!(alice.auth("/update-user", &body).await.status(), 200);
    let unchanged = "select count(*) from auth.users where name = 'A' and roles = '{}' and not email_verified
        and id <> 'root' and created_at > now() - interval '1 hour'";
    assert_eq!(gw.db.count(unchanged).await, 1);
}

#[tokio::test]
async fn what_changes_nothing_or_too_much_is_refused() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for (body, code) in [
        (json!({ "email": "b@example.com" }), "EMAIL_CAN_NOT_BE_UPDATED"),
        (json!({ "email": "b@example.com", "name": "B" }), "EMAIL_CAN_NOT_BE_UPDATED"),
        (json!({}), "NO_FIELDS_TO_UPDATE"),
        (json!({ "role": "admin" }), "NO_FIELDS_TO_UPDATE"),
        (json!([]), "BODY_MUST_BE_AN_OBJECT"),
        (json!("name"), "BODY_MUST_BE_AN_OBJECT"),
        (json!({ "name": null }), "VALIDATION_ERROR"),
        (json!({ "name": { "$ne": "" } }), "VALIDATION_ERROR"),
        (json!({ "name": "a\r\nBcc: x@example.com" }), "VALIDATION_ERROR"),
        (json!({ "name": "x".repeat(201) }), "VALIDATION_ERROR"),
        (json!({ "image": 7 }), "VALIDATION_ERROR"),
    ] {
        expect_problem(alice.auth("/update-user", &body).await, 400, code).await;
    }
    let texts = problem(alice.auth("/update-user", &json!({})).await).await;
    assert_eq!(texts.message, "No fields to update");
    expect_problem(gw.anonymous().auth("/update-user", &json!({ "name": "A" })).await, 401, "UNAUTHORIZED").await;
    let foreign =
        alice.request(http::Method::POST, &format!("{AUTH}/update-user")).header("Origin", "https://evil.example");
    expect_problem(foreign.json(&json!({ "name": "A" })).send().await.unwrap(), 403, "INVALID_ORIGIN").await;
    assert_eq!(gw.db.count("select count(*) from auth.users where name = 'alice'").await, 1);
}
