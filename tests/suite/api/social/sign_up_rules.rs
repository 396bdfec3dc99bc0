//! `auth.sign_up` for those who come from a provider.

use serde_json::{Value, json};

use super::{assert_refused, location, signed_in, walk};
use crate::harness::{TestGateway, client::expect_problem, idp::Idp};

const USERS: &str = "select count(*) from auth.users";

fn config(idp: &Idp, sign_up: &Value) -> Value {
    json!({ "auth": { "social": { "acme": idp.config() }, "sign_up": sign_up } })
}

#[tokio::test]
async fn where_sign_up_is_closed_a_provider_opens_only_what_is_there() {
    let idp = Idp::start().await;
    let gw = TestGateway::with(config(&idp, &json!({ "mode": "closed" }))).await;
    assert_refused(&gw, &walk(&gw).await, "signup_disabled").await;
    let body = json!({ "provider": "acme", "idToken": { "token": idp.id_token(None) } });
    expect_problem(gw.anonymous().auth("/sign-in/social", &body).await, 401, "OAUTH_LINK_ERROR").await;
    assert_eq!(gw.db.count(USERS).await, 0);
    let line = gw.logged("the refusal", |line| line["message"] == "a sign-up was refused").await;
    assert_eq!((&line["provider"], &line["reason"]), (&json!("acme"), &json!("sign-up is closed")), "{line}");

    // An account that has the address, which both sides have proved, is linked, and is known from then on.
    gw.cli(&["users", "create", "ada@example.com", "--name", "Ada", "--verified"]);
    for _ in 0..2 {
        let response = walk(&gw).await;
        assert_eq!(location(&response), "/in");
        assert_eq!(signed_in(&gw, &response).status("/items").await, 200);
    }
    assert_eq!(gw.db.count(USERS).await, 1);
}

#[tokio::test]
async fn an_address_that_the_provider_does_not_vouch_for_tells_nothing() {
    let idp = Idp::start().await;
    idp.claim(&json!({ "email_verified": false }));
    let gw = TestGateway::with(config(&idp, &json!({ "mode": "closed" }))).await;
    assert_refused(&gw, &walk(&gw).await, "signup_disabled").await;
    gw.cli(&["users", "create", "ada@example.com", "--name", "Ada", "--verified"]);
    assert_refused(&gw, &walk(&gw).await, "signup_disabled").await;
}

#[tokio::test]
async fn the_allowed_domains_hold_for_providers_too() {
    let idp = Idp::start().await;
    let gw = TestGateway::with(config(&idp, &json!({ "allowed_email_domains": ["example.org"] }))).await;
    for is_vouched_for in [true, false] {
        idp.claim(&json!({ "email_verified": is_vouched_for }));
        assert_refused(&gw, &walk(&gw).await, "email_domain_not_allowed").await;
    }
    let body = json!({ "provider": "acme", "idToken": { "token": idp.id_token(None) } });
    expect_problem(gw.anonymous().auth("/sign-in/social", &body).await, 403, "EMAIL_DOMAIN_NOT_ALLOWED").await;
    assert_eq!(gw.db.count(USERS).await, 0);
    idp.claim(&json!({ "email": "ada@example.org", "email_verified": true }));
    assert_eq!(location(&walk(&gw).await), "/new");
}
