//! A real proxy from a package, with the example's configuration on ports of its own.

use std::{fs, process::Command};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{
    Client, RawConnection, Setup, TestGateway, Upstream, eventually, free_port,
    process::Process,
    websocket::{Refused, Socket, connect},
};

/// AuthGate beside a proxy, both before the same recording app. `gateway.origin()` is the proxy's.
pub(crate) struct Front {
    pub(crate) gateway: TestGateway,
    /// Is what the proxy leads to. The gateway never talks to it.
    pub(crate) app: Upstream,
    port: u16,
    _process: Process,
    _directory: TempDir,
}

impl Front {
    /// `example` is the file's name below examples/forward-auth, `prepare` makes it fit for a test, given the port to
    /// listen on and a directory, and `command` starts the program with the file.
    pub(crate) async fn start(
        example: &str,
        prepare: impl Fn(String, u16, &str) -> String,
        command: impl Fn(&str, &str) -> Command,
    ) -> Self {
        let port = free_port();
        let app = Upstream::start().await;
        let gateway = Setup::new(config(port)).start().await;
        let directory = TempDir::with_prefix("authgate-front-").expect("a temporary directory can be made");
        let folder = directory.path().to_str().expect("a path of text").to_owned();
        let source = format!("{}/examples/forward-auth/{example}", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(&source).expect("the example is there");
        assert!(text.contains("127.0.0.1:8080") && text.contains("127.0.0.1:8000"), "{source}");
        let text = text
            .replace("127.0.0.1:8080", &gateway.address.to_string())
            .replace("127.0.0.1:8000", &app.address.to_string());
        let file = directory.path().join(example);
        fs::write(&file, prepare(text, port, &folder)).expect("a file can be written");
        let mut process = Process::spawn(command(file.to_str().expect("a path of text"), &folder));
        let probe = Client::new(gateway.origin(), port);
        eventually("the proxy to answer", async || {
            assert!(process.exited().is_none(), "{example} ended:\n{}", process.output());
            (probe.get("/api/auth/ok").send().await.ok()?.status() == 200).then_some(())
        })
        .await;
        Self { gateway, app, port, _process: process, _directory: directory }
    }
}

fn config(port: u16) -> Value {
    json!({
        "server": { "public_url": format!("http://localhost:{port}"), "trusted_proxies": ["127.0.0.1"] },
        "auth": { "sign_in_page": "/public/sign-in" },
        "identity": { "assertion": {} },
    })
}

impl Front {
    /// Opens a WebSocket by way of the proxy.
    pub(crate) async fn socket(&self, path: &str, fields: &[(&str, &str)]) -> Result<Socket, Refused> {
        connect(([127, 0, 0, 1], self.port).into(), self.gateway.host(), path, fields).await
    }
}

/// Checks what must hold before every proxy. `odd` is what a refused path is answered with.
pub(crate) async fn guards_the_app(front: &Front, odd: &[u16]) {
    let (gw, app) = (&front.gateway, &front.app);
    let (alice, root) = (gw.insert_user("alice", &["ops"]).await, gw.insert_user("root", &["admin"]).await);
    let anonymous = gw.anonymous();

    let spoofed = ["X-User-Id", "X_User_Id", "X.User.Id", "X-User-Roles", "X-Identity-Assertion", "X-Session-Id"];
    let with_spoofs = |client: &Client, path: &str| {
        spoofed.iter().fold(client.get(path), |request, name| request.header(*name, "evil"))
    };
    for (client, path, user) in [
        ((*alice).clone(), "/items?x=1", alice.id.as_str()),
        (alice.bearer(), "/optional/x", &alice.id),
        (anonymous.clone(), "/optional/x", ""),
        (anonymous.clone(), "/public/x", ""),
        ((*alice).clone(), "/public/x", ""),
    ] {
        assert_eq!(with_spoofs(&client, path).send().await.unwrap().status(), 200, "{path}");
        let seen = app.last();
        assert_eq!(seen.target(), path);
        assert_eq!(seen.field("X-User-Id").unwrap_or_default(), user, "{path}");
        assert_eq!(!seen.field("X-Identity-Assertion").unwrap_or_default().is_empty(), !user.is_empty(), "{path}");
        let evil: Vec<_> = seen.fields.iter().filter(|(_, value)| value.contains("evil")).collect();
        assert!(evil.is_empty(), "{path}: {evil:?}");
    }
    let written = alice.post("/items").body("hello").send().await.unwrap();
    assert_eq!((written.status().as_u16(), app.last().body), (200, b"hello".to_vec()));
    app.forget();

    assert_eq!(anonymous.status("/items").await, 401);
    assert_eq!(anonymous.with_bearer(&"A".repeat(43)).status("/optional/x").await, 401);
    let page = anonymous.get("/items?a=b").header("Accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), 302);
    let location = page.headers()["location"].to_str().unwrap();
    assert!(location.ends_with("/public/sign-in?callbackURL=%2Fitems%3Fa%3Db"), "{location}");
    assert_eq!(alice.status("/admin/x").await, 403);
    let foreign = alice.request(http::Method::DELETE, "/items").header("Origin", "https://evil.example");
    assert_eq!(foreign.send().await.unwrap().status(), 403, "a page of another site");
    for (name, value) in [
        ("X-Forwarded-Uri", "/public/x"),
        ("X-Original-URI", "/public/x"),
        ("X-Original-URL", "/public/x"),
        ("X-Forwarded-Method", "OPTIONS"),
        ("X-Forwarded-Host", "other.example"),
    ] {
        let status = anonymous.get("/items").header(name, value).send().await.unwrap().status().as_u16();
        assert!(status == 401 || odd.contains(&status), "{name}: {status}");
    }
    for target in [
        "/public/../items",
        "/public/%2e%2e/items",
        "//items",
        "/public//../items",
        "/public%2f..%2fitems",
        "/public/..;/items",
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", gw.host());
        let mut connection = RawConnection::open(([127, 0, 0, 1], front.port).into()).await;
        let status = connection.send(request).await.response().await.unwrap().status;
        assert!(odd.contains(&status), "{target}: {status}");
    }
    assert_eq!(anonymous.status("/api/auth/forward-auth").await, 404, "questions come from the proxy alone");
    assert!(app.requests().is_empty(), "{:?}", app.requests());

    assert_eq!(root.status("/admin/x").await, 200);
    gw.db.execute("delete from auth.sessions").await;
    app.forget();
    assert_eq!((alice.status("/items").await, root.status("/admin/x").await), (401, 401));
    assert!(app.requests().is_empty(), "an ended session is refused by the very next request");
    assert!(gw.upstream.requests().is_empty(), "the gateway forwards nothing here");
}
