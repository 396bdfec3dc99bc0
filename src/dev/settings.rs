//! The configuration of `authgate dev`: written as YAML and compiled like anybody's, so that it can do nothing that a
//! `gateway.yaml` could not.

use std::net::SocketAddr;

use crate::{
    app::Addresses,
    config::{self, Config, ConfigErrors, Environment},
    dev::provider,
    types::Secret,
};

/// Holds what differs between machines and runs.
pub(crate) struct Inputs<'a> {
    pub(crate) addresses: &'a Addresses,
    pub(crate) upstream: &'a str,
    pub(crate) database: &'a Secret,
    pub(crate) secret: &'a Secret,
}

/// Fails where the upstream is no upstream.
pub(crate) fn compile(inputs: &Inputs<'_>) -> Result<Config, ConfigErrors> {
    // Only these: `dev` is the same for everybody, whatever AUTHGATE_ variables are around.
    let environment: Environment = [
        ("DATABASE_URL", inputs.database.expose()),
        ("AUTHGATE_SECRET", inputs.secret.expose()),
        ("PROVIDER_SECRET", provider::CLIENT_SECRET),
    ]
    .into_iter()
    .collect();
    config::compile("authgate dev", &yaml(inputs.addresses, inputs.upstream), &environment)
}

/// `localhost` and not an address: the frontend's development server is there too, and cookies tell the two apart.
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

fn yaml(addresses: &Addresses, upstream: &str) -> String {
    let listen = addresses.public.first().copied().unwrap_or(addresses.ops);
    let (host, port, ops) = (public_host(listen), listen.port(), addresses.ops);
    let (client, issuer) = (provider::CLIENT_ID, format!("http://{host}{}", provider::PATH));
    // JSON is YAML, whatever is in its strings.
    let (upstream, hosts) = (serde_json::Value::from(upstream), serde_json::Value::from(further_hosts(listen)));
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
routes:
  - {{ name: public, match: {{ path: "/public/**" }}, upstream: app, access: public }}
  - {{ name: optional, match: {{ path: "/optional/**" }}, upstream: app, access: optional }}
  - {{ name: admin, match: {{ path: "/admin/**" }}, upstream: app, access: required, roles: [admin] }}
  - {{ name: app, match: {{ path: "/**" }}, upstream: app, access: required, websocket: true }}
auth:
  # Two spellings of this machine, and where frontends' development servers usually are.
  trusted_origins:
    - "http://localhost:{port}"
    - "http://127.0.0.1:{port}"
    - "http://localhost:3000"
    - "http://localhost:5173"
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
        let compiled =
            |upstream| compile(&Inputs { addresses: &addresses, upstream, database: &database, secret: &secret });
        let config = compiled("http://127.0.0.1:8000").unwrap();
        assert_eq!(config.auth.public_url.authority(), "localhost:8080");
        for host in ["localhost:8080", "127.0.0.1:8080"] {
            assert!(config.proxy.hosts.iter().any(|accepted| accepted == host), "{host}");
            assert!(config.auth.trusted_origins.allows_header(&format!("http://{host}")), "{host}");
        }
        assert!(compiled("127.0.0.1\"]\nroutes: []").is_err());
    }
}
