//! Backends as people write them (tests/apps), which know nothing of the gateway: each verifies the JWT that it is sent,
//! whether its caller brings one or the gateway does.

use std::{fs, process::Command};

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::harness::{
    Client, TestGateway,
    client::AUTH,
    free_port,
    gateway::merge,
    process::Process,
    python::{environment, serve},
};

const SHARED: &str = "what-both-sides-know-0123456789-abcdef";

struct Backend {
    gw: TestGateway,
    port: u16,
    _process: Process,
}

impl Backend {
    /// Starts the app of this name behind a gateway with these changes.
    async fn start(app: &str, changes: Value) -> Self {
        let port = free_port();
        let mut config = json!({ "upstreams": { "api": { "servers": [format!("http://127.0.0.1:{port}")] } } });
        merge(&mut config, &changes);
        let gw = TestGateway::with(config).await;
        let python = environment("apps-venv", "tests/apps/requirements.txt").join("bin/python");
        let mut command = Command::new(python);
        command.args(["-m", "uvicorn", &format!("{app}:app"), "--host", "127.0.0.1", "--log-level", "warning"]);
        command.args(["--port", &port.to_string()]);
        command.env("JWKS_URL", format!("{}{AUTH}/jwks", gw.origin())).env("ISSUER", gw.origin());
        command.env("AUDIENCE", "api").env("JWT_SECRET", SHARED).env("NO_PROXY", "127.0.0.1,localhost");
        command.env("SECRET_KEY", SHARED).env("APP_USER", "ada").env("APP_PASSWORD", "the app's own words");
        Self { gw, port, _process: serve(command, port, "tests/apps").await }
    }

    fn directly(&self) -> Client {
        Client::new(&format!("http://127.0.0.1:{}", self.port), self.port)
    }
}

async fn told(client: &Client, path: &str) -> Value {
    let response = client.get(path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

/// With the cookie, with the session's token and with a JWT the app behind the gateway knows who is calling; a JWT of
/// somebody who signed out goes no further.
async fn assert_knows_its_callers(backend: &Backend) {
    let gw = &backend.gw;
    let alice = gw.insert_user("alice", &["admin"]).await;
    let jwt = told(&alice, &format!("{AUTH}/token")).await["token"].as_str().unwrap().to_owned();
    let by_jwt = gw.anonymous().with_bearer(&jwt);
    for client in [&*alice, &alice.bearer(), &by_jwt] {
        let me = told(client, "/me").await;
        assert_eq!(
            (&me["sub"], &me["email"], &me["role"]),
            (&json!(alice.id), &json!("alice@example.com"), &json!("admin"))
        );
        assert_eq!(told(client, &format!("/users/{}/notes", alice.id)).await["owner"], json!(alice.id));
        assert_eq!(client.status("/users/somebody/notes").await, 403, "the app's own decision");
    }
    gw.db.execute("delete from auth.sessions").await;
    for client in [&*alice, &alice.bearer(), &by_jwt] {
        assert_eq!(client.status("/me").await, 401);
    }
}

fn in_authorization(algorithm: &str) -> Value {
    json!({
        "identity": { "assertion": { "header": "Authorization", "algorithm": algorithm, "audience": "api" } },
        "auth": { "jwt": { "audience": "api" } },
    })
}

#[tokio::test]
async fn pyjwt_with_the_key_set() {
    let backend = Backend::start("pyjwt_jwks", in_authorization("EdDSA")).await;
    let alice = backend.gw.insert_user("alice", &[]).await;
    let jwt = told(&alice, &format!("{AUTH}/token")).await["token"].as_str().unwrap().to_owned();
    let direct = told(&backend.directly().with_bearer(&jwt), "/me").await;
    assert_eq!(direct["sub"], json!(alice.id), "the same app without the gateway");
    assert_eq!(backend.directly().status("/me").await, 401);
    backend.gw.db.execute("delete from auth.users").await;
    assert_knows_its_callers(&backend).await;
}

#[tokio::test]
async fn pyjwt_gets_the_clients_own_token_where_no_assertion_is_configured() {
    let backend = Backend::start("pyjwt_jwks", json!({ "auth": { "jwt": { "audience": "api" } } })).await;
    let alice = backend.gw.insert_user("alice", &[]).await;
    let jwt = told(&alice, &format!("{AUTH}/token")).await["token"].as_str().unwrap().to_owned();
    assert_eq!(told(&backend.gw.anonymous().with_bearer(&jwt), "/me").await["sub"], json!(alice.id));
}

#[tokio::test]
async fn python_jose_with_es256() {
    let backend = Backend::start("jose_es256", in_authorization("ES256")).await;
    let alice = backend.gw.insert_user("alice", &[]).await;
    let jwt = told(&alice, &format!("{AUTH}/token")).await["token"].as_str().unwrap().to_owned();
    assert_eq!(told(&backend.directly().with_bearer(&jwt), "/me").await["sub"], json!(alice.id));
    backend.gw.db.execute("delete from auth.users").await;
    assert_knows_its_callers(&backend).await;
}

#[tokio::test]
async fn a_shared_secret() {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), SHARED).unwrap();
    let mut changes = in_authorization("HS256");
    changes["identity"]["assertion"]["key"] = json!({ "file": file.path() });
    assert_knows_its_callers(&Backend::start("shared_secret", changes).await).await;
}

#[tokio::test]
async fn an_app_with_tokens_of_its_own_behind_the_session_cookie() {
    let changes = json!({
        "routes": [{
            "name": "app", "match": { "path": "/**" }, "upstream": "api", "access": "required",
            "credentials": ["cookie"],
        }],
    });
    let backend = Backend::start("own_login", changes).await;
    let gw = &backend.gw;
    let alice = gw.insert_user("alice", &[]).await;
    let form = "username=ada&password=the+app%27s+own+words";
    for client in [&backend.directly(), &*alice] {
        let login = client.request(http::Method::POST, "/token").header("Origin", gw.origin());
        let login = login.header("Content-Type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
        assert_eq!(login.status(), 200);
        let token = login.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
        let me = client.get("/me").header("Authorization", format!("Bearer {token}")).send().await.unwrap();
        assert_eq!(me.status(), 200);
        assert_eq!(client.status("/me").await, 401, "the app wants its own token");
        let stranger =
            gw.anonymous().get("/me").header("Authorization", format!("Bearer {token}")).send().await.unwrap();
        assert_eq!(stranger.status(), 401, "and the gateway a session");
    }
}
