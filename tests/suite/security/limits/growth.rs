//! How long an account is refused, and how that ends.

use serde_json::json;

use super::{WRONG, behind_a_proxy, fail, right, sign_in_from, try_sign_in};
use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, expect_problem},
};

const EMAIL: &str = "alice@example.com";
/// Ends the delay, and the window with it.
const AGE: &str = "update auth.rate_limits
    set blocked_until = now(), window_started_at = window_started_at - interval '1 hour', count = 0
    where key like 'sign_in:%'";
const FORGET_ADDRESS: &str = "delete from auth.rate_limits where key like 'sign_in_address:%'";

/// Seconds that the next attempt has to wait.
async fn retry_after(gw: &TestGateway) -> u32 {
    let refused = gw.anonymous().auth("/sign-in/email", &right(EMAIL)).await;
    let refused = expect_problem(refused, 429, "TOO_MANY_REQUESTS").await;
    refused.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn each_further_row_of_ten_waits_twice_as_long_up_to_an_hour() {
    let gw = TestGateway::start().await;
    for expected in [900, 1800, 3600, 3600] {
        fail(&gw.anonymous(), EMAIL, 10).await;
        let seconds = retry_after(&gw).await;
        assert!((expected - 60..=expected).contains(&seconds), "{expected}: {seconds}");
        assert!(retry_after(&gw).await <= seconds, "asking again makes nothing longer");
        gw.db.execute(FORGET_ADDRESS).await;
        gw.db.execute(AGE).await;
    }
}

#[tokio::test]
async fn the_owner_is_told_once_a_day() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    for _ in 0..2 {
        fail(&gw.anonymous(), EMAIL, 10).await;
        assert_eq!(try_sign_in(&gw.anonymous(), EMAIL, PASSWORD).await, 429);
        gw.db.execute(AGE).await;
    }
    let mail = gw.mail.nth_to(EMAIL, 2).await;
    assert!(mail.subject.contains("failed sign-ins") && mail.link().path().ends_with("/reset-password/request"));
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!(gw.mail.all_to(EMAIL).len(), 2, "the verification and this one");
}

#[tokio::test]
async fn nobody_is_told_of_an_address_without_account() {
    let gw = TestGateway::start().await;
    fail(&gw.anonymous(), EMAIL, 10).await;
    assert_eq!(try_sign_in(&gw.anonymous(), EMAIL, PASSWORD).await, 429);
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 0);
    assert!(gw.mail.all().is_empty());
}

#[tokio::test]
async fn after_the_delay_people_are_let_in_again() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    fail(&gw.anonymous(), EMAIL, 10).await;
    assert_eq!(try_sign_in(&gw.anonymous(), EMAIL, PASSWORD).await, 429);
    gw.db.execute(AGE).await;
    assert_eq!(try_sign_in(&gw.anonymous(), EMAIL, PASSWORD).await, 200);
    let left = "select count(*) from auth.rate_limits where key like 'sign_in:%'";
    assert_eq!(gw.db.count(left).await, 0, "and start anew");
}

#[tokio::test]
async fn a_row_has_pauses_shorter_than_the_window() {
    let gw = TestGateway::start().await;
    fail(&gw.anonymous(), EMAIL, 9).await;
    // Around the end of a fixed window twice the limit would pass.
    gw.db.execute("update auth.rate_limits set window_started_at = window_started_at - interval '14 minutes'").await;
    fail(&gw.anonymous(), EMAIL, 1).await;
    assert_eq!(try_sign_in(&gw.anonymous(), EMAIL, WRONG).await, 429);
}

/// Ninety-nine failures and the hundredth.
async fn fail_a_hundred(gw: &TestGateway) {
    fail(&gw.anonymous(), EMAIL, 1).await;
    gw.db.execute("update auth.rate_limits set failures = 99 where key like 'sign_in:%'").await;
    fail(&gw.anonymous(), EMAIL, 1).await;
}

#[tokio::test]
async fn after_a_hundred_in_a_row_there_is_one_attempt_an_hour() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    fail_a_hundred(&gw).await;
    for _ in 0..3 {
        let seconds = retry_after(&gw).await;
        assert!((3540..=3600).contains(&seconds), "{seconds}");
        let kept = "select count(*) from auth.rate_limits where expires_at >= blocked_until and key like 'sign_in:%'";
        assert_eq!(gw.db.count(kept).await, 1, "the sweep does not let anybody in");
        gw.db.execute(FORGET_ADDRESS).await;
        gw.db.execute(AGE).await;
        fail(&gw.anonymous(), EMAIL, 1).await;
    }
}

#[tokio::test]
async fn an_hour_after_a_stranger_stops_the_owner_is_let_in_anywhere() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    fail_a_hundred(&gw).await;
    assert_eq!(try_sign_in(&gw.anonymous(), EMAIL, PASSWORD).await, 429);
    let hour = "update auth.rate_limits set blocked_until = blocked_until - interval '1 hour',
                window_started_at = window_started_at - interval '1 hour', expires_at = expires_at - interval '1 hour'
                where key like 'sign_in:%'";
    gw.db.execute(hour).await;
    assert_eq!(try_sign_in(&gw.anonymous(), EMAIL, PASSWORD).await, 200);
    fail(&gw.anonymous(), EMAIL, 9).await;
    assert_eq!(try_sign_in(&gw.anonymous(), EMAIL, PASSWORD).await, 200, "and the row of failures has ended");
}

#[tokio::test]
async fn a_reset_opens_the_account_at_once_and_strangers_do_not_close_it_again() {
    let gw = behind_a_proxy(json!({})).await;
    gw.verified_user("alice").await;
    fail_a_hundred(&gw).await;
    let from = async |address: &str, password: &str| {
        sign_in_from(&gw.anonymous(), address, EMAIL, password).await.status().as_u16()
    };
    assert_eq!(from("192.0.2.1", PASSWORD).await, 429);
    let post = async |path: &str, body: serde_json::Value| {
        let request = gw.anonymous().post(&format!("{AUTH}{path}")).header("X-Forwarded-For", "192.0.2.1");
        assert_eq!(request.json(&body).send().await.unwrap().status(), 200, "{path}");
    };
    post("/request-password-reset", json!({ "email": EMAIL })).await;
    let link = gw.mail.about("Set a new password", EMAIL).await.link();
    let token = link.query_pairs().find_map(|(name, value)| (name == "token").then(|| value.into_owned())).unwrap();
    post("/reset-password", json!({ "token": token, "newPassword": "violet tractor ninety seven" })).await;
    // The stranger goes on, the new password included.
    for n in 0..10 {
        assert_eq!(from(&format!("198.51.100.{n}"), WRONG).await, 401, "{n}");
    }
    assert_eq!(from("203.0.113.1", "violet tractor ninety seven").await, 429);
    // Where the password was reset a right one opens it, and a wrong one is answered as everywhere.
    assert_eq!(from("192.0.2.1", WRONG).await, 429);
    assert_eq!(from("192.0.2.1", "violet tractor ninety seven").await, 200);
    let kept = "select count(*) from auth.rate_limits where key like 'sign_in:device:%'";
    assert_eq!(gw.db.count(kept).await, 0, "the browser has a device cookie now");
}

#[tokio::test]
async fn where_a_password_was_reset_attempts_are_limited_too() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    gw.anonymous().auth("/request-password-reset", &json!({ "email": EMAIL })).await;
    let link = gw.mail.about("Set a new password", EMAIL).await.link();
    let token = link.query_pairs().find_map(|(name, value)| (name == "token").then(|| value.into_owned())).unwrap();
    let body = json!({ "token": token, "newPassword": "violet tractor ninety seven" });
    assert_eq!(gw.anonymous().auth("/reset-password", &body).await.status(), 200);
    // The attempts of everybody, then those of the address.
    fail(&gw.anonymous(), EMAIL, 10).await;
    for _ in 0..10 {
        assert_eq!(try_sign_in(&gw.anonymous(), EMAIL, WRONG).await, 429);
    }
    assert_eq!(try_sign_in(&gw.anonymous(), EMAIL, "violet tractor ninety seven").await, 429);
}

#[tokio::test]
async fn blocks_of_thirty_days_end_with_the_migration() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    fail(&gw.anonymous(), EMAIL, 1).await;
    let blocked = "update auth.rate_limits set failures = 100, blocked_until = now() + interval '30 days',
                   expires_at = now() + interval '30 days' where key like 'sign_in:%'";
    gw.db.execute(blocked).await;
    gw.db.execute(include_str!("../../../../migrations/20261129130000_shorten_blocks_of_rate_limits.sql")).await;
    assert!(retry_after(&gw).await <= 3600);
}

#[tokio::test]
async fn what_was_long_ago_is_forgotten() {
    let gw = TestGateway::start().await;
    fail(&gw.anonymous(), EMAIL, 1).await;
    let age = "update auth.rate_limits set failures = 99, expires_at = now() - interval '1 s',
               window_started_at = now() - interval '1 day' where key like 'sign_in:%'";
    gw.db.execute(age).await;
    fail(&gw.anonymous(), EMAIL, 9).await;
    assert_eq!(gw.db.count("select failures::int8 from auth.rate_limits where key like 'sign_in:%'").await, 9);
}
