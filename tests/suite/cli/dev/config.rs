//! `authgate dev --config`: a file that was written for production, on a laptop.

use std::fs;

use http::Method;
use serde_json::json;

use super::{Dev, command, postmasters, workplace};
use crate::harness::{PASSWORD, Upstream, eventually, process::Process};

/// Holds settings that only production has; they are unset here, or lead nowhere.
const PRODUCTION: &str = r#"server:
  listen: ["0.0.0.0:443"]
  public_url: "https://app.example.com"
  hosts: [www.example.com]
  tls: { cert_file: nowhere.crt, key_file: nowhere.key }
database: { url: { env: UNSET } }
secret: { file: nowhere }
upstreams:
  api: { servers: ["http://api.internal:8000"] }
routes:
  - { name: docs, match: { path: "/docs/**" }, upstream: api, access: public }
  - { name: www, match: { path: "/**", hosts: [www.example.com] }, upstream: api, access: public }
  - { name: app, match: { path: "/**" }, upstream: api, access: required }
identity: { headers: x-forwarded-user }
auth:
  base_path: /auth
  session: { cookie_name: shop, domain: example.com }
  social:
    github: { client_id: real, client_secret: { env: UNSET } }
    acme: { type: oidc, issuer: "https://id.example.com", client_id: real, client_secret: { env: UNSET } }
mail: { from: "Shop <shop@example.com>", transport: { smtp: "smtps://x@y.example", password: { env: UNSET } } }
log: { level: "off" }
"#;

#[tokio::test]
async fn a_production_configuration_runs_on_a_laptop() {
    let (upstream, directory) = (Upstream::start().await, workplace());
    fs::write(directory.path().join("shop.yaml"), PRODUCTION).unwrap();
    let arguments = ["--config", "shop.yaml", "--trusted-origin", "https://phone.example"];
    let dev = Dev::start_at("/auth", &upstream, directory, &arguments).await;
    for (path, host, status) in [
        ("/docs/a", None, 200),
        ("/items", None, 401),
        ("/items", Some("www.example.com"), 200),
        ("/items", Some("app.example.com"), 401),
        ("/public/a", None, 401),
        ("/items", Some("evil.example"), 421),
    ] {
        let request = dev.client.get(path);
        let request = if let Some(host) = host { request.header("Host", host) } else { request };
        assert_eq!(request.send().await.unwrap().status(), status, "{path} {host:?}");
    }
    let sign_up = |origin: &str| {
        let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD });
        dev.client.request(Method::POST, "/auth/sign-up/email").header("Origin", origin).json(&body).send()
    };
    assert_eq!(sign_up("https://evil.example").await.unwrap().status(), 403);
    assert_eq!(sign_up("https://phone.example").await.unwrap().status(), 200);
    let mail = eventually("the mail", async || dev.mails().await.pop()).await;
    assert!(mail["links"][0].as_str().unwrap().starts_with(&format!("{}/auth/", dev.origin)), "{mail}");
    for provider in ["github", "acme"] {
        let body = json!({ "provider": provider, "callbackURL": "/in" });
        let request = dev.client.request(Method::POST, "/auth/sign-in/social").header("Origin", &dev.origin);
        let answer: serde_json::Value = request.json(&body).send().await.unwrap().json().await.unwrap();
        let page: url::Url = answer["url"].as_str().unwrap_or_else(|| panic!("{answer}")).parse().unwrap();
        assert_eq!(page.origin().ascii_serialization(), dev.origin);
        assert_eq!(dev.client.status(&page[url::Position::BeforePath..]).await, 200, "{provider}");
    }
    let output = dev.process.output();
    assert!(output.contains("shop.yaml") && output.contains("github"), "{output}");
    dev.stop().await;
}

#[tokio::test]
async fn mistakes_name_their_line_and_nothing_is_read_that_was_not_named() {
    let directory = workplace();
    let mistaken = PRODUCTION.replace("access: required", "access: requird");
    fs::write(directory.path().join("gateway.yaml"), &mistaken).unwrap();
    fs::write(
        directory.path().join("two.yaml"),
        PRODUCTION.replace("upstreams:\n", "upstreams:\n  b: { servers: [\"http://b\"] }\n"),
    )
    .unwrap();
    let unset = PRODUCTION.replace("headers: x-forwarded-user", "headers: { env: UNSET }");
    fs::write(directory.path().join("unset.yaml"), unset).unwrap();
    let upstream = ["--upstream", "http://127.0.0.1:1"];
    for (arguments, expected) in [
        (&["--config", "gateway.yaml"][..], "gateway.yaml:13:65: routes[2].access: "),
        (&["--config", "unset.yaml"], "identity.headers: the environment variable \"UNSET\" is not set"),
        (&["--config", "nowhere.yaml"], "nowhere.yaml: cannot read the configuration"),
        (
            &[upstream[0], upstream[1], "--config", "two.yaml"],
            "--upstream stands in for the servers of the one upstream",
        ),
        (&["--public", "/docs/**", "--config", "two.yaml"], "cannot be used with"),
        (&["--public", "docs"], "--public: routes[0].match.path: "),
        (&["--upstream", "nothing"], "--upstream: upstreams.app.servers[0]: "),
        (&["--trusted-origin", "phone.example"], "an origin is written like"),
    ] {
        let mut command = command(directory.path());
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        let mut process = Process::spawn(command);
        assert_eq!(process.ended().await.code(), Some(2), "{arguments:?}: {}", process.output());
        assert!(process.output().contains(expected), "{expected} in {}", process.output());
        assert!(postmasters(directory.path()).is_empty());
    }
    // The mistaken gateway.yaml is in the directory where it is started.
    let upstream = Upstream::start().await;
    let dev = Dev::start(&upstream, directory).await;
    assert_eq!(dev.client.status("/public/a").await, 200);
    dev.stop().await;
}
