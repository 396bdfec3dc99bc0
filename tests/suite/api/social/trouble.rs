//! A provider that is down, slow or broken: an end in bounded time, nothing made, and nobody else slowed down (OAUTH-10).

use std::time::{Duration, Instant};

use serde_json::json;

use super::{arrive, assert_refused, begin, gateway_with, location, signed_in, visit, walk};
use crate::harness::{
    TestGateway,
    client::{AUTH, expect_problem},
    eventually, free_port,
    idp::{Idp, Trouble},
};

const TARGETS: fn() -> serde_json::Value = || json!({ "callbackURL": "/in", "errorCallbackURL": "/out" });

#[tokio::test]
async fn a_provider_that_answers_nonsense_signs_nobody_in() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for path in ["/token", "/jwks"] {
        for trouble in [Trouble::Garbage, Trouble::Huge, Trouble::Status(500), Trouble::Status(302)] {
            idp.trouble(path, trouble.clone());
            let began = Instant::now();
            assert_refused(&gw, &walk(&gw).await, "temporarily_unavailable").await;
            assert!(began.elapsed() < Duration::from_secs(8), "{path} {trouble:?}: {:?}", began.elapsed());
        }
        idp.recover(path);
    }
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
    assert!(idp.calls("/elsewhere").is_empty(), "no redirect is followed");
    gw.logged("the failure", |line| line["message"] == "a sign-in through a provider failed").await;
    let too_long = || gw.process.output().matches("the provider's answer is too long").count();
    eventually("both lines", async || (too_long() == 2).then_some(())).await;
    for secret in ["access-0", "refresh-0", "suite-secret"] {
        assert!(!gw.process.output().contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_slow_provider_slows_nobody_else() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let alice = gw.insert_user("alice", &[]).await;
    idp.trouble("/token", Trouble::Never);
    let waiting = (0..12).map(|_| async {
        let begun = begin(&gw, TARGETS()).await;
        let path = visit(&begun).await;
        let start = Instant::now();
        let response = arrive(&gw, &path, &begun.cookie).await;
        assert_eq!(location(&response), "/out?error=temporarily_unavailable");
        start.elapsed()
    });
    let meanwhile = async {
        while idp.calls("/token").is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let began = Instant::now();
        for _ in 0..20 {
            assert_eq!(alice.status("/items").await, 200);
            assert_eq!(alice.session().await["user"]["id"], alice.id.as_str());
        }
        began.elapsed()
    };
    let (waited, others) = futures_util::future::join(futures_util::future::join_all(waiting), meanwhile).await;
    assert!(waited.iter().all(|time| *time < Duration::from_secs(8)), "{waited:?}");
    // No more than eight were let through; the others heard so after two seconds.
    assert!(waited.iter().filter(|time| **time < Duration::from_secs(4)).count() >= 4, "{waited:?}");
    assert!(others < Duration::from_secs(4), "{others:?}");
    assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 0);
}

#[tokio::test]
async fn a_provider_that_is_gone_is_an_error_from_the_start() {
    let idp = Idp::start().await;
    let mut nowhere = idp.config();
    nowhere["issuer"] = format!("http://127.0.0.1:{}", free_port()).into();
    let social = json!({ "acme": idp.config(), "gone": nowhere });
    let gw = TestGateway::with(json!({ "auth": { "social": social } })).await;
    let response = gw.anonymous().auth("/sign-in/social", &json!({ "provider": "gone" })).await;
    let problem = expect_problem(response, 503, "PROVIDER_UNAVAILABLE").await;
    assert!(problem.headers.contains_key("retry-after"));
    let begun = begin(&gw, TARGETS()).await;
    let path = visit(&begun).await;
    idp.stop();
    assert_refused(&gw, &arrive(&gw, &path, &begun.cookie).await, "temporarily_unavailable").await;
    // The flow is spent all the same; the code was shown once.
    let again = arrive(&gw, &path, &begun.cookie).await;
    assert!(location(&again).ends_with("/error?error=state_mismatch"));
}

#[tokio::test]
async fn a_document_of_another_issuer_is_none() {
    let idp = Idp::start().await;
    idp.discover(json!({ "issuer": "https://evil.example" }));
    let gw = gateway_with(&idp).await;
    let response = gw.anonymous().auth("/sign-in/social", &json!({ "provider": "acme" })).await;
    expect_problem(response, 503, "PROVIDER_UNAVAILABLE").await;
}

#[tokio::test]
async fn a_refused_code_is_said_so() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let begun = begin(&gw, TARGETS()).await;
    let path = visit(&begun).await.replace("code=", "code=x");
    assert_refused(&gw, &arrive(&gw, &path, &begun.cookie).await, "invalid_code").await;
}

#[tokio::test]
async fn a_member_who_asks_for_much_keeps_nobody_from_signing_in() {
    let idp = Idp::start().await;
    idp.discover(json!({ "userinfo_endpoint": format!("{}/userinfo", idp.issuer()) }));
    let mut provider = idp.config();
    provider["store_tokens"] = true.into();
    let gw = TestGateway::with(json!({ "auth": { "social": { "acme": provider } } })).await;
    let ada = signed_in(&gw, &walk(&gw).await);
    idp.trouble("/userinfo", Trouble::Never);
    let mut flood = tokio::task::JoinSet::new();
    for _ in 0..40 {
        flood.spawn(ada.get(&format!("{AUTH}/account-info?providerId=acme")).send());
    }
    eventually("the provider is asked", async || (idp.calls("/userinfo").len() >= 4).then_some(())).await;
    for _ in 0..3 {
        assert_eq!(location(&walk(&gw).await), "/in");
    }
}
