//! Tests that a name counts from the proof of its address on, where addresses are to be proved: nobody learns by it who
//! has an account.

use serde_json::{Value, json};

use super::{NAMES, gateway, is_available, sign_in, sign_up};
use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, expect_problem},
    user::sign_up_cookie,
};

const EMAIL: &str = "ada@example.com";

async fn prove(gw: &TestGateway, email: &str, cookie: Option<String>, mails: usize) {
    let token = gw.mail.nth_to(email, mails).await.token();
    let browser = cookie.map_or_else(|| gw.anonymous(), |cookie| gw.anonymous().with_cookie(cookie));
    let response = browser.get(&format!("{AUTH}/verify-email?token={token}")).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_name_is_its_owners_once_the_address_is_proved() {
    let gw = gateway(json!({})).await;
    let signed_up = sign_up(&gw.anonymous(), EMAIL, json!({ "username": "Ada" })).await;
    let cookie = sign_up_cookie(&signed_up);
    expect_problem(sign_in(&gw.anonymous(), "ada", PASSWORD).await, 403, "EMAIL_NOT_VERIFIED").await;
    expect_problem(sign_in(&gw.anonymous(), "ada", "not the password").await, 401, "INVALID_USERNAME_OR_PASSWORD")
        .await;
    assert_eq!(is_available(&gw, "ada").await, true);
    prove(&gw, EMAIL, cookie, 1).await;
    assert_eq!(is_available(&gw, "ada").await, false);
    assert_eq!(sign_in(&gw.anonymous(), "ada", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn asking_for_a_name_tells_nothing_of_an_address() {
    let gw = gateway(json!({})).await;
    gw.verified_user("known").await;
    let mut seen = Vec::new();
    for email in ["known@example.com", "unknown@example.com"] {
        let response = sign_up(&gw.anonymous(), email, json!({ "username": "probe" })).await;
        let status = response.status().as_u16();
        let user = response.json::<Value>().await.unwrap()["user"].clone();
        seen.push((status, user["username"].clone(), is_available(&gw, "probe").await));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], (200, json!("probe"), json!(true)));
}

#[tokio::test]
async fn of_two_who_want_it_whoever_proves_first_gets_it() {
    let gw = gateway(json!({})).await;
    let mut cookies = Vec::new();
    for email in ["one@example.com", "two@example.com"] {
        cookies.push(sign_up_cookie(&sign_up(&gw.anonymous(), email, json!({ "username": "wanted" })).await));
    }
    let first = cookies.remove(0);
    prove(&gw, "two@example.com", cookies.remove(0), 1).await;
    prove(&gw, "one@example.com", first, 1).await;
    assert_eq!(gw.db.count(NAMES).await, 1);
    let answer: Value = sign_in(&gw.anonymous(), "wanted", PASSWORD).await.json().await.unwrap();
    assert_eq!(answer["user"]["email"], "two@example.com");
    let one = gw.sign_in("one@example.com").await.session().await;
    assert_eq!((&one["user"]["username"], &one["user"]["displayUsername"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_name_that_a_stranger_chose_does_not_outlive_the_proof() {
    let gw = gateway(json!({})).await;
    sign_up(&gw.anonymous(), EMAIL, json!({ "username": "mallory" })).await;
    let owner = sign_up(&gw.anonymous(), EMAIL, json!({ "username": "ada" })).await;
    prove(&gw, EMAIL, sign_up_cookie(&owner), 2).await;
    assert_eq!(sign_in(&gw.anonymous(), "mallory", PASSWORD).await.status(), 401);
    let answer: Value = sign_in(&gw.anonymous(), "ada", PASSWORD).await.json().await.unwrap();
    assert_eq!(answer["user"]["username"], "ada");
    assert_eq!(gw.db.count("select count(*) from auth.usernames").await, 1);
}
