//! What the operator learns when a sign-in fails at a provider: the provider, the cause, and what was expected; never a
//! token, and nobody's data.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{arrive, begin, callback, gateway_with, visit, walk};
use crate::harness::{
    TestGateway,
    client::expect_problem,
    idp::{CLIENT_ID, Idp, Signing, Trouble},
};

/// The line about a failure at `acme` that says all of this.
async fn told(gw: &TestGateway, parts: &[&str]) {
    gw.logged(&format!("a line with {parts:?}"), |line| {
        let error = line["error"].as_str().unwrap_or_default();
        line["provider"] == "acme" && line["request.id"].is_string() && parts.iter().all(|part| error.contains(part))
    })
    .await;
}

fn assert_discreet(gw: &TestGateway, idp: &Idp) {
    let output = gw.process.output();
    let token = idp.id_token(None);
    let header = token.split('.').next().unwrap();
    for secret in ["ada@example.com", "Ada Lovelace", "ada-1", "access-0", "refresh-0", "suite-secret", header] {
        assert!(!output.contains(secret), "{secret} in {output}");
    }
}

#[tokio::test]
async fn a_document_of_another_issuer_names_both() {
    let idp = Idp::start().await;
    let issuer = idp.issuer();
    for (found, hint) in [
        ("https://evil.example".to_owned(), ""),
        (format!("{issuer}/"), "slash at the end"),
        ("https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(), "one tenant"),
        ("https://sts.windows.net/5c1a/".to_owned(), "version 1"),
    ] {
        idp.discover(json!({ "issuer": found }));
        let gw = gateway_with(&idp).await;
        let response = gw.anonymous().auth("/sign-in/social", &json!({ "provider": "acme" })).await;
        expect_problem(response, 503, "PROVIDER_UNAVAILABLE").await;
        told(&gw, &[&format!("issuer {found},"), &format!("names {issuer}"), hint]).await;
    }
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        idp.discover(json!({ name: null }));
        let gw = gateway_with(&idp).await;
        gw.anonymous().auth("/sign-in/social", &json!({ "provider": "acme" })).await;
        told(&gw, &[name]).await;
    }
}

#[tokio::test]
async fn what_cannot_be_had_is_named() {
    let idp = Idp::start().await;
    idp.discover(json!({ "userinfo_endpoint": format!("{}/userinfo", idp.issuer()) }));
    idp.claim(&json!({ "email": null }));
    let gw = gateway_with(&idp).await;
    for (path, what) in [("/token", "token endpoint"), ("/jwks", "key set"), ("/userinfo", "userinfo")] {
        idp.trouble(path, Trouble::Status(502));
        walk(&gw).await;
        told(&gw, &[what, "502"]).await;
        idp.recover(path);
    }
    idp.trouble("/.well-known/openid-configuration", Trouble::Status(404));
    let gw = gateway_with(&idp).await;
    gw.anonymous().auth("/sign-in/social", &json!({ "provider": "acme" })).await;
    told(&gw, &["discovery document", "404"]).await;
}

#[tokio::test]
async fn a_refused_id_token_is_told_with_its_cause() {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let issuer = idp.issuer();
    let bring = async |token: &str| {
        let body = json!({ "provider": "acme", "idToken": { "token": token, "nonce": "n" } });
        expect_problem(gw.anonymous().auth("/sign-in/social", &body).await, 401, "INVALID_TOKEN").await;
    };
    for (claims, parts) in [
        (json!({ "aud": "another" }), vec!["aud", "another", CLIENT_ID]),
        (json!({ "iss": "https://other.example" }), vec!["iss", "https://other.example", &issuer]),
        (json!({ "exp": now - 300 }), vec!["exp", "seconds too old"]),
        (json!({ "iat": now + 300 }), vec!["iat", "seconds too new"]),
        (json!({ "nonce": "another" }), vec!["nonce", "another sign-in"]),
        (json!({ "sub": 7 }), vec!["sub", "wrong type"]),
    ] {
        idp.claim(&claims);
        let before = gw.process.output().matches("a sign-in through a provider failed").count();
        bring(&idp.id_token(Some("n"))).await;
        walk(&gw).await;
        crate::harness::eventually("both ways", async || {
            let lines = gw.log().into_iter().filter(|line| {
                let error = line["error"].as_str().unwrap_or_default();
                line["provider"] == "acme" && parts.iter().all(|part| error.contains(part))
            });
            (lines.count() >= 2).then_some(())
        })
        .await;
        assert_eq!(gw.process.output().matches("a sign-in through a provider failed").count(), before + 2, "one each");
        idp.claim(&json!({ "aud": null, "iss": issuer, "exp": null, "iat": null, "nonce": null, "sub": "ada-1" }));
    }
    idp.sign(Signing::OtherKey);
    bring(&idp.id_token(Some("n"))).await;
    told(&gw, &["signature"]).await;
    idp.sign(Signing::Hs256);
    bring(&idp.id_token(Some("n"))).await;
    told(&gw, &["HS256", "RS256, ES256 and EdDSA"]).await;
    bring("no.token.at-all").await;
    told(&gw, &["no signed token"]).await;
    assert_discreet(&gw, &idp);
}

#[tokio::test]
async fn what_the_provider_answers_in_place_of_a_code_is_told() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for (sent, parts) in [
        ("error=redirect_uri_mismatch", &["redirect_uri_mismatch"][..]),
        ("error=unauthorized_client", &["unauthorized_client"]),
        ("error=access_denied", &[]),
    ] {
        let begun = begin(&gw, json!({})).await;
        let path = callback("acme", &format!("{sent}&state={}", begun.query()["state"]));
        arrive(&gw, &path, &begun.cookie).await;
        if parts.is_empty() {
            assert!(!gw.process.output().contains("access_denied"), "people may say no");
        } else {
            told(&gw, parts).await;
        }
    }
    let begun = begin(&gw, json!({})).await;
    let path = format!("{}&iss=https://evil.example", visit(&begun).await);
    arrive(&gw, &path, &begun.cookie).await;
    told(&gw, &["https://evil.example", &idp.issuer()]).await;
    idp.claim(&json!({ "email": null }));
    walk(&gw).await;
    told(&gw, &["tells no address"]).await;
}

#[tokio::test]
async fn a_failed_renewal_names_the_provider() {
    let idp = Idp::start().await;
    let mut acme = idp.config();
    acme["store_tokens"] = true.into();
    let gw = TestGateway::with(json!({ "auth": { "social": { "acme": acme } } })).await;
    let ada = super::signed_in(&gw, &walk(&gw).await);
    idp.trouble("/token", Trouble::Body(400, r#"{"error":"invalid_grant"}"#.to_owned()));
    let response = ada.auth("/refresh-token", &json!({ "providerId": "acme" })).await;
    expect_problem(response, 400, "FAILED_TO_REFRESH_ACCESS_TOKEN").await;
    let is_it = |line: &Value| {
        let error = line["error"].as_str().unwrap_or_default();
        error.contains("acme") && error.contains("invalid_grant")
    };
    gw.logged("the reason", is_it).await;
}
