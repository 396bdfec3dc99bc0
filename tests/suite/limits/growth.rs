//! How long an account is refused, and how that ends.

use super::{WRONG, fail, right, try_sign_in};
use crate::harness::{PASSWORD, TestGateway, client::expect_problem};

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

#[tokio::test]
async fn a_hundred_in_a_row_take_more_than_waiting() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    fail(&gw.anonymous(), EMAIL, 1).await;
    gw.db.execute("update auth.rate_limits set failures = 99 where key like 'sign_in:%'").await;
    fail(&gw.anonymous(), EMAIL, 1).await;
    let seconds = retry_after(&gw).await;
    assert!(seconds > 29 * 24 * 60 * 60, "{seconds}");
    let kept = "select count(*) from auth.rate_limits where expires_at >= blocked_until and key like 'sign_in:%'";
    assert_eq!(gw.db.count(kept).await, 1, "the sweep does not let anybody in");
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
