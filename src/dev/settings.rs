//! Makes the configuration of `authgate dev`: written as YAML and compiled like anybody's. All that a `gateway.yaml`
//! could not say is that every origin and host of this machine is trusted.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::{
    app::Addresses,
    config::{self, Config, ConfigErrors, Environment},
    dev::{options::Options, provider},
    routing::PathPattern,
    types::Secret,
};

/// Holds what differs between machines and runs.
pub(crate) struct Inputs<'a> {
    pub(crate) addresses: &'a Addresses,
    pub(crate) options: &'a Options,
    pub(crate) database: &'a Secret,
    pub(crate) secret: &'a Secret,
}

/// Fails where the upstream is no upstream.
pub(crate) fn compile(inputs: &Inputs<'_>) -> Result<Config, ConfigErrors> {
    // Only these count: `dev` is the same for everybody, whatever AUTHGATE_ variables are around.
    let environment: Environment = [
        ("DATABASE_URL", inputs.database.expose()),
        ("AUTHGATE_SECRET", inputs.secret.expose()),
        ("PROVIDER_SECRET", provider::CLIENT_SECRET),
    ]
    .into_iter()
    .collect();
    let mut config = config::compile("authgate dev", &yaml(inputs.addresses, inputs.options), &environment)?;
    // Frontends' development servers are at any port of this machine, and some send their own name on.
    config.proxy.accepts_loopback = true;
    config.proxy.trusted_origins = config.proxy.trusted_origins.with_loopback();
    config.auth.trusted_origins = config.auth.trusted_origins.with_loopback();
    Ok(config)
}

/// Returns `localhost` and not an address: the frontend's development server is there too, and cookies tell the two
/// apart.
fn public_host(listen: SocketAddr) -> String {
    match listen.ip().to_canonical().to_string().as_str() {
        "127.0.0.1" | "::1" => format!("localhost:{}", listen.port()),
        _ => listen.to_string(),
    }
}

/// Returns the other spellings of the address; the public one is accepted anyway.
fn further_hosts(listen: SocketAddr) -> Vec<String> {
    let port = listen.port();
    let mut hosts = vec![format!("localhost:{port}"), format!("127.0.0.1:{port}"), listen.to_string()];
    hosts.sort();
    hosts.dedup();
    hosts.retain(|host| *host != public_host(listen));
    hosts
}

fn yaml(addresses: &Addresses, options: &Options) -> String {
    let listen = addresses.public.first().copied().unwrap_or(addresses.ops);
    let (host, ops) = (public_host(listen), addresses.ops);
    let (client, issuer) = (provider::CLIENT_ID, format!("http://{host}{}", provider::PATH));
    // JSON is YAML, whatever is in its strings.
    let (upstream, origins) = (Value::from(options.upstream.as_str()), Value::from(options.trusted_origins.clone()));
    let (hosts, routes) = (Value::from(further_hosts(listen)), Value::from(routes(&options.public)));
    format!(
        r#"
server:
  listen: ["{listen}"]
  public_url: "http://{host}"
  ops_listen: "{ops}"
  hosts: {hosts}
database:
  url: {{ env: DATABASE_URL }}
  max_connections: 8
secret: {{ env: AUTHGATE_SECRET }}
upstreams:
  app:
    servers: [{upstream}]
routes: {routes}
auth:
  trusted_origins: {origins}
  # All of them are the pretend provider that comes with `authgate dev`.
  social:
    google: {{ client_id: "{client}", client_secret: {{ env: PROVIDER_SECRET }}, issuer: "{issuer}" }}
    dev: {{ type: oidc, client_id: "{client}", client_secret: {{ env: PROVIDER_SECRET }}, issuer: "{issuer}" }}
mail:
  from: "AuthGate <no-reply@localhost>"
  transport: {{ console: true }}
log: {{ format: text, level: info }}
"#
    )
}

/// Returns the routes: what was asked to be public, then the usual ones as far as that leaves them anything.
fn routes(public: &[String]) -> Vec<Value> {
    let is_covered = |path: &str| {
        let path = PathPattern::parse(path);
        public.iter().any(|pattern| {
            PathPattern::parse(pattern).is_ok_and(|pattern| path.as_ref().is_ok_and(|path| pattern.covers(path)))
        })
    };
    let asked_for = public.iter().enumerate().map(|(index, pattern)| {
        let name = format!("public-{}", index + 1);
        json!({ "name": name, "match": { "path": pattern }, "upstream": "app", "access": "public", "websocket": true })
    });
    let usual = [
        ("public", "/public/**", json!({ "access": "public" })),
        ("optional", "/optional/**", json!({ "access": "optional" })),
        ("admin", "/admin/**", json!({ "access": "required", "roles": ["admin"] })),
        ("app", "/**", json!({ "access": "required", "websocket": true })),
    ];
    let usual = usual.into_iter().filter(|(_, path, _)| !is_covered(path)).map(|(name, path, mut route)| {
        route["name"] = name.into();
        route["match"] = json!({ "path": path });
        route["upstream"] = "app".into();
        route
    });
    asked_for.chain(usual).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_localhost_where_that_is_the_address() {
        for (listen, host) in [
            ("127.0.0.1:8080", "localhost:8080"),
            ("[::1]:8081", "localhost:8081"),
            ("127.0.0.2:8080", "127.0.0.2:8080"),
        ] {
            assert_eq!(public_host(listen.parse().unwrap()), host);
        }
    }

    #[test]
    fn the_configuration_compiles() {
        let addresses =
            Addresses { public: vec!["127.0.0.1:8080".parse().unwrap()], ops: "127.0.0.1:9090".parse().unwrap() };
        let database = Secret::new("postgres://authgate@localhost/authgate?host=/tmp/authgate-1".to_owned());
        let secret = Secret::new("0123456789abcdef".repeat(4));
        let compiled = |upstream: &str, public: &[&str], origins: &[&str]| {
            let options = Options {
                upstream: upstream.to_owned(),
                listen: "127.0.0.1:8080".parse().unwrap(),
                ops_listen: None,
                public: public.iter().map(|&pattern| pattern.to_owned()).collect(),
                trusted_origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
                data_dir: std::path::PathBuf::new(),
            };
            compile(&Inputs { addresses: &addresses, options: &options, database: &database, secret: &secret })
        };
        let app = "http://127.0.0.1:8000";
        let config = compiled(app, &[], &["https://phone.example"]).unwrap();
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
        let names = |public: &[&str]| -> Vec<String> {
            compiled(app, public, &[]).unwrap().routes.iter().map(|route| route.name.clone()).collect()
        };
        assert_eq!(names(&[]), ["public", "optional", "admin", "app"]);
        assert_eq!(names(&["/docs/**", "/public/**"]), ["public-1", "public-2", "optional", "admin", "app"]);
        assert_eq!(names(&["/**"]), ["public-1"]);
        assert!(compiled("127.0.0.1\"]\nroutes: []", &[], &[]).is_err());
        assert!(compiled(app, &["docs"], &[]).is_err() && compiled(app, &[], &["phone.example"]).is_err());
    }
}
