//! Id tokens that clients bring themselves, and a provider's tokens for its own API.

use serde_json::{Value, json};

use super::{begin_at, gateway_with, location, signed_in, visit, walk};
use crate::harness::{
    Client, TestGateway,
    client::{AUTH, assert_date, assert_user, expect_problem},
    idp::{CLIENT_ID, Idp, Signing, Trouble},
};

#[tokio::test]
async fn a_clients_own_id_token_signs_in() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let post = async |token: Value| {
        gw.anonymous().auth("/sign-in/social", &json!({ "provider": "acme", "idToken": token })).await
    };
    for (token, nonce) in [(idp.id_token(None), None), (idp.id_token(Some("n")), Some("n"))] {
        let mut body = json!({ "token": token });
        if let Some(nonce) = nonce {
            body["nonce"] = nonce.into();
        }
        let response = post(body).await;
        assert_eq!(response.status(), 200);
        assert_eq!(signed_in(&gw, &response).session().await["user"]["email"], "ada@example.com");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["redirect"], false);
        assert_user(&answer["user"], "ada@example.com", "Ada Lovelace");
        let bearer = gw.anonymous().with_bearer(answer["token"].as_str().unwrap());
        assert_eq!(bearer.session().await["user"]["id"], answer["user"]["id"]);
    }
    for body in [
        json!({ "token": idp.id_token(Some("n")) }),
        json!({ "token": idp.id_token(Some("n")), "nonce": "m" }),
        json!({ "token": idp.id_token(None), "nonce": "n" }),
        json!({ "token": "nonsense" }),
        json!({ "token": "" }),
    ] {
        expect_problem(post(body).await, 401, "INVALID_TOKEN").await;
    }
    for body in [json!({}), json!({ "token": 7 }), json!("x"), json!([])] {
        expect_problem(post(body).await, 400, "VALIDATION_ERROR").await;
    }
    for signing in [Signing::None, Signing::Hs256, Signing::OtherKey] {
        idp.sign(signing);
        expect_problem(post(json!({ "token": idp.id_token(None) })).await, 401, "INVALID_TOKEN").await;
    }
    idp.sign(Signing::Right);
    idp.claim(&json!({ "aud": "another-client" }));
    expect_problem(post(json!({ "token": idp.id_token(None) })).await, 401, "INVALID_TOKEN").await;
    idp.claim(&json!({ "aud": null, "sub": "new", "email_verified": false }));
    expect_problem(post(json!({ "token": idp.id_token(None) })).await, 401, "OAUTH_LINK_ERROR").await;
    idp.claim(&json!({ "email": "new@example.com" }));
    expect_problem(post(json!({ "token": idp.id_token(None) })).await, 403, "EMAIL_NOT_VERIFIED").await;
}

#[tokio::test]
async fn it_links_too() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let ada = gw.insert_user("ada", &[]).await;
    let body = json!({ "provider": "acme", "idToken": { "token": idp.id_token(None) } });
    let response = ada.auth("/link-social", &body).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "url": "", "status": true, "redirect": false }));
    let bob = gw.insert_user("bob", &[]).await;
    expect_problem(bob.auth("/link-social", &body).await, 409, "SOCIAL_ACCOUNT_ALREADY_LINKED").await;
}

#[tokio::test]
async fn google_is_for_one_domain_where_it_is_told_so() {
    let idp = Idp::start().await;
    let google = json!({
        "issuer": idp.issuer(), "client_id": CLIENT_ID, "client_secret": { "env": "AUTHGATE_SECRET" },
        "hd": "example.com",
    });
    let gw = TestGateway::with(json!({ "auth": { "social": { "google": google } } })).await;
    for (domain, status) in [(json!(null), 401), (json!("evil.example"), 401), (json!("example.com"), 200)] {
        idp.claim(&json!({ "hd": domain }));
        let body = json!({ "provider": "google", "idToken": { "token": idp.id_token(None) } });
        assert_eq!(gw.anonymous().auth("/sign-in/social", &body).await.status(), status, "{domain}");
    }
    let begun = begin_at(&gw.anonymous(), "/sign-in/social", "google", json!({})).await;
    assert_eq!(begun.query()["hd"], "example.com");
}

#[tokio::test]
async fn apps_bring_tokens_for_any_of_the_clients() {
    let idp = Idp::start().await;
    let mut acme = idp.config();
    acme["client_id"] = json!([CLIENT_ID, "ios-app", "android-app"]);
    let gw = TestGateway::with(json!({ "auth": { "social": { "acme": acme } } })).await;
    let post = async || {
        let body = json!({ "provider": "acme", "idToken": { "token": idp.id_token(None) } });
        gw.anonymous().auth("/sign-in/social", &body).await
    };
    for (claims, status) in [
        (json!({}), 200),
        (json!({ "aud": "ios-app" }), 200),
        (json!({ "aud": ["android-app"] }), 200),
        // Google's SDKs ask as the app for the server.
        (json!({ "azp": "android-app" }), 200),
        (json!({ "azp": "an-app-that-is-not-listed" }), 200),
        (json!({ "aud": [CLIENT_ID, "ios-app"] }), 200),
        (json!({ "aud": [CLIENT_ID, "another"], "azp": "ios-app" }), 200),
        (json!({ "aud": [CLIENT_ID, "another"] }), 401),
        (json!({ "aud": [CLIENT_ID, "another"], "azp": "another" }), 401),
        (json!({ "aud": "another" }), 401),
        (json!({ "aud": "another", "azp": CLIENT_ID }), 401),
        (json!({ "aud": [] }), 401),
    ] {
        idp.claim(&json!({ "aud": CLIENT_ID, "azp": null }));
        idp.claim(&claims);
        assert_eq!(post().await.status(), status, "{claims}");
    }
    // A flow is the first client's alone, there and back.
    idp.claim(&json!({ "aud": null, "azp": null }));
    assert_eq!(location(&walk(&gw).await), "/in");
    for claims in [json!({ "aud": "ios-app" }), json!({ "aud": null, "azp": "ios-app" })] {
        idp.claim(&claims);
        assert_eq!(location(&walk(&gw).await), "/out?error=unable_to_get_user_info", "{claims}");
    }
}

#[tokio::test]
async fn an_apps_access_token_asks_for_what_its_id_token_lacks() {
    let idp = Idp::start().await;
    idp.discover(json!({ "userinfo_endpoint": format!("{}/userinfo", idp.issuer()) }));
    idp.claim(&json!({ "email_verified": null }));
    idp.edit("/userinfo", |body| body["email_verified"] = true.into());
    let gw = gateway_with(&idp).await;
    let token = json!({ "token": idp.id_token(None), "accessToken": "the-apps" });
    let response = gw.anonymous().auth("/sign-in/social", &json!({ "provider": "acme", "idToken": token })).await;
    assert_eq!(response.status(), 200);
    assert_eq!(signed_in(&gw, &response).session().await["user"]["emailVerified"], true);
    assert_eq!(idp.calls("/userinfo")[0].authorization.as_deref(), Some("Bearer the-apps"));
    idp.edit("/userinfo", |body| body["sub"] = "somebody-else".into());
    let response = gw.anonymous().auth("/sign-in/social", &json!({ "provider": "acme", "idToken": token })).await;
    expect_problem(response, 401, "FAILED_TO_GET_USER_INFO").await;
    assert_eq!(gw.db.count("select count(*) from auth.accounts where access_token is not null").await, 0);
}

/// A gateway that keeps the provider's tokens, and somebody who signed in there; the account's id.
async fn keeping(idp: &Idp) -> (TestGateway, Client, String) {
    let mut acme = idp.config();
    acme["store_tokens"] = true.into();
    let gw = TestGateway::with(json!({ "auth": { "social": { "acme": acme } } })).await;
    let response = walk(&gw).await;
    let ada = signed_in(&gw, &response);
    let own: Vec<Value> = ada.get(&format!("{AUTH}/list-accounts")).send().await.unwrap().json().await.unwrap();
    assert!(!format!("{own:?}").contains("access-"), "{own:?}");
    let id = own[0]["id"].as_str().unwrap().to_owned();
    (gw, ada, id)
}

#[tokio::test]
async fn kept_tokens_are_sealed_and_renewed_on_demand() {
    let idp = Idp::start().await;
    let (gw, ada, id) = keeping(&idp).await;
    let rows: Vec<Vec<u8>> = sqlx::query_scalar("select access_token || refresh_token || id_token from auth.accounts")
        .fetch_all(&mut gw.db.connect().await)
        .await
        .unwrap();
    assert!(!String::from_utf8_lossy(&rows.concat()).contains("access-0") && rows[0].len() > 100);

    let get = async |body: Value| ada.auth("/get-access-token", &body).await;
    let token: Value = get(json!({ "accountId": id })).await.json().await.unwrap();
    assert_eq!((&token["accessToken"], &token["scopes"]), (&json!("access-0"), &json!(["openid", "email", "profile"])));
    assert_date(&token["accessTokenExpiresAt"]);
    assert!(token["idToken"].is_string(), "{token}");
    assert_eq!(get(json!({ "providerId": "acme" })).await.status(), 200, "as older clients ask");

    gw.db.execute("update auth.accounts set access_token_expires_at = now() + interval '3 seconds'").await;
    let token: Value = get(json!({ "accountId": id })).await.json().await.unwrap();
    assert_eq!(token["accessToken"], "access-1", "renewed before it ends");

    let response = ada.auth("/refresh-token", &json!({ "accountId": id })).await;
    let token: Value = response.json().await.unwrap();
    assert_eq!((&token["accessToken"], &token["refreshToken"]), (&json!("access-2"), &json!("refresh-0")));
    assert_eq!((&token["providerId"], &token["accountId"]), (&json!("acme"), &json!(id)));
    assert_eq!((&token["scope"], &token["refreshTokenExpiresAt"]), (&json!("openid,email,profile"), &Value::Null));
    let token: Value = get(json!({ "accountId": id })).await.json().await.unwrap();
    assert_eq!(token["accessToken"], "access-2");

    idp.trouble("/token", Trouble::Status(500));
    let response = ada.auth("/refresh-token", &json!({ "accountId": id })).await;
    expect_problem(response, 503, "PROVIDER_UNAVAILABLE").await;
    for secret in ["access-0", "access-1", "refresh-0"] {
        assert!(!gw.process.output().contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn nobody_gets_anothers_tokens() {
    let idp = Idp::start().await;
    let (gw, _, id) = keeping(&idp).await;
    let bob = gw.insert_user("bob", &[]).await;
    for path in ["/get-access-token", "/refresh-token"] {
        expect_problem(bob.auth(path, &json!({ "accountId": id })).await, 400, "ACCOUNT_NOT_FOUND").await;
        expect_problem(gw.anonymous().auth(path, &json!({ "accountId": id })).await, 401, "UNAUTHORIZED").await;
        expect_problem(bob.auth(path, &json!({})).await, 400, "VALIDATION_ERROR").await;
    }
    let info = bob.get(&format!("{AUTH}/account-info?accountId={id}")).send().await.unwrap();
    expect_problem(info, 400, "ACCOUNT_NOT_FOUND").await;
    let dave = gw.signed_up_user("dave").await;
    let credential = json!({ "providerId": "credential" });
    expect_problem(dave.auth("/get-access-token", &credential).await, 400, "PROVIDER_NOT_SUPPORTED").await;
}

#[tokio::test]
async fn without_being_told_so_nothing_is_kept() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let response = walk(&gw).await;
    assert_eq!(location(&response), "/new");
    let ada = signed_in(&gw, &response);
    let which = json!({ "providerId": "acme" });
    expect_problem(ada.auth("/get-access-token", &which).await, 400, "FAILED_TO_GET_ACCESS_TOKEN").await;
    expect_problem(ada.auth("/refresh-token", &which).await, 400, "REFRESH_TOKEN_NOT_FOUND").await;
}

#[tokio::test]
async fn without_a_token_the_provider_is_quoted() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    idp.claim(&json!({ "name": "Ada", "picture": "https://pictures.example/ada.png" }));
    let ada = signed_in(&gw, &walk(&gw).await);
    let ask =
        async |client: &Client, query: &str| client.get(&format!("{AUTH}/account-info?{query}")).send().await.unwrap();
    let info: Value = ask(&ada, "providerId=acme").await.json().await.unwrap();
    assert_eq!(info["user"]["name"], "Ada");
    assert_eq!((&info["user"]["email"], &info["user"]["emailVerified"]), (&json!("ada@example.com"), &json!(true)));
    assert_eq!(info["user"]["image"], "https://pictures.example/ada.png");
    // The account is found by our id and by the provider's.
    for id in ["id", "accountId"] {
        let id = info["account"][id].as_str().unwrap();
        let again: Value = ask(&ada, &format!("accountId={id}")).await.json().await.unwrap();
        assert_eq!(again, info, "{id}");
        let bob = gw.insert_user(&format!("bob-{}", id.len()), &[]).await;
        expect_problem(ask(&bob, &format!("accountId={id}")).await, 400, "ACCOUNT_NOT_FOUND").await;
    }
    idp.claim(&json!({ "name": "Ada King" }));
    let ada = signed_in(&gw, &walk(&gw).await);
    let info: Value = ask(&ada, "providerId=acme").await.json().await.unwrap();
    assert_eq!(info["user"]["name"], "Ada King", "what it said last");
    gw.db.execute("update auth.accounts set profile = null").await;
    expect_problem(ask(&ada, "providerId=acme").await, 400, "ACCESS_TOKEN_NOT_FOUND").await;
}

#[tokio::test]
async fn the_provider_is_asked_who_one_is() {
    let idp = Idp::start().await;
    idp.discover(json!({ "userinfo_endpoint": format!("{}/userinfo", idp.issuer()) }));
    let (_gw, ada, id) = keeping(&idp).await;
    idp.claim(&json!({ "name": "Ada King", "locale": "en" }));
    let info = ada.get(&format!("{AUTH}/account-info?accountId={id}")).send().await.unwrap();
    let info: Value = info.json().await.unwrap();
    assert_eq!((&info["user"]["name"], &info["user"]["emailVerified"]), (&json!("Ada King"), &json!(true)));
    assert_eq!(info["data"]["locale"], "en");
    assert_eq!(info["account"], json!({ "id": id, "providerId": "acme", "accountId": "ada-1" }));
    idp.claim(&json!({ "sub": "somebody-else" }));
    let info = ada.get(&format!("{AUTH}/account-info?accountId={id}")).send().await.unwrap();
    expect_problem(info, 401, "FAILED_TO_GET_USER_INFO").await;
}

#[tokio::test]
async fn keys_of_a_flow_serve_a_token_of_another_kind_too() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let begun = begin_at(&gw.anonymous(), "/sign-in/social", "acme", json!({})).await;
    // A token for a flow is bound to it: brought by a client it has a nonce that nobody asked for.
    let token = idp.id_token(Some(&begun.query()["nonce"]));
    let body = json!({ "provider": "acme", "idToken": { "token": token } });
    expect_problem(gw.anonymous().auth("/sign-in/social", &body).await, 401, "INVALID_TOKEN").await;
    assert!(visit(&begun).await.contains("code="));
}
