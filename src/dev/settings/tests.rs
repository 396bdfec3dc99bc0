use std::path::{Path, PathBuf};

use crate::{
    app::Addresses,
    config::Config,
    dev::{
        options::Options,
        provider::{self, AppleCredentials},
        settings::compile::{Inputs, compile, public_host},
    },
    types::{OriginPattern, Secret},
};

const APP: &str = "http://127.0.0.1:8000";

#[test]
fn links_lead_to_localhost_where_that_is_the_address() {
    for (listen, host) in
        [("127.0.0.1:8080", "localhost:8080"), ("[::1]:8081", "localhost:8081"), ("127.0.0.2:8080", "127.0.0.2:8080")]
    {
        assert_eq!(public_host(listen.parse().unwrap()), host);
    }
}

fn options() -> Options {
    Options {
        config: None,
        upstream: Some(APP.to_owned()),
        listen: "127.0.0.1:8080".parse().unwrap(),
        ops_listen: None,
        public: Vec::new(),
        trusted_origins: Vec::new(),
        data_dir: PathBuf::new(),
    }
}

fn compiled(options: &Options) -> Result<Config, String> {
    let addresses =
        Addresses { public: vec!["127.0.0.1:8080".parse().unwrap()], ops: "127.0.0.1:9090".parse().unwrap() };
    let database = Secret::new("postgres://authgate@localhost/authgate?host=/tmp/authgate-1".to_owned());
    let secret = Secret::new("0123456789abcdef".repeat(4));
    let apple = AppleCredentials::generate();
    let inputs = Inputs { addresses: &addresses, options, database: &database, secret: &secret, apple: &apple };
    compile(&inputs).map_err(|failure| failure.to_string())
}

#[test]
fn the_configuration_compiles() {
    let config = compiled(&Options {
        trusted_origins: vec![OriginPattern::parse("https://phone.example").unwrap()],
        ..options()
    })
    .unwrap();
    assert_eq!(config.auth.public_url.authority(), "localhost:8080");
    for host in ["localhost:8080", "127.0.0.1:8080"] {
        assert!(config.proxy.hosts.iter().any(|accepted| accepted == host), "{host}");
        assert!(config.auth.trusted_origins.allows_header(&format!("http://{host}")), "{host}");
    }
    for (origin, is_trusted) in [
        ("http://localhost:4321", true),
        ("https://127.0.0.1:1", true),
        ("http://[::1]:3000", true),
        ("https://phone.example", true),
        ("http://localhost.evil.example:3000", false),
        ("http://192.168.1.10:3000", false),
    ] {
        assert_eq!(config.auth.trusted_origins.allows_header(origin), is_trusted, "{origin}");
        assert_eq!(config.proxy.trusted_origins.allows_header(origin), is_trusted, "{origin}");
    }
    let providers: Vec<_> = config.auth.social.iter().map(|provider| (&*provider.id, &*provider.issuer)).collect();
    let at = "http://localhost:8080/__dev/provider";
    let (apple, github) = (format!("{at}/apple"), format!("{at}/github"));
    assert_eq!(providers, [("apple", &*apple), ("dev", at), ("github", &github), ("google", at)]);
}

#[test]
fn what_is_public_comes_first_and_hides_what_it_covers() {
    let public =
        |patterns: &[&str]| Options { public: patterns.iter().map(ToString::to_string).collect(), ..options() };
    let names = |patterns: &[&str]| -> Vec<String> {
        compiled(&public(patterns)).unwrap().routes.iter().map(|route| route.name.clone()).collect()
    };
    assert_eq!(names(&[]), ["public", "optional", "admin", "app"]);
    assert_eq!(names(&["/docs/**", "/public/**"]), ["public-1", "public-2", "optional", "admin", "app"]);
    assert_eq!(names(&["/**"]), ["public-1"]);
    let mistake = compiled(&public(&["docs"])).unwrap_err();
    assert!(mistake.starts_with("--public: routes[0].match.path: "), "{mistake}");
    let mistake =
        compiled(&Options { upstream: Some("127.0.0.1\"]\nroutes: []".to_owned()), ..options() }).unwrap_err();
    assert!(mistake.starts_with("--upstream: upstreams.app.servers[0]: "), "{mistake}");
}

fn file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("gateway.yaml");
    std::fs::write(&path, text).unwrap();
    path
}

const PRODUCTION: &str = r#"
server:
  listen: ["0.0.0.0:443"]
  public_url: "https://App.example.com"
  hosts: ["www.example.com", "localhost:8080"]
  tls: { cert_file: nowhere.crt, key_file: nowhere.key }
  redirect_listen: ["0.0.0.0:80"]
  trusted_proxies: ["10.0.0.0/8"]
database: { url: { env: AUTHGATE_TEST_UNSET }, pooler: transaction, direct_url: { file: nowhere } }
secret: [{ env: AUTHGATE_TEST_UNSET }, { file: nowhere }]
upstreams:
  api: { servers: ["http://api:8000", "http://api-2:8000"], timeouts: { read: 7s } }
routes:
  - { name: own, match: { path: "/own/**", hosts: ["app.example.com"] }, upstream: api, access: required }
  - { name: www, match: { path: "/**", hosts: ["www.example.com"] }, upstream: api, access: public }
auth:
  base_path: /auth
  sign_in_page: "https://app.example.com/sign-in?x=1"
  trusted_origins: ["https://phone.example"]
  session: { domain: example.com, cookie_prefix: secure, same_site: none, cookie_name: app }
  password: { min_length: 12 }
  social:
    google: { client_id: [a, b], client_secret: { env: AUTHGATE_TEST_UNSET }, hd: example.com, store_tokens: true }
    apple: { client_id: a, team_id: b, key_id: c, private_key: { file: nowhere.p8 } }
    acme: { type: oidc, issuer: "https://acme.example", client_id: a, client_secret: { env: AUTHGATE_TEST_UNSET } }
mail: { from: "App <app@example.com>", transport: { smtp: "smtps://x", password: { env: AUTHGATE_TEST_UNSET } } }
log: { format: json, level: "off" }
"#;

#[test]
fn a_file_is_taken_but_for_what_dev_decides() {
    let folder = tempfile::tempdir().unwrap();
    let with = |text: &str| Options { config: Some(file(folder.path(), text)), upstream: None, ..options() };
    let config = compiled(&with(PRODUCTION)).unwrap();
    assert_eq!(config.auth.public_url.origin().as_str(), "http://localhost:8080");
    assert_eq!(config.listen, ["127.0.0.1:8080".parse().unwrap()]);
    assert!(config.proxy.tls.is_none() && config.redirect_listen.is_empty());
    for host in ["localhost:8080", "127.0.0.1:8080", "app.example.com", "www.example.com"] {
        assert_eq!(config.proxy.hosts.iter().filter(|accepted| *accepted == host).count(), 1, "{host}");
    }
    assert_eq!(config.routes.iter().map(|route| route.name.as_str()).collect::<Vec<_>>(), ["own", "www"]);
    assert_eq!(config.proxy.upstreams[0].servers[1].url, "http://api-2:8000");
    assert_eq!(config.auth.base_path, "/auth");
    assert_eq!(config.proxy.sign_in_page.as_ref().map(|page| page.page.as_str()), Some("/sign-in?x=1"));
    assert!(config.auth.trusted_origins.allows_header("https://phone.example"));
    let cookie = &config.proxy.cookie;
    assert_eq!((cookie.name.as_str(), cookie.secure, &cookie.domain), ("app", false, &None));
    let ids: Vec<_> = config.auth.social.iter().map(|provider| provider.id.as_str()).collect();
    assert_eq!(ids, ["acme", "apple", "google"]);
    for provider in &config.auth.social {
        assert_eq!(provider.client_id, provider::CLIENT_ID);
        assert!(provider.issuer.starts_with("http://localhost:8080/__dev/provider"), "{}", provider.issuer);
        assert_eq!(provider.store_tokens, provider.id == "google");
    }
    assert!(matches!(config.mail.transport, crate::mail::TransportSettings::Console));
    assert_eq!(config.mail.from.to_string(), "App <app@example.com>");
    assert!(config.log.level.starts_with("info"));

    let mut options = with(PRODUCTION);
    options.upstream = Some(APP.to_owned());
    let upstream = &compiled(&options).unwrap().proxy.upstreams[0];
    assert_eq!(upstream.servers.iter().map(|server| server.url.as_str()).collect::<Vec<_>>(), [APP]);
    assert_eq!(upstream.timeouts.read.as_secs(), 7);
}

#[test]
fn a_mistake_names_its_place_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options { config: Some(file(folder.path(), PRODUCTION)), upstream: None, ..options() };
    let name = options.config.as_ref().unwrap().display().to_string();
    for (found, replacement, expected) in [
        ("min_length: 12", "min_lenght: 12", ":21:15: auth.password.min_lenght: "),
        ("upstream: api, access: required", "upstream: apy, access: required", ":14:84: routes[0].upstream: "),
        ("acme: { type: oidc, ", "acme: { ", ":25:5: auth.social.acme: "),
        ("database: {", "database: [", ":9:"),
    ] {
        assert!(PRODUCTION.contains(found), "{found}");
        file(folder.path(), &PRODUCTION.replacen(found, replacement, 1));
        let error = compiled(&options).unwrap_err();
        assert!(error.starts_with(&format!("{name}{expected}")), "{error}");
    }
    file(folder.path(), &PRODUCTION.replace("upstreams:\n", "upstreams:\n  web: { servers: [\"http://web\"] }\n"));
    options.upstream = Some(APP.to_owned());
    let error = compiled(&options).unwrap_err();
    assert!(error.contains("--upstream") && error.contains("web, api"), "{error}");
    options.config = Some(folder.path().join("nowhere.yaml"));
    assert!(compiled(&options).unwrap_err().contains("nowhere.yaml: cannot read the configuration"));
}
