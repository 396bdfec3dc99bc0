//! A callback is of one flow, one browser, one provider and one attempt (OAUTH-01, OAUTH-04, OAUTH-08).

use std::time::Duration;

use http::Method;
use serde_json::json;

use super::{arrive, assert_refused, begin, begin_at, callback, gateway_with, location, visit};
use crate::harness::{
    TestGateway,
    client::{AUTH, set_cookies},
    eventually_within,
    idp::Idp,
};

const TARGETS: &str = r#"{ "callbackURL": "/in", "errorCallbackURL": "/out" }"#;

fn targets() -> serde_json::Value {
    serde_json::from_str(TARGETS).unwrap()
}

#[tokio::test]
async fn a_callback_works_once() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let begun = begin(&gw, targets()).await;
    let path = visit(&begun).await;
    assert_eq!(location(&arrive(&gw, &path, &begun.cookie).await), "/in");
    let again = arrive(&gw, &path, &begun.cookie).await;
    assert_eq!(location(&again), format!("{AUTH}/error?error=state_mismatch"));
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
    assert_eq!(idp.calls("/token").len(), 1);
}

#[tokio::test]
async fn a_foreign_cookie_of_any_bytes_does_not_hide_the_flows_own() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for is_first in [true, false] {
        let begun = begin(&gw, targets()).await;
        let path = visit(&begun).await;
        let (foreign, own) = (&b"city=Malm\xf6"[..], begun.cookie.as_bytes());
        let cookies = if is_first { [foreign, b"; ", own].concat() } else { [own, b"; ", foreign].concat() };
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: ", gw.host());
        let response = gw.raw().await.send([head.as_bytes(), &cookies, b"\r\n\r\n"].concat()).await.response().await;
        let response = response.unwrap();
        assert_eq!((response.status, response.field("location")), (302, Some("/in")), "{is_first}");
    }
}

#[tokio::test]
async fn a_head_on_the_callback_spends_nothing() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let begun = begin(&gw, targets()).await;
    let path = visit(&begun).await;
    let head = async |cookie: &str, path: &str| {
        let response = gw.anonymous().with_cookie(cookie).request(Method::HEAD, path).send().await.unwrap();
        assert!(set_cookies(response.headers()).is_empty());
        location(&response).to_owned()
    };
    for _ in 0..2 {
        assert_eq!(head(&begun.cookie, &path).await, "/in");
        assert_eq!(head("authgate_oauth=x", &path).await, "/out?error=state_mismatch");
    }
    let unknown = format!("{AUTH}/callback/acme?code=x&state=x");
    assert_eq!(head(&begun.cookie, &unknown).await, format!("{AUTH}/error?error=state_mismatch"));
    assert!(idp.calls("/token").is_empty());
    assert_eq!(location(&arrive(&gw, &path, &begun.cookie).await), "/in");
}

#[tokio::test]
async fn of_twenty_at_once_one_signs_in() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let begun = begin(&gw, targets()).await;
    let path = visit(&begun).await;
    let all = futures_util::future::join_all((0..20).map(|_| arrive(&gw, &path, &begun.cookie))).await;
    assert_eq!(all.iter().filter(|response| location(response) == "/in").count(), 1);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
}

#[tokio::test]
async fn another_browser_gets_nothing() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let other = begin(&gw, json!({})).await.cookie;
    for cookie in ["", "authgate_oauth=x", &other] {
        let begun = begin(&gw, targets()).await;
        let response = arrive(&gw, &visit(&begun).await, cookie).await;
        assert_refused(&gw, &response, "state_mismatch").await;
    }
    assert!(idp.calls("/token").is_empty());
}

#[tokio::test]
async fn another_providers_callback_gets_nothing() {
    let (acme, evil) = (Idp::start().await, Idp::start().await);
    let social = json!({ "acme": acme.config(), "evil": evil.config() });
    let gw = TestGateway::with(json!({ "auth": { "social": social } })).await;
    for provider in ["evil", "unknown"] {
        let begun = begin(&gw, targets()).await;
        let path = visit(&begun).await.replace("/callback/acme", &format!("/callback/{provider}"));
        let response = arrive(&gw, &path, &begun.cookie).await;
        assert_refused(&gw, &response, "state_mismatch").await;
    }
    assert!(evil.calls("/token").is_empty() && acme.calls("/token").is_empty());
}

#[tokio::test]
async fn a_flow_takes_ten_minutes_at_most() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let begun = begin(&gw, targets()).await;
    let life = "select count(*) from auth.verifications where purpose = 'oauth-state' \
                and expires_at - created_at = interval '10 minutes'";
    assert_eq!(gw.db.count(life).await, 1);
    gw.db.execute("update auth.verifications set expires_at = now() - interval '1 second'").await;
    let response = arrive(&gw, &visit(&begun).await, &begun.cookie).await;
    assert_eq!(location(&response), format!("{AUTH}/error?error=state_mismatch"));
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 0);
}

#[tokio::test]
async fn what_is_stored_tells_nothing() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let begun = begin(&gw, targets()).await;
    let query = begun.query();
    let rows: Vec<String> = sqlx::query_scalar("select v::text from auth.verifications v")
        .fetch_all(&mut gw.db.connect().await)
        .await
        .unwrap();
    let rows = rows.concat();
    let cookie = begun.cookie.split_once('=').unwrap().1;
    for secret in [query["state"].as_str(), &query["nonce"], cookie, "/out"] {
        assert!(!rows.contains(secret), "{secret} in {rows}");
    }
}

#[tokio::test]
async fn nonsense_leads_to_the_error_page() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for (query, word) in [
        ("", "state_not_found"),
        ("code=x", "state_not_found"),
        ("code=x&state=", "state_mismatch"),
        ("code=x&state=short", "state_mismatch"),
        ("code=x&state=a&state=b", "state_not_found"),
        (&format!("code=x&state={}", "a".repeat(43)), "state_mismatch"),
        ("error=%3Cscript%3E", "state_not_found"),
    ] {
        let response = arrive(&gw, &callback("acme", query), "").await;
        assert_eq!(location(&response), format!("{AUTH}/error?error={word}"), "{query}");
    }
    let page = gw.anonymous().get(&format!("{AUTH}/error?error=%3Cscript%3Ealert(1)")).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let text = page.text().await.unwrap();
    assert!(text.contains("did not work") && !text.contains("alert(1)"), "{text}");
}

#[tokio::test]
async fn what_the_provider_says_instead_of_a_code_goes_on() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for (sent, word) in [
        ("error=access_denied&error_description=no", "access_denied"),
        ("error=https://evil.example/%0d%0a", "invalid_callback_request"),
        ("code=", "no_code"),
        ("x=y", "no_code"),
    ] {
        let begun = begin(&gw, targets()).await;
        let path = callback("acme", &format!("{sent}&state={}", begun.query()["state"]));
        assert_refused(&gw, &arrive(&gw, &path, &begun.cookie).await, word).await;
    }
}

#[tokio::test]
async fn the_issuer_of_a_code_is_the_providers() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for (issuer, expected) in [
        ("&iss=https://evil.example".to_owned(), "/out?error=issuer_mismatch"),
        (format!("&iss={}", idp.issuer()), "/in"),
    ] {
        let begun = begin(&gw, targets()).await;
        let path = format!("{}{issuer}", visit(&begun).await);
        assert_eq!(location(&arrive(&gw, &path, &begun.cookie).await), expected);
    }
    // Who always sends it is not believed without.
    let idp = Idp::start().await;
    idp.discover(json!({ "authorization_response_iss_parameter_supported": true }));
    let gw = gateway_with(&idp).await;
    let begun = begin(&gw, targets()).await;
    let response = arrive(&gw, &visit(&begun).await, &begun.cookie).await;
    assert_refused(&gw, &response, "issuer_mismatch").await;
}

#[tokio::test]
async fn a_thousand_abandoned_flows_leave_nothing_behind() {
    let idp = Idp::start().await;
    let limits = json!({ "social_sign_in": { "limit": 10_000, "window": "1m" } });
    let config = json!({ "auth": { "social": { "acme": idp.config() }, "rate_limits": limits } });
    let gw = TestGateway::with(config).await;
    let mut visitors = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let client = gw.anonymous();
        visitors.spawn(async move {
            for _ in 0..50 {
                begin_at(&client, "/sign-in/social", "acme", json!({})).await;
            }
        });
    }
    visitors.join_all().await;
    let flows = "select count(*) from auth.verifications";
    assert_eq!(gw.db.count(flows).await, 1000);
    gw.db.execute("update auth.verifications set expires_at = now() - interval '1 second'").await;
    // The first sweep comes half a minute after the start.
    let all_gone = async || (gw.db.count(flows).await == 0).then_some(());
    eventually_within(Duration::from_mins(1), "the sweep", all_gone).await;
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
}
