//! Decides what the file and the command line leave to this machine, and compiles the whole.

use std::net::SocketAddr;

use anyhow::anyhow;
use serde_json::{Value, json};

use crate::{
    app::{Addresses, Failure},
    config::{Config, Draft, Environment},
    dev::{
        notices,
        options::Options,
        provider::{self, AppleCredentials},
        settings::built_in_routes::built_in_routes,
    },
    types::{OriginPattern, PublicUrl, Secret},
};

/// Is where errors place what is neither in the file nor on the command line.
const NAME: &str = "authgate dev";

/// Holds what differs between machines and runs.
pub(crate) struct Inputs<'a> {
    pub(crate) addresses: &'a Addresses,
    pub(crate) options: &'a Options,
    pub(crate) database: &'a Secret,
    pub(crate) secret: &'a Secret,
    pub(crate) apple: &'a AppleCredentials,
}

/// Fails where the file, the upstream or a pattern is wrong.
pub(crate) fn compile(inputs: &Inputs<'_>) -> Result<Config, Failure> {
    let Inputs { options, .. } = inputs;
    let variables = [
        ("DATABASE_URL", inputs.database.expose()),
        ("AUTHGATE_DEV_SECRET", inputs.secret.expose()),
        ("AUTHGATE_DEV_CLIENT_SECRET", provider::CLIENT_SECRET),
        ("AUTHGATE_DEV_APPLE_KEY", inputs.apple.pem()),
    ];
    let environment = Environment::of_process().with(variables);
    let mut draft = match &options.config {
        Some(file) => from_file(Draft::read(file, environment)?, options)?,
        None => built_in(Draft::empty(NAME, environment)?, options),
    };
    replace_what_dev_decides(&mut draft, inputs);
    let mut config = draft.compile()?;
    // Frontends' development servers are at any port of this machine, and some send their own name on.
    let further = || options.trusted_origins.iter().cloned().chain([OriginPattern::Loopback]);
    config.proxy.accepts_loopback = true;
    config.proxy.rejected_hosts = Some(notices::rejected_hosts(config.auth.public_url.authority()));
    let trusted = config.auth.trusted_origins.with(further()).telling(notices::rejected_origins());
    config.proxy.trusted_origins = trusted.clone();
    config.auth.trusted_origins = trusted;
    Ok(config)
}

/// Serves the usual paths, with every pretend provider.
fn built_in(mut draft: Draft, options: &Options) -> Draft {
    let upstream = options.upstream.as_deref().unwrap_or(Options::DEFAULT_UPSTREAM);
    draft.replace(&["upstreams"], &json!({ "app": { "servers": [upstream] } }), "--upstream");
    draft.replace(&["routes"], &Value::from(built_in_routes(&options.public)), "--public");
    let social = json!({ "google": {}, "github": {}, "apple": {}, "dev": { "type": "oidc" } });
    draft.replace(&["auth", "social"], &social, NAME);
    // Everything that can be tried is on.
    let is_on = json!({ "enabled": true });
    for plugin in ["username", "email_otp", "magic_link", "multi_session", "organizations", "api_keys"] {
        draft.replace(&["auth", plugin], &is_on, NAME);
    }
    let admin = json!({ "enabled": true, "impersonation": is_on, "set_passwords": true });
    draft.replace(&["auth", "admin"], &admin, NAME);
    let pages = json!({ "enabled": true, "languages": ["en", "de", "fr", "es"] });
    draft.replace(&["pages"], &pages, NAME);
    draft
}

/// Takes a file as it is, but for what belongs to its public URL.
fn from_file(mut draft: Draft, options: &Options) -> Result<Draft, Failure> {
    if let Some(url) = &options.upstream {
        let names = draft.keys(&["upstreams"]);
        let [name] = names.as_slice() else {
            return Err(Failure::Usage(anyhow!(
                "--upstream stands in for the servers of the one upstream of a file, and this file has {}: {}",
                names.len(),
                names.join(", ")
            )));
        };
        draft.replace(&["upstreams", name, "servers"], &json!([url]), "--upstream");
    }
    // Cookies of plain http on this machine have neither a domain nor a prefix.
    draft.remove(&["auth", "session", "domain"]);
    draft.remove(&["auth", "session", "cookie_prefix"]);
    if draft.texts(&["auth", "session", "same_site"]) == ["none"] {
        draft.remove(&["auth", "session", "same_site"]);
    }
    let page = draft.texts(&["auth", "sign_in_page"]).pop();
    let own = page.zip(public_url(&draft)).and_then(|(page, url)| {
        page.strip_prefix(url.origin().as_str()).filter(|path| path.starts_with('/')).map(str::to_owned)
    });
    if let Some(path) = own {
        draft.replace(&["auth", "sign_in_page"], &path.into(), NAME);
    }
    Ok(draft)
}

fn public_url(draft: &Draft) -> Option<PublicUrl> {
    PublicUrl::parse(draft.texts(&["server", "public_url"]).first()?).ok()
}

fn replace_what_dev_decides(draft: &mut Draft, inputs: &Inputs<'_>) {
    let Addresses { public, ops } = inputs.addresses;
    let listen = public.first().copied().unwrap_or(*ops);
    let host = public_host(listen);
    let mut hosts = further_hosts(listen);
    // Routes may be for these.
    hosts.extend(public_url(draft).map(|url| url.authority().to_owned()));
    hosts.extend(draft.texts(&["server", "hosts"]).into_iter().map(|host| host.to_ascii_lowercase()));
    hosts.sort();
    hosts.dedup();
    hosts.retain(|further| *further != host);
    let server = json!({
        "listen": [listen.to_string()],
        "public_url": format!("http://{host}"),
        "ops_listen": ops.to_string(),
        "hosts": hosts,
    });
    draft.replace(&["server"], &server, NAME);
    draft.replace(&["database"], &json!({ "url": { "env": "DATABASE_URL" }, "max_connections": 8 }), NAME);
    draft.replace(&["secret"], &json!({ "env": "AUTHGATE_DEV_SECRET" }), NAME);
    draft.replace(&["mail", "transport"], &json!({ "console": true }), NAME);
    if draft.texts(&["mail", "from"]).is_empty() {
        draft.replace(&["mail", "from"], &"AuthGate <no-reply@localhost>".into(), NAME);
    }
    // Rejected origins are told by a notice, once each.
    let level = "info,authgate::api::origin_check=error";
    draft.replace(&["log"], &json!({ "format": "text", "level": level }), NAME);
    for name in draft.keys(&["auth", "social"]) {
        replace_provider(draft, &name, &format!("http://{host}"));
    }
}

/// Makes a provider the pretend one under the same name.
fn replace_provider(draft: &mut Draft, name: &str, origin: &str) {
    let secret = json!({ "env": "AUTHGATE_DEV_CLIENT_SECRET" });
    let mut values =
        vec![("issuer", Value::from(provider::issuer(origin, name))), ("client_id", provider::CLIENT_ID.into())];
    if name == "apple" {
        values.push(("team_id", AppleCredentials::TEAM_ID.into()));
        values.push(("key_id", AppleCredentials::KEY_ID.into()));
        values.push(("private_key", json!({ "env": "AUTHGATE_DEV_APPLE_KEY" })));
    } else {
        values.push(("client_secret", secret));
    }
    for (key, value) in &values {
        draft.replace(&["auth", "social", name, key], value, NAME);
    }
    // It knows no domains.
    draft.remove(&["auth", "social", name, "hd"]);
}

/// `localhost` and not an address: the frontend's development server is there too, and cookies tell the two apart.
pub(super) fn public_host(listen: SocketAddr) -> String {
    match listen.ip().to_canonical().to_string().as_str() {
        "127.0.0.1" | "::1" => format!("localhost:{}", listen.port()),
        _ => listen.to_string(),
    }
}

/// Returns the spellings of the address.
fn further_hosts(listen: SocketAddr) -> Vec<String> {
    let port = listen.port();
    vec![format!("localhost:{port}"), format!("127.0.0.1:{port}"), listen.to_string()]
}
