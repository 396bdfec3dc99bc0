//! What real providers answer, after their documentation: id tokens, token responses and userinfo put together as each of
//! them does it.

use serde_json::{Value, json};

use super::{gateway_with, location, signed_in, walk};
use crate::harness::{
    client::expect_problem,
    idp::{Idp, Trouble},
};

/// A provider: its name, what changes in the id token and the token response, what userinfo says.
struct Provider {
    name: &'static str,
    claims: Value,
    response: Value,
    userinfo: Option<Value>,
}

/// Signs in twice, and asks who that was.
async fn sign_in(provider: Provider) -> Value {
    let Provider { name, claims, response, userinfo } = provider;
    let idp = Idp::start().await;
    idp.claim(&json!({ "sub": null, "email": null, "email_verified": null, "name": null }));
    idp.claim(&claims);
    idp.edit("/token", move |body| {
        for (name, value) in response.as_object().unwrap() {
            body[name] = value.clone();
        }
    });
    if let Some(userinfo) = userinfo {
        idp.discover(json!({ "userinfo_endpoint": format!("{}/userinfo", idp.issuer()) }));
        idp.edit("/userinfo", move |body| *body = userinfo.clone());
    }
    let gw = gateway_with(&idp).await;
    assert_eq!(location(&walk(&gw).await), "/new", "{name}");
    let response = walk(&gw).await;
    assert_eq!(location(&response), "/in", "{name}");
    signed_in(&gw, &response).session().await["user"].clone()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of what each provider answers")]
async fn who_vouches_for_the_address_signs_people_in() {
    for (provider, user) in [
        (
            Provider {
                name: "Google",
                claims: json!({
                    "sub": "110169484474386276334", "email": "ada@example.com", "email_verified": true,
                    "name": "Ada Lovelace", "picture": "https://lh3.googleusercontent.com/a/x=s96-c",
                    "given_name": "Ada", "family_name": "Lovelace", "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
                    "azp": "the-gateway",
                }),
                response: json!({ "expires_in": 3599, "scope": "openid https://www.googleapis.com/auth/userinfo.email" }),
                userinfo: None,
            },
            ("ada@example.com", "Ada Lovelace"),
        ),
        (
            Provider {
                name: "Okta",
                claims: json!({
                    "sub": "00uid4BxXw6I6TV4m0g3", "ver": 1, "amr": ["pwd"], "idp": "00ok1u7AsAkrwdZL3z0g3",
                    "preferred_username": "ada@example.com", "auth_time": 1_311_280_969, "at_hash": "preview",
                }),
                response: json!({ "scope": "openid email profile" }),
                userinfo: Some(json!({
                    "sub": "00uid4BxXw6I6TV4m0g3", "name": "Ada Lovelace", "locale": "en-US",
                    "email": "ada@example.com", "email_verified": true, "preferred_username": "ada@example.com",
                    "updated_at": 1_311_280_970, "zoneinfo": "America/Los_Angeles",
                })),
            },
            ("ada@example.com", "Ada Lovelace"),
        ),
        (
            Provider {
                name: "Authelia",
                claims: json!({ "sub": "2f8c1c4e", "amr": ["pwd", "otp"], "azp": "the-gateway", "client_id": "the-gateway" }),
                response: json!({ "token_type": "bearer", "scope": "openid email profile" }),
                userinfo: Some(json!({
                    "sub": "2f8c1c4e", "email": "ada@example.com", "email_verified": true,
                    "alt_emails": ["other@example.com"], "name": "Ada Lovelace", "rat": 1_700_000_000,
                })),
            },
            ("ada@example.com", "Ada Lovelace"),
        ),
        (
            Provider {
                name: "Keycloak",
                claims: json!({
                    "sub": "f7a2", "typ": "ID", "azp": "the-gateway", "session_state": "9f", "acr": "1", "sid": "9f",
                    "email": "ada@example.com", "email_verified": true, "preferred_username": "ada",
                    "given_name": "Ada", "family_name": "Lovelace", "name": "Ada Lovelace",
                }),
                response: json!({ "refresh_expires_in": 1800, "not-before-policy": 0, "session_state": "9f" }),
                userinfo: None,
            },
            ("ada@example.com", "Ada Lovelace"),
        ),
        (
            Provider {
                name: "Auth0",
                claims: json!({
                    "sub": "auth0|5f7c8ec7c33c6c004bbafe82", "nickname": "ada", "name": "ada@example.com",
                    "picture": "https://s.gravatar.com/avatar/x?d=https%3A%2F%2Fcdn", "updated_at": "2026-11-21T12:00:00Z",
                    "email": "ada@example.com", "email_verified": true, "sid": "s",
                }),
                response: json!({ "expires_in": 86_400, "scope": "openid profile email" }),
                userinfo: None,
            },
            ("ada@example.com", "ada@example.com"),
        ),
        (
            Provider {
                name: "Zitadel",
                claims: json!({
                    "sub": "163840776835432705", "aud": ["the-gateway", "163840776835432345"], "azp": "the-gateway",
                    "amr": ["password"], "client_id": "the-gateway", "at_hash": "x",
                }),
                response: json!({ "expires_in": 43_199 }),
                userinfo: Some(json!({
                    "sub": "163840776835432705", "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace",
                    "preferred_username": "ada", "email": "ada@example.com", "email_verified": true,
                })),
            },
            ("ada@example.com", "Ada Lovelace"),
        ),
        (
            Provider {
                name: "Discord",
                claims: json!({ "sub": "80351110224678912", "auth_time": 1_700_000_000 }),
                response: json!({ "expires_in": 604_800, "scope": "email identify openid" }),
                userinfo: Some(json!({
                    "sub": "80351110224678912", "email": "ada@example.com", "email_verified": true,
                    "preferred_username": "ada", "nickname": null, "picture": "https://cdn.discordapp.com/avatars/8/x.png",
                })),
            },
            ("ada@example.com", "ada"),
        ),
        (
            Provider {
                name: "Twitch",
                claims: json!({
                    "sub": "713936733", "azp": "the-gateway", "email": "ada@example.com", "email_verified": true,
                }),
                response: json!({ "scope": ["openid", "user:read:email"], "token_type": "bearer", "expires_in": 14_124 }),
                userinfo: Some(json!({ "sub": "713936733", "preferred_username": "ada", "aud": "the-gateway" })),
            },
            ("ada@example.com", "ada"),
        ),
        (
            Provider {
                name: "Slack",
                claims: json!({
                    "sub": "U0R7MFMJM", "email": "ada@example.com", "email_verified": true, "name": "Ada Lovelace",
                    "date_email_verified": 1_622_128_723, "https://slack.com/user_id": "U0R7MFMJM", "at_hash": "x",
                }),
                response: json!({ "ok": true, "refresh_token": null, "expires_in": null }),
                userinfo: None,
            },
            ("ada@example.com", "Ada Lovelace"),
        ),
    ] {
        let name = provider.name;
        let found = sign_in(provider).await;
        assert_eq!((found["email"].as_str(), found["name"].as_str()), (Some(user.0), Some(user.1)), "{name}");
        assert_eq!(found["emailVerified"], true, "{name}");
    }
}

#[tokio::test]
async fn entra_vouches_for_no_address() {
    for (version, claims, response) in [
        (
            "2.0",
            json!({ "oid": "6a", "preferred_username": "ada@example.com", "tid": "9188", "ver": "2.0", "rh": "0.x" }),
            json!({ "expires_in": 3599, "ext_expires_in": 3599 }),
        ),
        (
            "1.0",
            json!({ "oid": "6a", "upn": "ada@example.com", "unique_name": "ada@example.com", "tid": "9188", "ver": "1.0" }),
            json!({
                "expires_in": "3599", "ext_expires_in": "3599", "expires_on": "1764441600", "not_before": "1764438000",
                "resource": "00000002-0000-0000-c000-000000000000", "refresh_token_expires_in": "1209600",
            }),
        ),
    ] {
        let idp = Idp::start().await;
        idp.claim(&claims);
        idp.claim(&json!({ "email_verified": null }));
        idp.edit("/token", move |body| {
            for (name, value) in response.as_object().unwrap() {
                body[name] = value.clone();
            }
        });
        // Microsoft Graph refuses tokens that are for another API.
        idp.discover(json!({ "userinfo_endpoint": format!("{}/userinfo", idp.issuer()) }));
        idp.trouble("/userinfo", Trouble::Body(401, r#"{"error":{"code":"InvalidAuthenticationToken"}}"#.to_owned()));
        let gw = gateway_with(&idp).await;
        assert_eq!(location(&walk(&gw).await), "/out?error=email_not_verified", "{version}");
        let error =
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#;
        idp.trouble("/token", Trouble::Body(401, error.to_owned()));
        assert_eq!(location(&walk(&gw).await), "/out?error=invalid_code", "{version}");
    }
}

#[tokio::test]
async fn a_provider_with_nothing_but_sign_in_needs_no_access_token() {
    // Azure AD B2C, where no scope asks for an API.
    let idp = Idp::start().await;
    idp.edit("/token", |body| {
        *body = json!({ "id_token": body["id_token"], "token_type": "Bearer", "not_before": 1, "id_token_expires_in": 3600 });
    });
    let mut acme = idp.config();
    acme["store_tokens"] = true.into();
    let gw = crate::harness::TestGateway::with(json!({ "auth": { "social": { "acme": acme } } })).await;
    let response = walk(&gw).await;
    assert_eq!(location(&response), "/new");
    let ada = signed_in(&gw, &response);
    let response = ada.auth("/get-access-token", &json!({ "providerId": "acme" })).await;
    expect_problem(response, 400, "FAILED_TO_GET_ACCESS_TOKEN").await;
}
