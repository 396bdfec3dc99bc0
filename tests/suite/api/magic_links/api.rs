//! The client's own call, which neither a scanner nor a page of another site can make in its place.

use serde_json::{Value, json};

use super::{gateway, press, session_client, token};
use crate::harness::client::{AUTH, assert_user, expect_problem, set_cookies};

#[tokio::test]
async fn it_signs_in_and_answers_as_the_client_expects() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    let first = token(&gw, json!({ "email": email }), 2).await;
    let path = format!("{AUTH}/magic-link/verify?token={first}");
    let response = gw.anonymous().get(&path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(session_client(&gw, &response).is_some());
    let answer: Value = response.json().await.unwrap();
    assert_user(&answer["user"], &email, "alice");
    assert_eq!((&answer["session"]["token"], &answer["session"]["userId"]), (&answer["token"], &answer["user"]["id"]));
    let again = gw.anonymous().get(&path).send().await.unwrap();
    assert_eq!(again.status(), 302);
    assert!(again.headers()["location"].to_str().unwrap().ends_with("/?error=INVALID_TOKEN"));
    let second = token(&gw, json!({ "email": email }), 3).await;
    let path = format!("{AUTH}/magic-link/verify?token={second}&callbackURL=/welcome&errorCallbackURL=/failed");
    let response = gw.anonymous().get(&path).send().await.unwrap();
    assert!(session_client(&gw, &response).is_some());
    assert!(response.headers()["location"].to_str().unwrap().ends_with("/welcome"));
    let again = gw.anonymous().get(&path).send().await.unwrap();
    assert!(again.headers()["location"].to_str().unwrap().ends_with("/failed?error=INVALID_TOKEN"));
    let evil = format!("{AUTH}/magic-link/verify?token={second}&callbackURL=//evil.example");
    expect_problem(gw.anonymous().get(&evil).send().await.unwrap(), 403, "INVALID_CALLBACK_URL").await;
}

#[tokio::test]
async fn whoever_opens_it_as_a_page_is_led_to_the_button() {
    let gw = gateway(json!({})).await;
    let email = gw.verified_user("alice").await;
    let token = token(&gw, json!({ "email": email }), 2).await;
    let path = format!("{AUTH}/magic-link/verify?token={token}");
    for headers in [
        &[("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "cross-site")][..],
        &[("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "none")],
        &[("Accept", "text/html,application/xhtml+xml")],
        &[("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")],
        &[("Origin", "null")],
    ] {
        let request =
            headers.iter().fold(gw.anonymous().get(&path), |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 302, "{headers:?}");
        assert!(set_cookies(response.headers()).is_empty(), "{headers:?}");
        assert_eq!(response.headers()["location"], format!("{AUTH}/magic-link/confirm?token={token}"));
    }
    let head = gw.anonymous().request(http::Method::HEAD, &path).send().await.unwrap();
    assert!(set_cookies(head.headers()).is_empty());
    let cross_site = gw.anonymous().request(http::Method::POST, &format!("{AUTH}/magic-link/confirm"));
    let cross_site = cross_site.header("Origin", "https://evil.example");
    let cross_site =
        cross_site.header("Content-Type", "application/x-www-form-urlencoded").body(format!("token={token}"));
    assert_eq!(cross_site.send().await.unwrap().status(), 403, "a form of another site presses no button");
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
    let own = gw.anonymous().get(&path).header("Sec-Fetch-Mode", "cors").header("Sec-Fetch-Site", "same-origin");
    assert_eq!(own.send().await.unwrap().status(), 200, "nothing was spent");
    assert_eq!(press(&gw.anonymous(), &token).await.status(), 400);
}
