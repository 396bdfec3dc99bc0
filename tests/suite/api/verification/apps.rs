//! Apps with a scheme of their own: their pages may call, and their deep links are where mailed links lead, if they are
//! listed.

use serde_json::json;

use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, expect_problem},
};

async fn gateway() -> TestGateway {
    TestGateway::with(json!({ "auth": { "trusted_origins": ["capacitor://localhost", "myapp://"] } })).await
}

#[tokio::test]
async fn pages_of_a_listed_app_may_call() {
    let gw = gateway().await;
    let email = gw.verified_user("ada").await;
    for (origin, is_trusted) in [
        ("capacitor://localhost", true),
        ("capacitor://evil.example", false),
        ("ionic://localhost", false),
        ("capacitor://localhost.evil.example", false),
    ] {
        let request = gw.anonymous().request(http::Method::POST, &format!("{AUTH}/sign-in/email"));
        let body = json!({ "email": email, "password": PASSWORD });
        let response = request.header("Origin", origin).json(&body).send().await.unwrap();
        let echoed = response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap());
        assert_eq!(echoed, is_trusted.then_some(origin), "{origin}");
        assert_eq!(response.status(), if is_trusted { 200 } else { 403 }, "{origin}");
    }
}

#[tokio::test]
async fn mailed_links_lead_to_a_listed_deep_link_and_to_no_other() {
    let gw = gateway().await;
    let sign_up =
        |email: &str, target: &str| json!({ "name": "A", "email": email, "password": PASSWORD, "callbackURL": target });
    let taken = gw.anonymous().auth("/sign-up/email", &sign_up("a@example.com", "myapp://welcome?tab=1")).await;
    assert_eq!(taken.status(), 200);
    let mail = gw.mail.to("a@example.com").await;
    let done = gw.anonymous().get(&format!("{AUTH}/verify-email?token={}&callbackURL=myapp://welcome", mail.token()));
    let done = done.send().await.unwrap();
    assert_eq!((done.status().as_u16(), done.headers()["location"].to_str().unwrap()), (302, "myapp://welcome"));
    for target in ["otherapp://welcome", "javascript://welcome", "intent://welcome", "myapp:welcome"] {
        let response = gw.anonymous().auth("/sign-up/email", &sign_up("b@example.com", target)).await;
        expect_problem(response, 403, "INVALID_CALLBACK_URL").await;
    }
}
