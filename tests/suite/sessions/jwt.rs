//! JSON Web Tokens of sessions: anybody verifies them with the published keys, and the gateway takes them for as long as
//! their session lives (JWT-02, JWT-04; contract §4.8).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Method;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::harness::{
    Setup, TestGateway,
    client::{AUTH, Client, claims, expect_problem, token_part as part},
    eventually,
};

async fn token(client: &Client) -> String {
    let response = client.get(&format!("{AUTH}/token")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    body["token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn a_token_says_who_its_user_is_and_verifies_with_the_published_key() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("Zo\u{eb}", &["admin"]).await;
    let token = token(&alice).await;
    let set: Value = gw.anonymous().get(&format!("{AUTH}/jwks")).send().await.unwrap().json().await.unwrap();
    let [header, body, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let key = set["keys"].as_array().unwrap().iter().find(|key| key["kid"] == part(header)["kid"]).expect("its key");
    let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(&ED25519, x).verify(format!("{header}.{body}").as_bytes(), &signature).unwrap();
    let (claims, session) = (claims(&token), alice.session().await);
    for (claim, expected) in session["user"].as_object().unwrap() {
        assert_eq!(claims[claim], *expected, "{claim}");
    }
    assert_eq!((&claims["sub"], &claims["sid"]), (&json!(alice.id), &session["session"]["id"]));
    assert_eq!(claims["amr"], json!(["pwd"]));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(gw.origin()), &json!(gw.origin())));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    assert!(!token.contains(&alice.token), "the session's token is in no claim");
}

#[tokio::test]
async fn get_session_carries_one_and_an_expired_one_is_renewed_that_way() {
    let gw = TestGateway::with(json!({
        "auth": { "jwt": { "expires_in": "2s", "audience": "backends" }, "trusted_origins": ["https://www.example"] },
    }))
    .await;
    let alice = gw.insert_user("alice", &[]).await;
    let ask = async || {
        let request = alice.get(&format!("{AUTH}/get-session")).header("Origin", "https://www.example");
        let response = request.send().await.unwrap();
        let exposed = response.headers()["access-control-expose-headers"].to_str().unwrap().to_owned();
        assert!(exposed.contains("set-auth-jwt"), "{exposed}");
        response.headers()["set-auth-jwt"].to_str().unwrap().to_owned()
    };
    let first = ask().await;
    assert_eq!(claims(&first)["aud"], "backends");
    let by_jwt = gw.anonymous().with_bearer(&first);
    eventually("it expires", async || (by_jwt.status("/items").await == 401).then_some(())).await;
    let renewed = async || gw.anonymous().with_bearer(&ask().await).status("/items").await;
    eventually("a new one opens it", async || (renewed().await == 200).then_some(())).await;
    let anonymous = gw.anonymous().get(&format!("{AUTH}/get-session")).send().await.unwrap();
    assert!(!anonymous.headers().contains_key("set-auth-jwt"));
    let response = gw.anonymous().get(&format!("{AUTH}/token")).send().await.unwrap();
    expect_problem(response, 401, "UNAUTHORIZED").await;
}

#[tokio::test]
async fn it_opens_routes_like_its_session_and_is_sent_on() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &["admin"]).await;
    let jwt = token(&alice).await;
    let by_jwt = gw.anonymous().with_bearer(&jwt);
    for path in ["/items", "/optional/x", "/admin/x"] {
        assert_eq!(by_jwt.status(path).await, 200, "{path}");
        let seen = gw.upstream.last();
        assert_eq!(seen.field("X-User-Id"), Some(alice.id.as_str()), "{path}");
        assert_eq!(seen.field("X-Auth-Method"), Some("password"), "{path}");
        assert_eq!(seen.field("Authorization"), Some(format!("Bearer {jwt}").as_str()), "{path}");
    }
    let response =
        by_jwt.request(Method::POST, "/items").header("Origin", "https://evil.example").send().await.unwrap();
    assert_eq!(response.status(), 200, "no page sends it without its author's doing");
    assert_eq!(by_jwt.status("/public/x").await, 200);
    assert_eq!(gw.upstream.last().field("Authorization"), None, "where nobody asks whether its session is over");
}

#[tokio::test]
async fn it_ends_with_its_session_on_every_replica() {
    for (what, sql) in [
        ("revoked", "delete from auth.sessions"),
        ("expired", "update auth.sessions set expires_at = now() - interval '1 millisecond'"),
        ("banned", "update auth.users set banned_at = now()"),
        ("deleted", "delete from auth.users"),
    ] {
        // One name for both; without a port in it, each client reaches the gateway that made it.
        let name = json!({ "server": { "public_url": "https://app.example.com" } });
        let gw = TestGateway::with(name.clone()).await;
        let replica = gw.replica_with(name).await;
        let alice = gw.insert_user("alice", &[]).await;
        let jwt = token(&alice).await;
        let clients = [gw.anonymous().with_bearer(&jwt), replica.anonymous().with_bearer(&jwt)];
        for client in &clients {
            assert_eq!(client.status("/items").await, 200, "{what}");
        }
        gw.db.execute(sql).await;
        for client in &clients {
            assert_eq!(client.status("/items").await, 401, "{what}");
            assert_eq!(client.status("/optional/x").await, 401, "{what}: a bearer token is never ignored");
            assert_eq!(client.session().await, Value::Null, "{what}");
        }
    }
}

#[tokio::test]
async fn it_tells_who_somebody_is_and_changes_nothing() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let jwt = token(&alice).await;
    let by_jwt = gw.anonymous().with_bearer(&jwt);
    let session = by_jwt.session().await;
    assert_eq!(session["user"]["email"], "alice@example.com");
    assert_eq!(
        session["session"]["token"], session["session"]["id"],
        "whoever shows a JWT gets no session token for it"
    );
    let response = by_jwt.get(&format!("{AUTH}/get-session")).send().await.unwrap();
    assert!(!response.headers().contains_key("set-auth-jwt"), "it does not renew itself");
    assert_eq!(by_jwt.status(&format!("{AUTH}/me")).await, 200);
    let verdict: Value = gw.anonymous().auth("/verify-token", &json!({ "token": jwt })).await.json().await.unwrap();
    assert_eq!((&verdict["valid"], &verdict["user"]["id"]), (&json!(true), &json!(alice.id)));
    for path in ["/token", "/list-sessions", "/list-accounts"] {
        assert_eq!(by_jwt.status(&format!("{AUTH}{path}")).await, 401, "{path}");
    }
    for (path, body) in [
        ("/update-user", json!({ "name": "Mallory" })),
        ("/revoke-sessions", json!({})),
        ("/change-email", json!({ "newEmail": "mallory@example.com" })),
        ("/delete-user", json!({})),
    ] {
        expect_problem(by_jwt.auth(path, &body).await, 401, "UNAUTHORIZED").await;
    }
    by_jwt.auth("/sign-out", &json!({})).await;
    assert_eq!(alice.status("/items").await, 200);
}

#[tokio::test]
async fn forged_ones_are_refused() {
    let gw = TestGateway::with(json!({ "identity": { "assertion": {} } })).await;
    let alice = gw.insert_user("alice", &[]).await;
    let jwt = token(&alice).await;
    let [header, body, signature] = jwt.split('.').collect::<Vec<_>>()[..] else { panic!("{jwt}") };
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let changed = |part: &str, key: &str, value: Value| {
        let mut object = self::part(part);
        object[key] = value;
        encode(&object)
    };
    assert_eq!(alice.status("/items").await, 200);
    let assertion = gw.upstream.last().field("X-Identity-Assertion").unwrap().to_owned();
    gw.upstream.forget();
    for (what, forged) in [
        ("no signature", format!("{header}.{body}.")),
        ("none", format!("{}.{body}.", changed(header, "alg", json!("none")))),
        ("none, with a signature", format!("{}.{body}.{signature}", changed(header, "alg", json!("none")))),
        ("HS256", format!("{}.{body}.{signature}", changed(header, "alg", json!("HS256")))),
        ("ES256", format!("{}.{body}.{signature}", changed(header, "alg", json!("ES256")))),
        ("another key", format!("{}.{body}.{signature}", changed(header, "kid", json!("other")))),
        ("a key of its own", format!("{}.{body}.{signature}", changed(header, "jwk", json!({ "kty": "OKP" })))),
        ("somebody else", format!("{header}.{}.{signature}", changed(body, "sub", json!("other")))),
        ("another session", format!("{header}.{}.{signature}", changed(body, "sid", json!("other")))),
        ("for ever", format!("{header}.{}.{signature}", changed(body, "exp", json!(9_999_999_999_i64)))),
        ("an assertion", assertion),
        ("twice", format!("{jwt}, {jwt}")),
        ("four parts", format!("{jwt}.{signature}")),
    ] {
        let client = gw.anonymous().with_bearer(&forged);
        for path in ["/items", "/optional/x"] {
            expect_problem(client.get(path).send().await.unwrap(), 401, "UNAUTHORIZED").await;
        }
        assert_eq!(client.session().await, Value::Null, "{what}");
    }
    gw.assert_upstream_untouched("a forged token").await;
}

#[tokio::test]
async fn without_the_database_it_opens_nothing() {
    let cluster = crate::harness::cluster::OwnCluster::start();
    let gw = Setup::new(json!({})).database(cluster.database()).start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let by_jwt = gw.anonymous().with_bearer(&token(&alice).await);
    assert_eq!(by_jwt.status("/items").await, 200);
    cluster.stop();
    assert_eq!(by_jwt.status("/items").await, 503);
}
