//! The cookie by which a browser that signed in before has a limit of its own.

use serde_json::json;

use super::{fail, right, try_sign_in};
use crate::harness::{Client, PASSWORD, TestGateway, client::set_cookies};

const NEW: &str = "violet tractor ninety seven";

/// Signs in and keeps the device cookie alone.
async fn device(gw: &TestGateway, from: &Client, email: &str) -> Client {
    let response = from.auth("/sign-in/email", &right(email)).await;
    assert_eq!(response.status(), 200);
    let cookies = set_cookies(response.headers());
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("authgate_device=")).unwrap();
    gw.anonymous().with_cookie(cookie.split(';').next().unwrap())
}

#[tokio::test]
async fn whoever_uses_up_the_attempts_does_not_lock_the_owner_out() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let alice = device(&gw, &gw.anonymous(), &email).await;
    fail(&gw.anonymous(), &email, 10).await;
    assert_eq!(try_sign_in(&gw.anonymous(), &email, PASSWORD).await, 429);
    fail(&alice, &email, 9).await;
    assert_eq!(try_sign_in(&alice, &email, PASSWORD).await, 200);
    assert_eq!(try_sign_in(&gw.anonymous(), &email, PASSWORD).await, 200, "it ends the row of failures for all");
}

#[tokio::test]
async fn a_device_has_a_limit_too() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let alice = device(&gw, &gw.anonymous(), &email).await;
    fail(&alice, &email, 10).await;
    assert_eq!(try_sign_in(&alice, &email, PASSWORD).await, 429);
    assert_eq!(try_sign_in(&gw.anonymous(), &email, PASSWORD).await, 200, "others are not concerned");
}

#[tokio::test]
async fn only_a_device_of_the_account_counts_by_itself() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let of_bob = device(&gw, &gw.anonymous(), &gw.verified_user("bob").await).await;
    fail(&of_bob, &email, 5).await;
    fail(&gw.anonymous().with_cookie("authgate_device=AUWVaXpZM4tJ1LHO0xr1AqwOQqcJ0wkh1A"), &email, 5).await;
    for client in [&of_bob, &gw.anonymous()] {
        assert_eq!(try_sign_in(client, &email, PASSWORD).await, 429);
    }
    gw.db.execute("delete from auth.rate_limits").await;
    let of_both = device(&gw, &of_bob, &email).await;
    fail(&gw.anonymous(), &email, 10).await;
    fail(&gw.anonymous(), "bob@example.com", 10).await;
    for email in [email.as_str(), "bob@example.com"] {
        assert_eq!(try_sign_in(&of_both, email, PASSWORD).await, 200, "{email}");
    }
}

/// Changes the password from [`PASSWORD`] in a browser that may hold a device cookie; returns that of the answer.
async fn change_password(gw: &TestGateway, email: &str, device: Option<&str>) -> Option<String> {
    let session = gw.sign_in(email).await;
    let cookie = format!("{}={}", gw.cookie_name(), session.token);
    let browser = gw
        .anonymous()
        .with_cookie([Some(cookie.as_str()), device].into_iter().flatten().collect::<Vec<_>>().join("; "));
    let response = browser.auth("/change-password", &json!({ "currentPassword": PASSWORD, "newPassword": NEW })).await;
    assert_eq!(response.status(), 200);
    let cookies = set_cookies(response.headers());
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("authgate_device="))?;
    cookie.split(';').next().map(str::to_owned)
}

/// Returns what a sign-in sets.
async fn device_cookie(gw: &TestGateway, email: &str) -> String {
    let response = gw.anonymous().auth("/sign-in/email", &right(email)).await;
    let cookies = set_cookies(response.headers());
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("authgate_device=")).unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_cookie_ends_with_the_password_that_earned_it() {
    let gw = TestGateway::start().await;
    for (name, is_reset) in [("alice", false), ("bob", true)] {
        let email = gw.verified_user(name).await;
        let old = gw.anonymous().with_cookie(device_cookie(&gw, &email).await);
        if is_reset {
            gw.anonymous().auth("/request-password-reset", &json!({ "email": email })).await;
            let link = gw.mail.about("Set a new password", &email).await.link();
            let token = link.query_pairs().find_map(|(name, value)| (name == "token").then(|| value.into_owned()));
            let reset = gw.anonymous().auth("/reset-password", &json!({ "token": token, "newPassword": NEW })).await;
            assert_eq!(reset.status(), 200);
            // Nothing but the cookie is tried here.
            gw.db.execute("delete from auth.rate_limits").await;
        } else {
            assert_eq!(change_password(&gw, &email, None).await, None);
        }
        fail(&gw.anonymous(), &email, 5).await;
        fail(&old, &email, 5).await;
        for client in [&old, &gw.anonymous()] {
            assert_eq!(try_sign_in(client, &email, NEW).await, 429, "{name}: they share what there is");
        }
        gw.db.execute("delete from auth.rate_limits").await;
    }
}

#[tokio::test]
async fn the_browser_that_changes_the_password_stays_known() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let old = device_cookie(&gw, &email).await;
    let new = gw.anonymous().with_cookie(change_password(&gw, &email, Some(&old)).await.unwrap());
    fail(&gw.anonymous(), &email, 10).await;
    assert_eq!(try_sign_in(&gw.anonymous(), &email, NEW).await, 429);
    assert_eq!(try_sign_in(&new, &email, NEW).await, 200);
}

#[tokio::test]
async fn the_cookie_opens_nothing_and_stays_here() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let response = gw.anonymous().auth("/sign-in/email", &right(&email)).await;
    let cookies = set_cookies(response.headers());
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("authgate_device=")).unwrap();
    assert!(cookie.ends_with("; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    assert!(!pair.contains("alice"), "{pair}");
    assert_eq!(gw.anonymous().with_cookie(pair).status("/items").await, 401);
    assert!(gw.anonymous().with_cookie(pair).session().await.is_null());
    let both = gw.anonymous().with_cookie(format!("a=1; {pair}; b=2"));
    assert_eq!(both.status("/public/x").await, 200);
    assert_eq!(gw.upstream.last().field("Cookie"), Some("a=1; b=2"));

    let wrong = gw.anonymous().auth("/sign-in/email", &json!({ "email": email, "password": "wrong" })).await;
    assert!(set_cookies(wrong.headers()).is_empty());
}

#[tokio::test]
async fn on_https_the_cookie_is_bound_to_the_host() {
    let gw = TestGateway::with(json!({ "server": { "public_url": "https://app.example.com" } })).await;
    let email = gw.verified_user("alice").await;
    let response = gw.anonymous().auth("/sign-in/email", &right(&email)).await;
    let cookies = set_cookies(response.headers());
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("__Host-authgate_device=")).unwrap();
    assert!(cookie.ends_with("; Max-Age=31536000; Path=/; HttpOnly; Secure; SameSite=Lax"), "{cookie}");
}
