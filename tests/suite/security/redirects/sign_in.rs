//! Where a client is sent after signing in (REDIR-01 to -03; contract §6.3).

use http::Method;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, TestGateway, client::AUTH, problem};

#[tokio::test]
async fn targets_of_the_trusted_origins_are_handed_back() {
    let gw = TestGateway::with(json!({ "auth": { "trusted_origins": ["https://www.example.com"] } })).await;
    let email = gw.verified_user("alice").await;
    for target in ["/", "/welcome?next=%2Fx#top", "https://www.example.com/after", &format!("{}/x", gw.origin())] {
        let body = json!({ "email": email, "password": PASSWORD, "callbackURL": target });
        let response = gw.anonymous().auth("/sign-in/email", &body).await;
        assert_eq!(response.status(), 200, "{target}");
        let location = response.headers()["location"].to_str().unwrap().to_owned();
        let answer: Value = response.json().await.unwrap();
        assert_eq!((&answer["redirect"], &answer["url"]), (&json!(true), &json!(target)));
        assert_eq!(location, target);
    }
}

#[tokio::test]
async fn a_path_is_handed_back_as_it_came_since_the_page_that_asked_goes_there_itself() {
    let gw = TestGateway::with(json!({ "auth": { "trusted_origins": ["https://www.example.com"] } })).await;
    let email = gw.verified_user("alice").await;
    let body = json!({ "email": email, "password": PASSWORD, "callbackURL": "/in?x=1" });
    let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/sign-in/email"));
    let response = request.header("Origin", "https://www.example.com").json(&body).send().await.unwrap();
    assert_eq!(response.headers()["location"], "/in?x=1");
    assert_eq!(response.json::<Value>().await.unwrap()["url"], "/in?x=1");
}

#[tokio::test]
async fn targets_elsewhere_are_refused_before_the_password_is_looked_at() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let host = gw.host().to_owned();
    for target in [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https://evil.example",
        &format!("http://{host}@evil.example"),
        &format!("http://{host}.evil.example"),
        &format!("http://evil.example?{host}"),
        &format!("http://evil.example#{host}"),
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "/%0d%0aX: y",
        "/%09/evil.example",
        "/%5cevil.example",
        "/%2fevil.example",
        " //evil.example",
        "\t//evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "http://[::]@evil.example",
        "http://localhost\u{ff0e}evil.example",
        "http://evil\u{3002}example",
        "evil.example",
        "x",
        "?x",
        "#x",
    ] {
        let body = json!({ "email": email, "password": PASSWORD, "callbackURL": target });
        let refused = problem(gw.anonymous().auth("/sign-in/email", &body).await).await;
        assert_eq!((refused.status, refused.code.as_str()), (403, "INVALID_CALLBACK_URL"), "{target:?}");
        assert!(!refused.headers.contains_key("location"), "{target:?}");
    }
    for target in [json!(7), json!({}), json!(["/"])] {
        let body = json!({ "email": email, "password": PASSWORD, "callbackURL": target });
        assert_eq!(problem(gw.anonymous().auth("/sign-in/email", &body).await).await.status, 400, "{target}");
    }
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
}
