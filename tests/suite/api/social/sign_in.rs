//! The whole way, for new and for known people, and where it leads.

use serde_json::{Value, json};

use super::{Begun, arrive, begin, begin_at, cookie_of, gateway_with, location, signed_in, visit, walk};
use crate::harness::{
    TestGateway,
    client::{AUTH, assert_user, expect_problem, set_cookies},
    idp::{Idp, Trouble},
};

#[tokio::test]
async fn somebody_new_gets_an_account_and_is_known_the_next_time() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let first = walk(&gw).await;
    assert_eq!(location(&first), "/new");
    let ada = signed_in(&gw, &first);
    let session = ada.session().await;
    assert_user(&session["user"], "ada@example.com", "Ada Lovelace");
    assert_eq!(session["user"]["emailVerified"], true);
    let id = session["user"]["id"].clone();

    assert_eq!(ada.status("/items").await, 200);

    // Whatever the provider says by now: the subject counts.
    idp.claim(&json!({ "email": "new@example.com", "email_verified": false, "name": "Other" }));
    let second = walk(&gw).await;
    assert_eq!(location(&second), "/in");
    let user = signed_in(&gw, &second).session().await["user"].clone();
    assert_eq!((&user["id"], &user["email"]), (&id, &json!("ada@example.com")));
    for (sql, count) in [
        ("select count(*) from auth.users", 1),
        ("select count(*) from auth.accounts where provider_id = 'acme' and account_id = 'ada-1'", 1),
        ("select count(*) from auth.accounts where access_token is not null or id_token is not null", 0),
        ("select count(*) from auth.verifications", 0),
        ("select count(*) from auth.sessions where auth_method = 'acme'", 2),
        (
            "select count(*) from auth.audit_events where event = 'sign_in' and outcome = 'success' \
             and detail->>'provider' = 'acme'",
            2,
        ),
    ] {
        assert_eq!(gw.db.count(sql).await, count, "{sql}");
    }
}

#[tokio::test]
async fn paths_are_meant_within_the_trusted_origin_that_asks() {
    let idp = Idp::start().await;
    let social = json!({ "social": { "acme": idp.config() }, "trusted_origins": ["https://www.example.com"] });
    let gw = TestGateway::with(json!({ "auth": social })).await;
    for (cookie_fits, expected) in [
        (false, "https://www.example.com/out?error=state_mismatch"),
        (true, "https://www.example.com/new"),
        (true, "https://www.example.com/in"),
    ] {
        let body = json!({
            "provider": "acme", "callbackURL": "/in", "errorCallbackURL": "/out", "newUserCallbackURL": "/new"
        });
        let request = gw.anonymous().request(http::Method::POST, &format!("{AUTH}/sign-in/social"));
        let response = request.header("Origin", "https://www.example.com").json(&body).send().await.unwrap();
        let cookie = if cookie_fits { cookie_of(&response, "authgate_oauth").unwrap() } else { "x=y".to_owned() };
        let url = response.json::<Value>().await.unwrap()["url"].as_str().unwrap().parse().unwrap();
        let begun = Begun { url, cookie };
        let path = visit(&begun).await;
        assert_eq!(location(&arrive(&gw, &path, &begun.cookie).await), expected);
    }
}

#[tokio::test]
async fn the_session_that_a_browser_had_ends() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let bob = gw.insert_user("bob", &[]).await;
    let begun = begin(&gw, json!({})).await;
    let path = visit(&begun).await;
    let both = format!("{}; {}={}", begun.cookie, gw.cookie_name(), bob.token);
    let response = arrive(&gw, &path, &both).await;
    assert_eq!(location(&response), "/", "without a target");
    assert_eq!(bob.session().await, Value::Null);
}

#[tokio::test]
async fn the_way_there_says_only_what_is_configured() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let response = gw
        .anonymous()
        .post(&format!("{AUTH}/sign-in/social"))
        .header("X-Forwarded-Host", "evil.example")
        .json(&json!({ "provider": "acme", "callbackURL": "/in", "disableRedirect": true, "scopes": ["calendar"] }))
        .send()
        .await
        .unwrap();
    assert!(response.headers().get("location").is_none());
    let [cookie] = &set_cookies(response.headers())[..] else { panic!("one cookie") };
    assert!(cookie.starts_with("authgate_oauth=") && cookie.ends_with("; Max-Age=600; Path=/; HttpOnly; SameSite=Lax"));
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["redirect"], false);
    let url: url::Url = answer["url"].as_str().unwrap().parse().unwrap();
    let query: std::collections::HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(query["redirect_uri"], format!("{}{AUTH}/callback/acme", gw.origin()));
    assert_eq!(query["scope"], "openid email profile calendar");
    assert_eq!((query["code_challenge_method"].as_str(), query["nonce"].len()), ("S256", 43));
}

#[tokio::test]
async fn paths_lead_to_the_frontend_that_asked() {
    let idp = Idp::start().await;
    let frontend = "https://www.example.com";
    let auth = json!({ "social": { "acme": idp.config() }, "trusted_origins": [frontend] });
    let gw = TestGateway::with(json!({ "auth": auth })).await;
    let own = gw.origin().to_owned();
    let start_flow = async |origin: &str| {
        let request = gw.anonymous().request(http::Method::POST, &format!("{AUTH}/sign-in/social"));
        let body = json!({ "provider": "acme", "callbackURL": "/in", "errorCallbackURL": "/out" });
        let response = request.header("Origin", origin).json(&body).send().await.unwrap();
        let cookie = cookie_of(&response, "authgate_oauth").unwrap();
        let answer: Value = response.json().await.unwrap();
        Begun { url: answer["url"].as_str().unwrap().parse().unwrap(), cookie }
    };
    for (origin, leads_to) in [(frontend, frontend), (own.as_str(), "")] {
        let begun = start_flow(origin).await;
        let stranger = arrive(&gw, &visit(&begun).await, "authgate_oauth=x").await;
        assert_eq!(location(&stranger), format!("{leads_to}/out?error=state_mismatch"));
        let begun = start_flow(origin).await;
        let arrived = arrive(&gw, &visit(&begun).await, &begun.cookie).await;
        assert_eq!(location(&arrived), format!("{leads_to}/in"));
    }
}

#[tokio::test]
async fn targets_are_trusted_ones() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for (field, code) in [
        ("callbackURL", "INVALID_CALLBACK_URL"),
        ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
        ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
    ] {
        for target in ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"] {
            let body = json!({ "provider": "acme", field: target });
            expect_problem(gw.anonymous().auth("/sign-in/social", &body).await, 403, code).await;
        }
        let body = json!({ "provider": "acme", field: 7 });
        expect_problem(gw.anonymous().auth("/sign-in/social", &body).await, 400, "VALIDATION_ERROR").await;
    }
    let unknown = json!({ "provider": "google" });
    expect_problem(gw.anonymous().auth("/sign-in/social", &unknown).await, 404, "PROVIDER_NOT_FOUND").await;
    assert_eq!(gw.db.count("select count(*) from auth.verifications").await, 0);
}

#[tokio::test]
async fn a_profile_may_be_kept_out_of_the_token() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    idp.discover(json!({ "userinfo_endpoint": format!("{}/userinfo", idp.issuer()) }));
    // The userinfo answers with the same claims; this one is not in the token.
    idp.claim(&json!({ "email": null }));
    let response = walk(&gw).await;
    assert_eq!(location(&response), "/out?error=email_not_found");
    assert_eq!(idp.calls("/userinfo")[0].authorization.as_deref(), Some("Bearer access-0"));
    idp.trouble("/userinfo", Trouble::Status(500));
    assert_eq!(location(&walk(&gw).await), "/out?error=temporarily_unavailable");
}

#[tokio::test]
async fn two_tabs_do_not_end_each_other() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let first = begin(&gw, json!({})).await;
    let browser = gw.anonymous().with_cookie(first.cookie.clone());
    let second = begin_at(&browser, "/sign-in/social", "acme", json!({})).await;
    assert_eq!(first.cookie, second.cookie);
    for begun in [second, first] {
        let response = arrive(&gw, &visit(&begun).await, &begun.cookie).await;
        assert!(cookie_of(&response, gw.cookie_name()).is_some());
    }
}

#[tokio::test]
async fn the_banned_stay_out() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    assert_eq!(location(&walk(&gw).await), "/new");
    gw.db.execute("update auth.users set banned_at = now()").await;
    let response = walk(&gw).await;
    assert_eq!(location(&response), "/out?error=BANNED_USER");
    assert!(cookie_of(&response, gw.cookie_name()).is_none());
}

#[tokio::test]
async fn on_https_the_cookie_is_for_the_one_host() {
    let idp = Idp::start().await;
    let changes = json!({
        "server": { "public_url": "https://app.example.com" },
        "auth": { "social": { "acme": idp.config() } },
    });
    let gw = TestGateway::with(changes).await;
    let response = gw.anonymous().auth("/sign-in/social", &json!({ "provider": "acme" })).await;
    let [cookie] = &set_cookies(response.headers())[..] else { panic!("one cookie") };
    assert!(cookie.starts_with("__Host-authgate_oauth="), "{cookie}");
    assert!(cookie.ends_with("; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax"), "{cookie}");
}
