//! The signed assertion as an upstream sees it: verified with ring against the published keys, as a backend would.

mod authorization;
mod reuse;
mod rotation;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use sqlx::types::time::OffsetDateTime;

use crate::harness::{Reply, TestGateway, Upstream, client::AUTH};

/// A gateway that signs, with the defaults.
async fn gateway() -> TestGateway {
    TestGateway::with(json!({ "identity": { "assertion": {} } })).await
}

/// The published keys.
async fn keys(gw: &TestGateway) -> Vec<Value> {
    let response = gw.anonymous().get(&format!("{AUTH}/jwks")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let set: Value = response.json().await.unwrap();
    set["keys"].as_array().expect("a key set").clone()
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
}

fn key_id(token: &str) -> String {
    part(token.split('.').next().unwrap())["kid"].as_str().expect("a key id").to_owned()
}

/// The claims, where one of the keys has the token's id and verifies it.
fn verified(token: &str, keys: &[Value]) -> Option<Value> {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("not a token: {token}") };
    let id = key_id(token);
    let key = keys.iter().find(|key| key["kid"] == *id)?;
    assert_eq!(part(header), json!({ "alg": "EdDSA", "typ": "JWT", "kid": id }));
    assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&json!("OKP"), &json!("Ed25519"), &json!("sig")));
    let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let message = format!("{header}.{claims}");
    UnparsedPublicKey::new(&ED25519, x).verify(message.as_bytes(), &signature).ok()?;
    Some(part(claims))
}

/// The one assertion of the last request at the upstream.
fn assertion(gw: &TestGateway) -> Option<String> {
    gw.upstream.last().field("X-Identity-Assertion").map(str::to_owned)
}

#[tokio::test]
async fn the_claims_are_what_the_headers_say() {
    let gw = gateway().await;
    let alice = gw.insert_user("Zo\u{eb}", &["admin", "ops"]).await;
    let keys = keys(&gw).await;
    for client in [(*alice).clone(), alice.bearer()] {
        assert_eq!(client.status("/items").await, 200);
        let claims = verified(&assertion(&gw).unwrap(), &keys).expect("the published key verifies it");
        let seen = gw.upstream.last();
        assert_eq!(claims["iss"], gw.origin());
        assert_eq!(claims["aud"], "api", "the upstream's name, where nothing else is said");
        assert_eq!(claims["sub"], alice.id.as_str());
        assert_eq!(claims["sid"].as_str(), seen.field("X-Session-Id"));
        assert_eq!(claims["email"].as_str(), seen.field("X-User-Email"));
        assert_eq!((&claims["email_verified"], &claims["emailVerified"]), (&json!(true), &json!(true)));
        assert_eq!((&claims["id"], &claims["role"]), (&json!(alice.id), &json!("admin,ops")));
        assert_eq!(claims["name"], "Zo\u{eb}", "JSON needs no further encoding");
        assert_eq!(claims["roles"], json!(["admin", "ops"]));
        assert_eq!(claims["auth_method"].as_str(), seen.field("X-Auth-Method"));
        assert_eq!((&claims["auth_method"], &claims["amr"]), (&json!("password"), &json!(["pwd"])));
        let (issued, expires) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
        assert_eq!(expires - issued, 60);
        assert!((OffsetDateTime::now_utc().unix_timestamp() - issued).abs() < 20, "{claims}");
    }
}

#[tokio::test]
async fn it_comes_with_an_identity_only_and_from_nobody_else() {
    let gw = gateway().await;
    let alice = gw.insert_user("alice", &[]).await;
    for path in ["/public/x", "/optional/x"] {
        assert_eq!(gw.anonymous().status(path).await, 200);
        assert_eq!(assertion(&gw), None, "{path}");
    }
    assert_eq!(alice.status("/public/x").await, 200);
    assert_eq!(assertion(&gw), None, "on public routes nobody is recognised");
    for spelling in ["X-Identity-Assertion", "x-identity-assertion", "X_Identity_Assertion", "X.Identity.Assertion"] {
        for (path, cookie) in [("/public/x", false), ("/optional/x", false), ("/optional/x", true), ("/items", true)] {
            let cookie =
                if cookie { format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token) } else { String::new() };
            let lines = format!("{spelling}: evil\r\n{spelling}: evil\r\n{cookie}");
            let status = gw.raw().await.send(gw.get_bytes(path, &lines)).await.response().await.unwrap().status;
            if status == 200 {
                let seen = gw.upstream.last();
                assert!(seen.fields.iter().all(|(_, value)| value != "evil"), "{spelling}: {:?}", seen.fields);
                assert_eq!(assertion(&gw).is_some(), !cookie.is_empty(), "{spelling} on {path}");
            } else {
                assert!(status == 400 && spelling.contains(['_', '.']), "{spelling} on {path}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn another_header_name_is_guarded_alike() {
    let gw = TestGateway::with(json!({ "identity": { "assertion": { "header": "X-App-Token", "audience": "shop" } } }))
        .await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.get("/items").header("X-App-Token", "evil").send().await.unwrap().status(), 200);
    let seen = gw.upstream.last();
    let claims = verified(seen.field("X-App-Token").unwrap(), &keys(&gw).await).unwrap();
    assert_eq!(claims["aud"], "shop");
    assert_eq!(seen.field("X-Identity-Assertion"), None);
    for spelling in ["X-App-Token", "X.App.Token"] {
        gw.anonymous().get("/public/x").header(spelling, "evil").send().await.unwrap();
        let seen = gw.upstream.last();
        assert!(seen.fields.iter().all(|(_, value)| value != "evil"), "{spelling}: {:?}", seen.fields);
    }
    gw.upstream.reply("/items", Reply::with_fields(&[("X-App-Token", "leaked")], "x"));
    let response = alice.get("/items").send().await.unwrap();
    assert!(!response.headers().contains_key("x-app-token"), "upstreams do not send it back to browsers");
}

#[tokio::test]
async fn each_upstream_has_its_audience() {
    let upstream = Upstream::start().await;
    let server = upstream.url();
    let changes = json!({
        "identity": { "assertion": { "audience": "common" } },
        "upstreams": { "api": { "servers": [server] }, "files": { "servers": [server], "audience": "urn:files" } },
        "routes": [
            { "name": "files", "match": { "path": "/files/**" }, "upstream": "files", "access": "required" },
            { "name": "app", "match": { "path": "/**" }, "upstream": "api", "access": "required" },
        ],
    });
    let gw = TestGateway::with(changes).await;
    let alice = gw.insert_user("alice", &[]).await;
    let keys = keys(&gw).await;
    for (path, audience) in [("/items", "common"), ("/files/x", "urn:files"), ("/items", "common")] {
        assert_eq!(alice.status(path).await, 200);
        let token = upstream.last().field("X-Identity-Assertion").map(str::to_owned);
        assert_eq!(verified(&token.unwrap(), &keys).unwrap()["aud"], audience, "{path}");
    }
}

#[tokio::test]
async fn a_websocket_carries_it_too() {
    let gw = gateway().await;
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let authorization = format!("Bearer {}", alice.token);
    let fields = [("Authorization", authorization.as_str()), ("X-Identity-Assertion", "evil")];
    let mut socket = gw.websocket("/ws/echo", &fields).await.unwrap();
    assert_eq!(socket.text().await, Some(alice.id.clone()));
    let claims = verified(&assertion(&gw).unwrap(), &keys(&gw).await).unwrap();
    assert_eq!(claims["sub"], alice.id.as_str());
}

#[tokio::test]
async fn it_opens_nothing_here() {
    let gw = gateway().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    let token = assertion(&gw).unwrap();
    assert_eq!(gw.anonymous().with_bearer(&token).status("/items").await, 401);
    assert_eq!(gw.anonymous().get("/items").header("X-Identity-Assertion", &token).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn without_the_key_nothing_is_sent_with_a_request() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(assertion(&gw), None);
    assert_eq!(keys(&gw).await.len(), 1, "the key of the tokens that clients ask for");
}
