//! `GET /verify-email`, as the official client's `fetch` calls it (contract §3.3).

use serde_json::{Value, json};

use super::VERIFIED;
use crate::harness::{
    TestGateway,
    client::{AUTH, expect_problem},
    problem,
};

#[tokio::test]
async fn the_api_verifies_with_a_get() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let token = gw.mail.to(&email).await.token();
    let path = format!("{AUTH}/verify-email?token={token}");
    let response = gw.anonymous().get(&path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true, "user": null }));
    assert_eq!(gw.db.count(VERIFIED).await, 1);
    expect_problem(gw.anonymous().get(&path).send().await.unwrap(), 401, "INVALID_TOKEN").await;
}

#[tokio::test]
async fn no_mail_links_to_it() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    assert_ne!(gw.mail.to(&email).await.link().path(), format!("{AUTH}/verify-email"));
}

#[tokio::test]
async fn bad_tokens_are_401() {
    let gw = TestGateway::start().await;
    for token in ["A".repeat(43), "nonsense".to_owned()] {
        let response = gw.anonymous().get(&format!("{AUTH}/verify-email?token={token}")).send().await.unwrap();
        expect_problem(response, 401, "INVALID_TOKEN").await;
    }
    let missing = problem(gw.anonymous().get(&format!("{AUTH}/verify-email")).send().await.unwrap()).await;
    assert_eq!((missing.status, missing.code.as_str()), (400, "VALIDATION_ERROR"));
    assert!(missing.message.contains("[query.token]"), "{}", missing.message);
}

#[tokio::test]
async fn it_redirects_where_it_may() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let token = gw.mail.to(&email).await.token();
    for target in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        for token in [token.as_str(), "bad"] {
            let path = format!("{AUTH}/verify-email?token={token}&callbackURL={target}");
            let response = gw.anonymous().get(&path).send().await.unwrap();
            assert!(!response.headers().contains_key("location"), "{target}");
            expect_problem(response, 403, "INVALID_CALLBACK_URL").await;
        }
    }
    assert_eq!(gw.db.count(VERIFIED).await, 0, "a refused target consumes nothing");
    for (token, location) in [("bad", "/after?x=1&error=INVALID_TOKEN#top"), (token.as_str(), "/after?x=1#top")] {
        let path = format!("{AUTH}/verify-email?token={token}&callbackURL=%2Fafter%3Fx%3D1%23top");
        let response = gw.anonymous().get(&path).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers()["location"].to_str().unwrap()), (302, location));
    }
    assert_eq!(gw.db.count(VERIFIED).await, 1);
}
