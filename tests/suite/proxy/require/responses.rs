//! How a request is told that its session has to prove more: to pages, to browsers, to proxies in front, to operators.

use http::Method;
use serde_json::{Value, json};

use super::{AGE, FRONTEND, REAUTHENTICATE, SETUP, TWO_FACTOR, config, missing, read};
use crate::harness::{
    Client, TestGateway,
    client::{AUTH, expect_problem},
};

#[tokio::test]
async fn a_page_of_a_trusted_origin_can_read_it() {
    let gw = TestGateway::with(config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(AGE).await;
    for (path, expected) in [("/money", SETUP), ("/keys", REAUTHENTICATE)] {
        for method in [Method::GET, Method::POST] {
            let request = alice.request(method, path).header("Origin", FRONTEND).header("Accept", "application/json");
            let response = request.send().await.unwrap();
            assert_eq!(response.headers()["access-control-allow-origin"], FRONTEND, "{path}");
            assert_eq!(response.headers()["access-control-allow-credentials"], "true", "{path}");
            assert_eq!(response.headers()["cache-control"], "no-store", "{path}");
            assert_eq!(read(response).await.as_deref(), expected, "{path}");
        }
        let foreign = alice.get(path).header("Origin", "https://evil.example").send().await.unwrap();
        assert!(!foreign.headers().contains_key("access-control-allow-origin"), "{path}");
    }
    gw.assert_upstream_untouched("a session that has to prove more").await;
}

#[tokio::test]
async fn a_browser_is_sent_to_the_page_that_asks_for_it() {
    let mut changes = config();
    let quiet = json!({
        "name": "quiet", "match": { "path": "/quiet/**" }, "upstream": "api", "access": "required",
        "require": { "two_factor": true }, "on_unauthenticated": "reject",
    });
    changes["routes"].as_array_mut().unwrap().insert(0, quiet);
    let gw = TestGateway::with(changes).await;
    let alice = gw.insert_user("alice", &[]).await;
    let open = |path: &str| alice.get(path).header("Accept", "text/html,*/*").send();
    let location = async |path: &str| {
        let response = open(path).await.unwrap();
        assert_eq!(response.status(), 302, "{path}");
        response.headers()["location"].to_str().unwrap().to_owned()
    };
    let page = "/public/sign-in?callbackURL=";
    assert_eq!(location("/money?a=b").await, format!("{page}%2Fmoney%3Fa%3Db&step_up=two_factor_setup"));
    gw.db.execute("update auth.users set two_factor_enabled = true").await;
    assert_eq!(location("/money").await, format!("{page}%2Fmoney&step_up=two_factor"));
    gw.db.execute(AGE).await;
    assert_eq!(location("/keys/").await, format!("{page}%2Fkeys%2F&step_up=reauthenticate"));
    // Nothing more is asked of people who are not signed in.
    let anonymous = gw.anonymous().get("/keys").header("Accept", "text/html").send().await.unwrap();
    assert_eq!(anonymous.headers()["location"], "/public/sign-in?callbackURL=%2Fkeys");
    assert_eq!(read(open("/quiet").await.unwrap()).await.as_deref(), TWO_FACTOR, "on_unauthenticated: reject");
    let fetched = alice.get("/keys").header("Accept", "text/html").header("Sec-Fetch-Mode", "cors");
    assert_eq!(read(fetched.send().await.unwrap()).await.as_deref(), REAUTHENTICATE, "a script's request");
}

#[tokio::test]
async fn a_proxy_in_front_gets_the_same_decision() {
    let mut changes = config();
    changes["server"] = json!({ "trusted_proxies": ["127.0.0.1"] });
    let gw = TestGateway::with(changes).await;
    let alice = gw.insert_user("alice", &[]).await;
    let ask = |client: &Client, query: &str, target: &str, accept: &str| {
        let request = client.get(&format!("{AUTH}/forward-auth{query}"));
        let fields = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", target), ("X-Forwarded-Host", gw.host())];
        fields
            .into_iter()
            .fold(request.header("Accept", accept), |request, (name, value)| request.header(name, value))
            .send()
    };
    let step_up = async |client: &Client, query, target| read(ask(client, query, target, "*/*").await.unwrap()).await;
    for query in ["", "?for=nginx"] {
        assert_eq!(step_up(&alice, query, "/money").await.as_deref(), SETUP, "{query}");
    }
    let location = "/public/sign-in?callbackURL=%2Fmoney&step_up=two_factor_setup";
    for (query, status) in [("", 302), ("?for=nginx", 403)] {
        let response = ask(&alice, query, "/money", "text/html").await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["location"]), (status, &location.parse().unwrap()));
        assert!(!response.headers().contains_key("x-user-id") && !response.headers().contains_key("www-authenticate"));
    }
    gw.db.execute("update auth.sessions set second_factor = 'totp'").await;
    let response = ask(&alice, "", "/both", "*/*").await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["x-auth-method"]),
        (200, &"password,totp".parse().unwrap())
    );
    gw.db.execute(AGE).await;
    assert_eq!(step_up(&alice, "", "/both").await.as_deref(), REAUTHENTICATE);
}

#[tokio::test]
async fn a_json_web_token_is_as_good_as_its_session() {
    let gw = TestGateway::with(config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let answer: Value = alice.get(&format!("{AUTH}/token")).send().await.unwrap().json().await.unwrap();
    let by_jwt = gw.anonymous().with_bearer(answer["token"].as_str().unwrap());
    assert_eq!(missing(&by_jwt, "/keys").await, None);
    assert_eq!(missing(&by_jwt, "/money").await.as_deref(), SETUP);
    gw.db.execute("update auth.sessions set second_factor = 'totp'").await;
    assert_eq!(missing(&by_jwt, "/money").await, None, "the database says so, whatever the token says");
    gw.db.execute(AGE).await;
    assert_eq!(missing(&by_jwt, "/keys").await.as_deref(), REAUTHENTICATE);
    // It cannot renew what its session proved.
    expect_problem(by_jwt.auth("/verify-password", &json!({ "password": "x" })).await, 401, "UNAUTHORIZED").await;
}

#[tokio::test]
async fn refusals_are_counted_and_audited_by_their_reason() {
    let gw = TestGateway::with(config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(AGE).await;
    for (path, reason, recorded) in [
        (
            "/money",
            "two_factor_required",
            "select count(*) from auth.audit_events where event = 'access_denied' and outcome = 'second_factor_required'",
        ),
        (
            "/keys",
            "reauthentication_required",
            "select count(*) from auth.audit_events where event = 'access_denied' and outcome = 'reauthentication_required'",
        ),
    ] {
        let metric = format!("authgate_access_denied_total{{reason=\"{reason}\"}}");
        assert_eq!(gw.metric(&metric).await.to_string(), "0", "{path}");
        assert!(missing(&alice, path).await.is_some());
        assert_eq!(gw.metric(&metric).await.to_string(), "1", "{path}");
        let line = gw.logged("the refusal", |line| line["path"] == path).await;
        assert_eq!((&line["status"], &line["user.id"]), (&json!(403), &json!(alice.id)), "{line}");
        assert_eq!(line["error"], reason.to_uppercase(), "{line}");
        gw.eventually_counts(1, recorded).await;
    }
    assert_eq!(gw.anonymous().status("/keys").await, 401);
    assert_eq!(gw.metric("authgate_access_denied_total{reason=\"unauthenticated\"}").await.to_string(), "1");
}
