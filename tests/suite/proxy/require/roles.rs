//! Roles whose users come nowhere without a second factor.

use serde_json::{Value, json};

use super::{SETUP, TWO_FACTOR, config, missing};
use crate::{
    api::two_factor::{Browser, enable, forget_codes},
    harness::{TestGateway, client::expect_problem},
};

fn strict() -> Value {
    let mut config = config();
    config["auth"]["two_factor"] = json!({ "required_for_roles": ["admin", "finance"] });
    config
}

#[tokio::test]
async fn such_a_user_comes_past_no_route_that_looks_at_sessions_and_no_other_is_asked() {
    let gw = TestGateway::with(strict()).await;
    let replica = gw.replica_with(strict()).await;
    let root = gw.insert_user("root", &["user", "admin"]).await;
    let alice = gw.insert_user("alice", &["user", "administrator"]).await;
    for gateway in [&gw, &replica] {
        for path in ["/items", "/optional/x"] {
            assert_eq!(missing(&root.at(gateway), path).await.as_deref(), SETUP, "{path}");
            assert_eq!(missing(&root.bearer().at(gateway), path).await.as_deref(), SETUP, "{path}");
            assert_eq!(missing(&alice.at(gateway), path).await, None, "{path}");
        }
        assert_eq!(root.at(gateway).status("/public/x").await, 200);
        assert_eq!(gateway.anonymous().status("/optional/x").await, 200);
    }
    gw.db.execute("update auth.users set roles = '{finance}' where name = 'alice'").await;
    assert_eq!(missing(&alice, "/items").await.as_deref(), SETUP, "the very next request sees the new role");
    gw.db.execute("update auth.sessions set second_factor = 'totp'").await;
    for user in [&alice, &root] {
        assert_eq!(missing(user, "/items").await, None);
    }
}

#[tokio::test]
async fn the_auth_api_lets_them_set_one_up_and_sign_out() {
    let gw = TestGateway::with(strict()).await;
    let email = gw.verified_user("root").await;
    gw.db.execute("update auth.users set roles = '{admin}'").await;
    let mut browser = Browser::new(&gw);
    browser.sign_in(&email).await;
    assert_eq!(missing(&browser.client(), "/items").await.as_deref(), SETUP);
    assert_eq!(browser.client().session().await["user"]["role"], "admin");
    browser.ok("/sign-out", json!({})).await;
    let (browser, app) = enable(&gw, &email).await;
    assert_eq!(missing(&browser.client(), "/items").await, None);
    // A trusted browser is spared nothing: it would have to prove one anyway.
    let mut trusted = Browser::new(&gw);
    trusted.begin_sign_in(&email).await;
    trusted.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0), "trustDevice": true })).await;
    assert_eq!(missing(&trusted.client(), "/items").await, None);
    trusted.ok("/sign-out", json!({})).await;
    trusted.begin_sign_in(&email).await;
    // One that came in before the role did has it to prove.
    gw.db.execute("update auth.users set roles = '{}'").await;
    forget_codes(&gw).await;
    trusted.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0), "trustDevice": true })).await;
    trusted.ok("/sign-out", json!({})).await;
    let answer = trusted.sign_in(&email).await;
    assert!(answer["token"].is_string(), "it is trusted: {answer}");
    gw.db.execute("update auth.users set roles = '{admin}'").await;
    assert_eq!(missing(&trusted.client(), "/items").await.as_deref(), TWO_FACTOR);
    let bearer = gw.anonymous().with_bearer("bad");
    expect_problem(bearer.get("/items").send().await.unwrap(), 401, "UNAUTHORIZED").await;
}
