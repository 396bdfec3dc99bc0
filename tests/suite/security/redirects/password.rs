//! The link that leads to a page of the frontend's (contract §3.4).

use http::Method;
use serde_json::json;

use crate::api::password::{NEW, RESET_TOKENS, reset, token_of};
use crate::harness::{
    TestGateway,
    client::{AUTH, expect_problem},
};

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn the_mailed_link_leads_there_and_spends_nothing() {
    let gw = TestGateway::with(json!({ "auth": { "trusted_origins": ["https://www.example.com"] } })).await;
    let email = gw.verified_user("alice").await;
    for (n, target, begins) in [
        (2, "https://www.example.com/reset?lang=de#form", "https://www.example.com/reset?lang=de&token=".to_owned()),
        (3, "/reset", format!("{}/reset?token=", gw.origin())),
    ] {
        let body = json!({ "email": email, "redirectTo": target });
        assert_eq!(gw.anonymous().auth("/request-password-reset", &body).await.status(), 200);
        let mail = gw.mail.nth_to(&email, n).await;
        let (link, token) = (mail.link(), token_of(&mail));
        assert!(
            link.as_str().starts_with(&format!("{}{AUTH}/reset-password/{token}?callbackURL=", gw.origin())),
            "{link}"
        );
        let path = format!("{}?{}", link.path(), link.query().unwrap());
        let head = gw.anonymous().request(Method::HEAD, &path).send().await.unwrap();
        assert!(head.status().as_u16() < 500);
        for _ in 0..2 {
            let response = gw.anonymous().get(&path).send().await.unwrap();
            assert_eq!(response.status(), 302);
            let location = response.headers()["location"].to_str().unwrap();
            assert!(location.starts_with(&begins) && location.contains(&token), "{location}");
            assert_eq!(response.headers()["referrer-policy"], "no-referrer");
            assert_eq!(response.text().await.unwrap(), "");
        }
        if n == 3 {
            assert_eq!(reset(&gw, &token, NEW).await.status(), 200);
            let response = gw.anonymous().get(&path).send().await.unwrap();
            let location = response.headers()["location"].to_str().unwrap();
            assert_eq!(location, format!("{}/reset?error=INVALID_TOKEN", gw.origin()));
        }
    }
}

#[tokio::test]
async fn bad_tokens_lead_there_with_an_error() {
    let gw = TestGateway::start().await;
    gw.sign_up("alice").await;
    let verification = gw.mail.to("alice@example.com").await.token();
    for token in [verification.as_str(), &"A".repeat(43), "nonsense", "%00", "%ff"] {
        let path = format!("{AUTH}/reset-password/{token}?callbackURL={}", encoded("/reset?a=b#c"));
        let response = gw.anonymous().get(&path).send().await.unwrap();
        // The gateway's path rules refuse some of these before the auth API sees them.
        if response.status() == 302 {
            let location = response.headers()["location"].to_str().unwrap();
            assert_eq!(location, format!("{}/reset?a=b&error=INVALID_TOKEN#c", gw.origin()));
        } else {
            assert!(token.contains('%') && response.status() == 400, "{token}: {}", response.status());
        }
    }
}

#[tokio::test]
async fn untrusted_targets_are_refused_everywhere() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    for target in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "reset"] {
        let body = json!({ "email": email, "redirectTo": target });
        let asked = gw.anonymous().auth("/request-password-reset", &body).await;
        let problem = expect_problem(asked, 403, "INVALID_REDIRECT_URL").await;
        assert_eq!(problem.message, "Invalid redirectURL");
        let path = format!("{AUTH}/reset-password/{}?callbackURL={}", "A".repeat(43), encoded(target));
        let followed = gw.anonymous().get(&path).send().await.unwrap();
        assert!(!followed.headers().contains_key("location"), "{target}");
        expect_problem(followed, 403, "INVALID_CALLBACK_URL").await;
    }
    assert_eq!(gw.db.count(RESET_TOKENS).await, 0);
    for query in ["", "?callbackURL=", "?callbackURL=/a&callbackURL=/b"] {
        let path = format!("{AUTH}/reset-password/{}{query}", "A".repeat(43));
        let problem = expect_problem(gw.anonymous().get(&path).send().await.unwrap(), 400, "VALIDATION_ERROR").await;
        assert!(problem.message.contains("[query.callbackURL]"), "{}", problem.message);
    }
}
