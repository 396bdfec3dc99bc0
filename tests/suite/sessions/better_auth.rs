//! Sessions that came here from the library better-auth: its cookie is exchanged for ours, and its tokens are bearer
//! tokens in both their forms (SESS-19).

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Response;
use ring::hmac;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::{
    PASSWORD, Reply, TestGateway,
    client::{AUTH, set_cookies},
    eventually,
    gateway::SECRET,
    merge,
};

const OLD: &str = "better-auth.session_token";

fn configured() -> Value {
    json!({
        "server": { "trusted_proxies": ["127.0.0.1"] },
        "auth": { "better_auth": { "secret": { "env": "AUTHGATE_SECRET" } }, "sign_in_page": "/public/sign-in" },
    })
}

/// Signs as better-auth does.
fn signed_with(secret: &str, value: &str) -> String {
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), value.as_bytes());
    format!("{value}.{}", STANDARD.encode(signature))
}

/// Returns a value as it stands in a cookie of better-auth's.
fn signed(value: &str) -> String {
    signed_with(SECRET, value).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

/// Puts a session there as an import does; returns its token.
async fn import(gw: &TestGateway, user_id: &str) -> String {
    let token = Uuid::new_v4().simple().to_string();
    sqlx::query(
        "insert into auth.sessions (id, token_hash, user_id, auth_method, created_at, updated_at, last_seen_at,
             expires_at, absolute_expires_at)
         select $1, $2, $3, 'password', at, at, at, at + interval '7 days', at + interval '30 days'
         from date_trunc('milliseconds', now()) at",
    )
    .bind(format!("session-{}", Uuid::now_v7()))
    .bind(Sha256::digest(token.as_bytes()).as_slice())
    .bind(user_id)
    .execute(&mut gw.db.connect().await)
    .await
    .expect("a session can be inserted");
    token
}

/// Returns the values of the session cookie that a response sets, and the names of those that it takes, in order.
fn exchanged(gw: &TestGateway, response: &Response) -> (Vec<String>, Vec<String>) {
    let ours = format!("{}=", gw.cookie_name());
    let (own, others): (Vec<String>, Vec<String>) =
        set_cookies(response.headers()).into_iter().partition(|cookie| cookie.starts_with(&ours));
    // Sign-ins and forms have cookies of their own.
    let is_further = |cookie: &&String| cookie.starts_with("authgate_device=") || cookie.starts_with("authgate_form=");
    let others = others.iter().filter(|cookie| !is_further(cookie));
    let cleared = others.map(|cookie| {
        let (name, rest) = cookie.split_once('=').unwrap();
        let secure = if name.starts_with("__Secure-") { " Secure;" } else { "" };
        assert_eq!(rest, format!("; Max-Age=0; Path=/; HttpOnly;{secure} SameSite=Lax"), "{cookie}");
        name.to_owned()
    });
    let cleared = cleared.collect();
    (own.iter().map(|cookie| cookie[ours.len()..].to_owned()).collect(), cleared)
}

/// Asserts that a response hands over our cookie with this token for seven days, and is for nobody else's cache.
fn assert_exchanged(gw: &TestGateway, response: &Response, token: &str, cleared: &[&str], what: &str) {
    let (own, names) = exchanged(gw, response);
    let [own] = own.as_slice() else { panic!("{what}: {own:?}") };
    let lifetime = own
        .strip_prefix(&format!("{token}; Max-Age="))
        .and_then(|rest| rest.strip_suffix("; Path=/; HttpOnly; SameSite=Lax"))
        .unwrap_or_else(|| panic!("{what}: {own}"));
    let lifetime: u32 = lifetime.parse().unwrap();
    assert!((604_740..=604_800).contains(&lifetime), "{what}: {own}");
    assert_eq!(names, cleared, "{what}");
    let caching = response.headers()["cache-control"].to_str().unwrap();
    assert!(caching.starts_with("private") || caching == "no-store", "{what}: {caching}");
}

#[tokio::test]
async fn the_old_cookie_is_exchanged_by_whatever_answers_first() {
    let mut config = configured();
    merge(&mut config, &json!({ "pages": { "enabled": true }, "auth": { "sign_in_page": null } }));
    let gw = TestGateway::with(config).await;
    let alice = gw.insert_user("alice", &[]).await;
    let forward_auth = format!("{AUTH}/forward-auth/items");
    for (path, prefix) in [
        ("/items", ""),
        ("/items", "__Secure-"),
        ("/optional/x", ""),
        (&format!("{AUTH}/get-session"), ""),
        (&format!("{AUTH}/me"), "__Secure-"),
        (&forward_auth, ""),
        ("/account/settings", ""),
        // Somebody who may not is signed in all the same.
        ("/admin/x", ""),
    ] {
        let token = import(&gw, &alice.id).await;
        let old = [format!("{prefix}{OLD}"), format!("{prefix}better-auth.session_data")];
        let kept = "better-auth.last_used_login_method=email";
        let cookie = format!("theme=dark; {}={}; {}=x.y; {kept}", old[0], signed(&token), old[1]);
        let request = gw.anonymous().with_cookie(cookie).get(path).header("Accept", "text/html");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), if path == "/admin/x" { 403 } else { 200 }, "{path}");
        assert_exchanged(&gw, &response, &token, &[&old[0], &old[1]], path);
        if path == forward_auth {
            assert_eq!(response.headers()["x-user-id"], alice.id.as_str());
        } else if path == "/items" || path == "/optional/x" {
            let seen = gw.upstream.last();
            assert_eq!(seen.field("Cookie"), Some(format!("theme=dark; {kept}").as_str()), "{path}");
            assert_eq!(seen.field("X-User-Id"), Some(alice.id.as_str()), "{path}");
        }
        let browser = gw.anonymous().with_cookie(format!("theme=dark; {}={token}; {kept}", gw.cookie_name()));
        let next = browser.get("/items").send().await.unwrap();
        assert_eq!((next.status().as_u16(), exchanged(&gw, &next)), (200, (vec![], vec![])), "{path}: ours alone");
        assert_eq!(browser.session().await["session"]["token"], token.as_str(), "{path}");
    }
    let count = |outcome| format!("authgate_better_auth_cookies_total{{outcome=\"{outcome}\"}}");
    assert_eq!(gw.metric(&count("exchanged")).await.to_string(), "8");
    assert_eq!(gw.metric(&count("cleared")).await.to_string(), "0");
}

#[tokio::test]
async fn a_socket_opens_with_the_old_cookie_and_ends_with_its_session() {
    let gw = TestGateway::with(configured()).await;
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let token = import(&gw, &alice.id).await;
    let cookie = format!("{OLD}={}", signed(&token));
    let handshake = gw.get_bytes(
        "/ws/echo",
        &format!(
            "Origin: {}\r\nCookie: {cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            gw.origin()
        ),
    );
    let response = gw.raw().await.send(handshake).await.head_response().await.unwrap();
    assert_eq!(response.status, 101);
    let ours = format!("{}={token}; Max-Age=", gw.cookie_name());
    assert!(response.field("Set-Cookie").is_some_and(|set| set.starts_with(&ours)), "{:?}", response.fields);
    assert_eq!(gw.upstream.last().field("Cookie"), None);

    let fields = [("Cookie", cookie.as_str()), ("Origin", gw.origin())];
    let mut socket = gw.websocket("/ws/echo", &fields).await.unwrap();
    assert_eq!(socket.text().await, Some(alice.id.clone()));
    // Signing out with the old cookie ends the session for every cookie, and takes both.
    let signed_out = gw.anonymous().with_cookie(&cookie).auth("/sign-out", &json!({})).await;
    let cleared = vec!["; Max-Age=0; Path=/; HttpOnly; SameSite=Lax".to_owned()];
    assert_eq!((signed_out.status().as_u16(), exchanged(&gw, &signed_out)), (200, (cleared, vec![OLD.to_owned()])));
    assert_eq!(socket.closed().await, Some(4401));
    for cookie in [cookie, format!("{}={token}", gw.cookie_name())] {
        assert_eq!(gw.anonymous().with_cookie(cookie).status("/items").await, 401);
    }
    assert_eq!(alice.status("/items").await, 200);
}

#[tokio::test]
async fn a_token_of_better_auth_is_a_bearer_token_in_both_its_forms() {
    let gw = TestGateway::with(configured()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let token = import(&gw, &alice.id).await;
    for bearer in [token.clone(), signed_with(SECRET, &token), signed(&token)] {
        let client = gw.anonymous().with_bearer(&bearer);
        let response = client.get("/items").send().await.unwrap();
        assert_eq!((response.status().as_u16(), exchanged(&gw, &response)), (200, (vec![], vec![])), "{bearer}");
        let seen = gw.upstream.last();
        assert_eq!((seen.field("X-User-Id"), seen.field("Authorization")), (Some(alice.id.as_str()), None), "{bearer}");
        assert_eq!(client.session().await["session"]["token"], token.as_str(), "{bearer}");
        let sessions: Value = client.get(&format!("{AUTH}/list-sessions")).send().await.unwrap().json().await.unwrap();
        let current = sessions.as_array().unwrap().iter().filter(|session| session["current"] == true).count();
        assert_eq!((sessions.as_array().unwrap().len(), current), (2, 1), "{bearer}: {sessions}");
        let verified = gw.anonymous().auth("/verify-token", &json!({ "token": bearer })).await;
        assert_eq!(verified.json::<Value>().await.unwrap()["user"]["id"], alice.id.as_str(), "{bearer}");
        assert_eq!(gw.anonymous().with_bearer(&bearer).status("/public/x").await, 200);
        assert_eq!(gw.upstream.last().field("Authorization"), None, "apps never get what opens a session");
    }
    for bad in [format!("{}x", signed(&token)), signed_with("another", &token), format!("{token}x")] {
        let client = gw.anonymous().with_bearer(&bad);
        assert_eq!((client.status("/items").await, client.session().await), (401, Value::Null), "{bad}");
    }
    // Whoever is signed in ends it by the token that they know.
    let revoked = alice.auth("/revoke-session", &json!({ "token": token })).await;
    assert_eq!((revoked.status().as_u16(), gw.anonymous().with_bearer(&token).status("/items").await), (200, 401));
}

#[tokio::test]
async fn what_better_auth_did_not_sign_is_no_cookie_and_ours_comes_first() {
    let gw = TestGateway::with(configured()).await;
    let (alice, bob) = (gw.insert_user("alice", &[]).await, gw.insert_user("bob", &[]).await);
    let (token, other) = (import(&gw, &alice.id).await, import(&gw, &alice.id).await);
    let good = signed(&token);
    for value in [
        token.clone(),
        format!("{good}x"),
        good.replacen(&token[..1], "-", 1),
        signed_with("another secret of thirty-two bytes!", &token),
        signed("true"),
        format!("{good}; {OLD}={}", signed(&other)),
        format!("{good}; __Secure-{OLD}={}", signed(&other)),
    ] {
        let client = gw.anonymous().with_cookie(format!("{OLD}={value}"));
        for path in ["/items", &format!("{AUTH}/get-session")] {
            let response = client.get(path).send().await.unwrap();
            // As better-auth did, nothing is cleared from a browser for a signature alone.
            assert_eq!(exchanged(&gw, &response), (vec![], vec![]), "{path} {value}");
            let is_signed_out = response.status() == 401 || response.text().await.unwrap() == "null";
            assert!(is_signed_out, "{path} {value}");
        }
        assert_eq!(client.status("/public/x").await, 200);
        assert_eq!(gw.upstream.last().field("Cookie"), None, "{value}");
    }
    let both = gw.anonymous().with_cookie(format!("{OLD}={good}; {}={}", gw.cookie_name(), bob.token));
    let response = both.get("/items").send().await.unwrap();
    assert_eq!((response.status().as_u16(), exchanged(&gw, &response)), (200, (vec![], vec![])));
    assert_eq!(gw.upstream.last().field("X-User-Id"), Some(bob.id.as_str()));
    // A sign-out means both, so that nobody is somebody else afterwards.
    let response = both.auth("/sign-out", &json!({})).await;
    assert_eq!(exchanged(&gw, &response).1, [OLD]);
    assert_eq!(gw.anonymous().with_cookie(format!("{OLD}={good}")).status("/items").await, 401);
    assert_eq!(gw.anonymous().with_bearer(&other).status("/items").await, 200);
}

#[tokio::test]
async fn an_old_cookie_that_opens_nothing_is_taken() {
    let gw = TestGateway::with(configured()).await;
    for (name, sql) in [
        ("expired", "update auth.sessions set expires_at = now() - interval '1 millisecond'"),
        ("banned", "update auth.users set banned_at = now()"),
        ("gone", "delete from auth.sessions"),
    ] {
        let user = gw.insert_user(name, &[]).await;
        let token = import(&gw, &user.id).await;
        let remember = format!("better-auth.dont_remember={}", signed("true"));
        let client = gw.anonymous().with_cookie(format!("{OLD}={}; {remember}; x=1", signed(&token)));
        assert_eq!(client.status("/items").await, 200, "{name}");
        gw.db.execute(sql).await;
        let cleared = vec![OLD.to_owned(), "better-auth.dont_remember".to_owned()];
        let (page, api) = ("text/html", "application/json");
        for (path, accept, status) in [("/items", api, 401), ("/items", page, 302), ("/optional/x", api, 200)] {
            let response = client.get(path).header("Accept", accept).send().await.unwrap();
            assert_eq!(response.status(), status, "{name} {path} {accept}");
            assert_eq!(exchanged(&gw, &response), (vec![], cleared.clone()), "{name} {path} {accept}");
        }
        assert_eq!(gw.upstream.last().field("Cookie"), Some("x=1"), "{name}");
        assert_eq!(gw.upstream.last().field("X-User-Id"), None, "{name}");
        let response = client.get(&format!("{AUTH}/get-session")).send().await.unwrap();
        assert_eq!(exchanged(&gw, &response).1, cleared, "{name}");
        assert_eq!(response.text().await.unwrap(), "null", "{name}");
    }
}

#[tokio::test]
async fn what_the_browser_was_to_forget_it_forgets() {
    let gw = TestGateway::with(configured()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let (first, second) = (import(&gw, &alice.id).await, import(&gw, &alice.id).await);
    let forgotten = |token: &str| vec![format!("{token}; Path=/; HttpOnly; SameSite=Lax")];
    for path in ["/items", &format!("{AUTH}/get-session")] {
        let cookie = format!("{OLD}={}; better-auth.dont_remember={}", signed(&first), signed("true"));
        let response = gw.anonymous().with_cookie(cookie).get(path).send().await.unwrap();
        let cleared = vec![OLD.to_owned(), "better-auth.dont_remember".to_owned()];
        assert_eq!(exchanged(&gw, &response), (forgotten(&first), cleared), "{path}: by the cookie");
        let cookie = format!("{OLD}={}; better-auth.dont_remember=true", signed(&first));
        let response = gw.anonymous().with_cookie(cookie).get(path).send().await.unwrap();
        assert!(exchanged(&gw, &response).0[0].contains("Max-Age="), "{path}: nobody signed that");
    }
    gw.db.execute("update auth.sessions set remember = false").await;
    let response = gw.anonymous().with_cookie(format!("{OLD}={}", signed(&second))).get("/items").send().await.unwrap();
    assert_eq!(exchanged(&gw, &response).0, forgotten(&second), "by the row");
}

#[tokio::test]
async fn requests_at_once_with_the_old_cookie_all_pass() {
    let gw = TestGateway::with(configured()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let token = import(&gw, &alice.id).await;
    // The end of the session is due to be moved at that very time.
    gw.db
        .execute(
            "update auth.sessions set updated_at = now() - interval '2 days', expires_at = now() + interval '5 days'",
        )
        .await;
    let old = gw.anonymous().with_cookie(format!("{OLD}={}", signed(&token)));
    let mut requests = JoinSet::new();
    for n in 0..20 {
        let client = old.clone();
        let path = if n % 4 == 0 { format!("{AUTH}/get-session") } else { "/items".to_owned() };
        requests.spawn(async move { client.get(&path).send().await.unwrap() });
    }
    while let Some(response) = requests.join_next().await {
        let response = response.unwrap();
        let (own, cleared) = exchanged(&gw, &response);
        assert!(own.len() == 1 && own[0].starts_with(&format!("{token}; Max-Age=")), "{own:?}");
        assert_eq!((response.status().as_u16(), cleared), (200, vec![OLD.to_owned()]));
        assert_ne!(response.text().await.unwrap(), "null");
    }
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 2, "nothing is opened");
    // Of two tabs, one may still have the old cookie.
    let ours = gw.anonymous().with_cookie(format!("{}={token}", gw.cookie_name()));
    assert_eq!((ours.status("/items").await, old.status("/items").await), (200, 200));

    // A sign-in takes the place of whatever was there, and says so once.
    let email = gw.verified_user("bob").await;
    let response = old.auth("/sign-in/email", &json!({ "email": email, "password": PASSWORD })).await;
    assert_eq!(response.status(), 200);
    let (own, cleared) = exchanged(&gw, &response);
    assert!(own.len() == 1 && !own[0].starts_with(&token) && cleared == [OLD], "{own:?} {cleared:?}");
}

#[tokio::test]
async fn without_the_section_the_cookies_and_tokens_are_the_apps() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let token = import(&gw, &alice.id).await;
    let cookie = format!("{OLD}={}; better-auth.session_data=x", signed(&token));
    let old = gw.anonymous().with_cookie(&cookie);
    let sets =
        [("Set-Cookie", "better-auth.session_token=theirs"), ("Set-Cookie", "__Secure-better-auth.session_data.0=x")];
    gw.upstream.reply("/optional/set", Reply::with_fields(&sets, "x"));
    assert_eq!(old.status("/items").await, 401);
    let response = old.get("/optional/set").send().await.unwrap();
    assert_eq!(set_cookies(response.headers()), sets.map(|(_, value)| value));
    assert_eq!(gw.upstream.last().field("Cookie"), Some(cookie.as_str()));
    for bearer in [token.clone(), signed(&token)] {
        assert_eq!(gw.anonymous().with_bearer(&bearer).status("/items").await, 401);
        assert_eq!(gw.anonymous().with_bearer(&bearer).status("/public/x").await, 200);
        assert_eq!(gw.upstream.last().field("Authorization"), Some(format!("Bearer {bearer}").as_str()));
    }
    assert_eq!(gw.anonymous().with_cookie(format!("{}={token}", gw.cookie_name())).status("/items").await, 401);
    // They cost no query, as nothing that cannot be a token does (DOS-07).
    assert_eq!(gw.metric("authgate_session_check_duration_seconds_count").await.to_string(), "0");

    // The section takes effect with a reload, as every other.
    let path = gw.directory.path().join("gateway.yaml");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    merge(&mut config, &configured());
    fs::write(gw.directory.path().join("new"), config.to_string()).unwrap();
    fs::rename(gw.directory.path().join("new"), &path).unwrap();
    eventually("the reload", async || (old.status("/items").await == 200).then_some(())).await;
    let response = old.get("/optional/set").send().await.unwrap();
    assert_exchanged(&gw, &response, &token, &[OLD, "better-auth.session_data"], "an app that sets them");
    assert_eq!(gw.upstream.last().field("Cookie"), None);

    // What is offered to everybody carries nobody's cookie (SESS-13).
    gw.upstream.reply("/optional/asset", Reply::with_fields(&[("Cache-Control", "public, max-age=60")], "x"));
    let response = old.get("/optional/asset").send().await.unwrap();
    assert_eq!((set_cookies(response.headers()), response.status().as_u16()), (vec![], 200));
    assert_eq!(response.headers()["cache-control"], "public, max-age=60");
}
