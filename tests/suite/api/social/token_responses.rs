//! Token responses as providers really write them: only what is needed must be right (OAUTH-12).

use serde_json::{Value, json};

use super::{assert_refused, gateway_with, location, walk};
use crate::harness::{
    TestGateway,
    client::set_cookies,
    idp::{CLIENT_ID, Idp, Trouble},
};

/// Puts these members into the token response; `"(gone)"` takes one out.
fn respond_with(idp: &Idp, changes: Value) {
    idp.edit("/token", move |body| {
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
            if value == "(gone)" {
                body.as_object_mut().unwrap().remove(name);
            }
        }
    });
}

#[tokio::test]
async fn odd_members_keep_nobody_out() {
    let idp = Idp::start().await;
    let gw = keeping(&idp).await;
    for changes in [
        json!({ "scope": ["openid", "email"] }),
        json!({ "scope": null, "token_type": null, "expires_in": null, "refresh_token": null }),
        json!({ "scope": "(gone)", "token_type": "(gone)", "expires_in": "(gone)", "refresh_token": "(gone)" }),
        json!({ "expires_in": "3599", "ext_expires_in": "3599", "expires_on": "1764441600", "resource": "x" }),
        json!({ "expires_in": 3599.5 }),
        json!({ "expires_in": -1 }),
        json!({ "expires_in": "-1", "token_type": "bearer" }),
        json!({ "expires_in": 1e300, "token_type": "BEARER" }),
        json!({ "refresh_token_expires_in": "15897600" }),
        json!({ "refresh_token_expires_in": { "odd": [1] }, "token_type": 7 }),
        json!({ "token_type": "mac", "error": null, "x_refresh_token_expires_in": 0.5 }),
    ] {
        respond_with(&idp, changes.clone());
        let response = walk(&gw).await;
        assert!(["/new", "/in"].contains(&location(&response)), "{changes}: {}", location(&response));
        assert!(!set_cookies(response.headers()).is_empty(), "{changes}");
    }
    // Providers with nothing but sign-in send no access token.
    respond_with(&idp, json!({ "access_token": "(gone)", "refresh_token": "(gone)" }));
    assert_eq!(location(&walk(&gw).await), "/in");
}

/// A gateway that keeps the tokens too.
async fn keeping(idp: &Idp) -> TestGateway {
    let mut acme = idp.config();
    acme["store_tokens"] = true.into();
    TestGateway::with(json!({ "auth": { "social": { "acme": acme } } })).await
}

#[tokio::test]
async fn status_and_content_type_say_little() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for (status, content_type) in [
        (201, "application/json"),
        (200, "text/plain"),
        (200, "text/javascript; charset=UTF-8"),
        (200, "application/x-www-form-urlencoded"),
        (200, "application/octet-stream"),
    ] {
        idp.trouble("/token", Trouble::As(status, content_type));
        let response = walk(&gw).await;
        assert!(["/new", "/in"].contains(&location(&response)), "{content_type}: {}", location(&response));
    }
}

#[tokio::test]
async fn lifetimes_are_kept_as_they_were_meant() {
    let idp = Idp::start().await;
    let gw = keeping(&idp).await;
    for (expires_in, expected) in [
        (
            json!("7200"),
            "select count(*) from auth.accounts
             where access_token_expires_at between now() + interval '110 minutes' and now() + interval '2 hours'",
        ),
        (
            json!(3600.9),
            "select count(*) from auth.accounts
             where access_token_expires_at between now() + interval '50 minutes' and now() + interval '61 minutes'",
        ),
        (json!(-1), "select count(*) from auth.accounts where access_token_expires_at is null"),
        (json!(u64::MAX), "select count(*) from auth.accounts where access_token_expires_at is null"),
    ] {
        respond_with(&idp, json!({ "expires_in": expires_in }));
        walk(&gw).await;
        assert_eq!(gw.db.count(expected).await, 1, "{expires_in}");
    }
    respond_with(&idp, json!({ "refresh_token_expires_in": "86400", "scope": ["openid", "calendar"] }));
    walk(&gw).await;
    let sql = "select count(*) from auth.accounts where scopes = '{openid,calendar}' \
               and refresh_token_expires_at between now() + interval '23 hours' and now() + interval '1 day'";
    assert_eq!(gw.db.count(sql).await, 1);
}

#[tokio::test]
async fn an_error_is_one_whatever_its_status() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let github = r#"{"error":"bad_verification_code","error_description":"The code passed is incorrect or expired."}"#;
    for (status, body, word) in [
        (200, github, "invalid_code"),
        (200, "error=bad_verification_code&error_description=The+code", "invalid_code"),
        (200, r#"{"ok":false,"error":"invalid_code"}"#, "invalid_code"),
        (400, r#"{"error":{"message":"code used","type":"OAuthException","code":100}}"#, "invalid_code"),
        (403, r#"{"status":403,"message":"invalid client secret"}"#, "invalid_code"),
        (401, "", "invalid_code"),
        (503, r#"{"error":"temporarily_unavailable"}"#, "temporarily_unavailable"),
        (500, "{}", "temporarily_unavailable"),
        (429, "{}", "temporarily_unavailable"),
        (200, "{}", "temporarily_unavailable"),
        (200, "", "temporarily_unavailable"),
    ] {
        idp.trouble("/token", Trouble::Body(status, body.to_owned()));
        assert_refused(&gw, &walk(&gw).await, word).await;
    }
    let line = gw.logged("the reason", |line| line["error"].as_str().is_some_and(|e| e.contains("bad_verif"))).await;
    assert_eq!(line["provider"], "acme");
}

#[tokio::test]
async fn an_answer_without_an_id_token_is_told_so() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    respond_with(&idp, json!({ "id_token": "(gone)" }));
    assert_refused(&gw, &walk(&gw).await, "unable_to_get_user_info").await;
    gw.logged("the reason", |line| line["error"].as_str().is_some_and(|e| e.contains("openid among the scopes"))).await;
}

#[tokio::test]
async fn github_answers_with_a_form_and_with_errors_of_status_200() {
    let idp = Idp::start().await;
    let github =
        json!({ "issuer": idp.issuer(), "client_id": CLIENT_ID, "client_secret": { "env": "AUTHGATE_SECRET" } });
    let gw = TestGateway::with(json!({ "auth": { "social": { "github": github } } })).await;
    let user = json!({ "login": "octocat", "id": 583_231, "name": "The Octocat" });
    idp.github(user, json!([{ "email": "octo@example.com", "primary": true, "verified": true }]));
    let walk = async || {
        let targets = json!({ "callbackURL": "/in", "errorCallbackURL": "/out" });
        let begun = super::begin_at(&gw.anonymous(), "/sign-in/social", "github", targets).await;
        let response = super::arrive(&gw, &super::visit(&begun).await, &begun.cookie).await;
        location(&response).to_owned()
    };
    let token = "/login/oauth/access_token";
    idp.trouble(token, Trouble::As(200, "application/x-www-form-urlencoded; charset=utf-8"));
    assert_eq!(walk().await, "/in");
    idp.trouble(token, Trouble::Body(200, r#"{"error":"incorrect_client_credentials"}"#.to_owned()));
    assert_eq!(walk().await, "/out?error=invalid_code");
    gw.logged("the reason", |line| line["error"].as_str().is_some_and(|e| e.contains("incorrect_client"))).await;
    idp.trouble(token, Trouble::Status(503));
    assert_eq!(walk().await, "/out?error=temporarily_unavailable");
}
