//! Exactly one credential decides (SESS-01, -10, -11, KEY-05).

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use serde_json::{Value, json};

use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, set_cookies},
    hex,
};

#[tokio::test]
async fn a_bad_bearer_token_does_not_fall_back_to_the_cookie() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    let other = gw.insert_session(&alice.id).await;
    let unknown = "A".repeat(43);
    for authorization in [
        format!("Bearer {unknown}"),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "bearer nonsense".to_owned(),
        format!("Bearer {other}, Bearer {unknown}"),
        format!("Bearer {other} x"),
        format!("Bearer {other}\r\nAuthorization: Bearer {other}"),
        format!("Bearer {other}\r\nAuthorization: Basic Zm9v"),
    ] {
        let request = gw.get_bytes("/items", &format!("Authorization: {authorization}\r\n{cookie}"));
        let response = gw.raw().await.send(request).await.response().await.unwrap();
        assert_eq!((response.status, response.code().as_str()), (401, "UNAUTHORIZED"), "{authorization:?}");
        assert!(response.field("WWW-Authenticate").is_some_and(|v| v.starts_with("Bearer")), "{authorization:?}");
    }
    gw.assert_upstream_untouched("a bad bearer token beside a good cookie").await;
}

#[tokio::test]
async fn a_cookie_that_is_there_twice_with_different_values_is_none() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let (name, token) = (gw.cookie_name(), &alice.token);
    let other = gw.insert_session(&alice.id).await;
    for (cookie, expected) in [
        (format!("{name}={token}; {name}={token}"), 200),
        (format!("{name}={token}; {name}={other}"), 401),
        (format!("{name}=bad; {name}={token}"), 401),
        (format!("{name}={token}; {name}="), 401),
        (format!("{name}={token}\r\nCookie: {name}={other}"), 401),
        (format!("{name}=\"{token}\""), 401),
        (format!("{}={token}", name.to_uppercase()), 401),
        (format!("{name} ={token}"), 401),
        (format!("a=1;{name}={token};b=2"), 200),
    ] {
        let request = gw.get_bytes("/items", &format!("Cookie: {cookie}\r\n"));
        let response = gw.raw().await.send(request).await.response().await.unwrap();
        assert_eq!(response.status, expected, "{cookie}");
    }
}

#[tokio::test]
async fn tokens_count_nowhere_else() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let token = &alice.token;
    for target in [
        format!("/items?token={token}"),
        format!("/items?session_token={token}"),
        format!("/items?authgate_session={token}"),
        format!("/items?access_token={token}"),
    ] {
        assert_eq!(gw.anonymous().status(&target).await, 401);
    }
    for name in ["X-Session-Token", "X-Api-Key", "X-Auth-Token", "Proxy-Authorization", "Token"] {
        let response = gw.anonymous().get("/items").header(name, token).send().await.unwrap();
        assert_eq!(response.status(), 401, "{name}");
    }
}

#[tokio::test]
async fn nothing_in_the_database_opens_a_session() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    assert_eq!(alice.status("/items").await, 200);
    let mut connection = gw.db.connect().await;
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("select id, token_hash from auth.sessions").fetch_all(&mut connection).await.unwrap();
    assert_eq!(rows.len(), 1);
    for (id, hash) in rows {
        for value in [id, URL_SAFE_NO_PAD.encode(&hash), hex(&hash)] {
            assert_eq!(gw.anonymous().with_bearer(&value).status("/items").await, 401);
            let cookie = format!("{}={value}", gw.cookie_name());
            assert_eq!(gw.anonymous().with_cookie(cookie).status("/items").await, 401);
        }
    }
}

#[tokio::test]
async fn tokens_are_random_and_of_one_form() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let mut tokens = HashSet::new();
    for _ in 0..5 {
        let token = gw.sign_in(&email).await.token;
        assert_eq!(token.len(), 43);
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert!(tokens.insert(token));
    }
}

#[tokio::test]
async fn cookie_and_bearer_are_two_ways_to_one_session() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let (by_cookie, by_bearer) = (alice.session().await, alice.bearer().session().await);
    assert_eq!(by_cookie["session"]["id"], by_bearer["session"]["id"]);
    assert_eq!(by_bearer["user"]["email"], "alice@example.com");
    let response = alice.bearer().request(http::Method::POST, &format!("{AUTH}/sign-out")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(alice.status("/items").await, 401);
}

#[tokio::test]
async fn every_answer_that_sets_the_cookie_hands_the_token_to_bearer_clients_too() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD });
    for path in ["/sign-up/email", "/sign-in/email"] {
        let response = gw.anonymous().auth(path, &body).await;
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers().clone();
        let token = headers["set-auth-token"].to_str().unwrap();
        let exposed = headers["access-control-expose-headers"].to_str().unwrap().to_ascii_lowercase();
        assert!(exposed.split(',').any(|name| name.trim() == "set-auth-token"), "{path}: {exposed}");
        let cookie = format!("{}={token};", gw.cookie_name());
        assert!(set_cookies(&headers).iter().any(|set| set.starts_with(&cookie)), "{path}");
        assert_eq!(response.json::<Value>().await.unwrap()["token"], token, "{path}");
        assert_eq!(gw.anonymous().with_bearer(token).status("/items").await, 200, "{path}");
    }
}

#[tokio::test]
async fn the_bearer_scheme_is_read_in_any_case() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        for path in ["/items", "/api/auth/me", "/api/auth/list-sessions"] {
            let request = gw.anonymous().get(path).header("Authorization", format!("{scheme} {}", alice.token));
            assert_eq!(request.send().await.unwrap().status(), 200, "{scheme} {path}");
        }
    }
}

#[tokio::test]
async fn the_auth_api_takes_one_bearer_token_or_none() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let token = &alice.token;
    for value in [format!("Bearer {token}, Bearer {token}"), format!("Bearer {token} {token}"), "Bearer".to_owned()] {
        for path in ["/api/auth/me", "/api/auth/list-sessions"] {
            // A good cookie beside it changes nothing.
            let response = alice.get(path).header("Authorization", &value).send().await.unwrap();
            assert_eq!(response.status(), 401, "{value} {path}");
            let challenge = response.headers()["www-authenticate"].to_str().unwrap();
            assert!(challenge.starts_with("Bearer"), "{value} {path}: {challenge}");
        }
    }
}

#[tokio::test]
async fn bearer_clients_see_and_end_their_sessions_too() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let by_bearer = alice.bearer();
    let other = gw.anonymous().with_bearer(&gw.insert_session(&alice.id).await);
    let sessions: Vec<Value> =
        by_bearer.get(&format!("{AUTH}/list-sessions")).send().await.unwrap().json().await.unwrap();
    let handle = sessions.iter().find(|session| session["current"] == false).unwrap()["token"].clone();
    // As a program sends it: with neither Origin nor cookie.
    let request = by_bearer.request(http::Method::POST, &format!("{AUTH}/revoke-session"));
    assert_eq!(request.json(&json!({ "token": handle })).send().await.unwrap().status(), 200);
    assert_eq!((other.status("/items").await, by_bearer.status("/items").await), (401, 200));
    let request = by_bearer.request(http::Method::POST, &format!("{AUTH}/revoke-sessions"));
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!((by_bearer.status("/items").await, alice.status("/items").await), (401, 401));
}

/// Bytes as they are in a `Cookie` field.
async fn get_with_cookies(gw: &TestGateway, method: &str, path: &str, cookies: &[u8]) -> (u16, Vec<u8>) {
    let mut raw = gw.raw().await;
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\nContent-Length: 0\r\n", gw.host(), gw.origin());
    raw.send([head.as_bytes(), b"Cookie: ", cookies, b"\r\nConnection: close\r\n\r\n"].concat()).await;
    let response = raw.response().await.unwrap();
    (response.status, response.body)
}

#[tokio::test]
async fn a_foreign_cookie_of_any_bytes_changes_nothing() {
    let gw = TestGateway::with(json!({ "server": { "trusted_proxies": ["127.0.0.1"] } })).await;
    let foreign = [&b"city=Malm\xf6"[..], b"ci\xf6ty=x", b"place=\xb9\xe3\xd6\xdd", b"\xff\xfe", b"x=\xe2\x28"];
    for (index, foreign) in foreign.into_iter().enumerate() {
        let alice = gw.insert_user(&format!("alice{index}"), &[]).await;
        let own = format!("{}={}", gw.cookie_name(), alice.token).into_bytes();
        for cookies in [[&own, &b"; "[..], foreign].concat(), [foreign, b"; ", &own].concat()] {
            assert_eq!(get_with_cookies(&gw, "GET", "/items", &cookies).await.0, 200, "{foreign:?}");
            let (status, session) = get_with_cookies(&gw, "GET", &format!("{AUTH}/get-session"), &cookies).await;
            assert!(status == 200 && String::from_utf8(session).unwrap().contains("\"session\""), "{foreign:?}");
            let asked = format!("{AUTH}/forward-auth/items");
            assert_eq!(get_with_cookies(&gw, "GET", &asked, &cookies).await.0, 200, "forward auth: {foreign:?}");
        }
        let as_sent: String = foreign.iter().copied().map(char::from).collect();
        assert_eq!(gw.upstream.last().field("cookie"), Some(as_sent.as_str()), "the app gets its own as it was");
        let cookies = [foreign, b"; ", &own].concat();
        assert_eq!(get_with_cookies(&gw, "POST", &format!("{AUTH}/sign-out"), &cookies).await.0, 200);
        assert_eq!(alice.status("/items").await, 401, "signed out: {foreign:?}");
    }
}

#[tokio::test]
async fn signing_out_ends_every_session_that_is_presented() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let (second, third, kept) =
        (gw.insert_session(&alice.id).await, gw.insert_session(&alice.id).await, gw.insert_session(&alice.id).await);
    let name = gw.cookie_name();
    let cookies = format!("{name}={}; x=1; {name}=nonsense; {name}={second}; {name}={third}", alice.token);
    assert_eq!(get_with_cookies(&gw, "GET", "/items", cookies.as_bytes()).await.0, 401, "no two decide");
    assert_eq!(get_with_cookies(&gw, "POST", &format!("{AUTH}/sign-out"), cookies.as_bytes()).await.0, 200);
    for token in [&alice.token, &second, &third] {
        assert_eq!(gw.anonymous().with_bearer(token).status("/items").await, 401);
    }
    assert_eq!(gw.anonymous().with_bearer(&kept).status("/items").await, 200);
    let signed_out = gw.db.count("select count(*) from auth.audit_events where event = 'sign_out'").await;
    assert_eq!(signed_out, 3);
}
