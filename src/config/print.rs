//! The effective configuration as YAML: all defaults and overrides, each with where it comes from; secrets masked. The
//! values are the compiled ones, so what is shown is what the gateway does.

use std::{fmt::Write as _, time::Duration};

use serde::Serialize;

use crate::{
    auth::RateClass,
    config::{
        Config,
        source::{
            document::{Node, Origin},
            path::KeyPath,
        },
    },
    mail::TransportSettings,
    proxy::Upstream,
    routing::{Access, Route},
    sessions::CheckMode,
    types::Blocklist,
};

/// Writes valid YAML, except that a secret given by an override shows as `"***"`.
pub(crate) fn print(config: &Config, tree: &Node) -> String {
    let mut out = Printer { tree, text: String::new() };
    server(&mut out, config);
    database(&mut out, config);
    secrets(&mut out, config);
    upstreams(&mut out, config);
    routes(&mut out, config);
    let identity = out.section(&KeyPath::default(), "identity");
    out.value(&identity, "headers", &config.proxy.identity_headers);
    if let Some(assertion) = &config.proxy.assertion {
        let path = out.section(&identity, "assertion");
        out.value(&path, "header", &assertion.header.as_str());
        if let [audience] = out.texts(&path.key("audience"))[..] {
            out.value(&path, "audience", &audience);
        }
        out.duration(&path, "ttl", assertion.ttl);
    }
    auth(&mut out, config);
    mail(&mut out, config);
    let retention = out.section(&KeyPath::default(), "retention");
    out.duration(&retention, "audit_events", config.retention.audit_events);
    out.duration(&retention, "failed_mail", config.retention.failed_mail);
    if let [file] = out.texts(&KeyPath::from_keys(&["geoip", "database"]))[..] {
        let geoip = out.section(&KeyPath::default(), "geoip");
        out.value(&geoip, "database", &file);
    }
    let log = out.section(&KeyPath::default(), "log");
    out.value(&log, "format", &config.log.format);
    out.value(&log, "level", &config.log.level);
    out.text
}

fn server(out: &mut Printer<'_>, config: &Config) {
    let server = out.section(&KeyPath::default(), "server");
    out.value(&server, "listen", &config.listen);
    out.value(&server, "public_url", &config.auth.public_url.origin().as_str());
    let is_insecure = out.is_true(&server.key("insecure_public_url"));
    out.value(&server, "insecure_public_url", &is_insecure);
    out.value(&server, "ops_listen", &config.ops_listen);
    out.value(&server, "threads", &config.threads);
    if config.proxy.tls.is_some() {
        let tls = out.section(&server, "tls");
        out.given(&tls, "cert_file");
        out.given(&tls, "key_file");
    }
    out.value(&server, "hsts", &config.proxy.hsts);
    out.value(&server, "max_requests", &config.proxy.max_requests);
    out.value(&server, "max_unread", &shortest_size(config.proxy.max_unread as u64));
    out.value(&server, "redirect_listen", &config.redirect_listen);
    out.value(&server, "proxy_protocol", &config.proxy.proxy_protocol);
    let proxies: Vec<String> = config.proxy.trusted_proxies.iter().map(ToString::to_string).collect();
    out.value(&server, "trusted_proxies", &proxies);
    out.value(&server, "hosts", &config.proxy.hosts.get(1..).unwrap_or_default());
}

fn database(out: &mut Printer<'_>, config: &Config) {
    let database = out.section(&KeyPath::default(), "database");
    out.secret(&database, "url");
    if out.is_written(&database.key("direct_url")) {
        out.secret(&database, "direct_url");
    }
    out.value(&database, "max_connections", &config.database.max_connections);
    out.value(&database, "pooler", &config.database.pooler);
}

fn secrets(out: &mut Printer<'_>, config: &Config) {
    let root = KeyPath::default();
    let path = root.key("secret");
    if out.tree.find(&path.index(0)).is_none() {
        out.secret(&root, "secret");
        return;
    }
    out.section(&root, "secret");
    for index in 0..config.secrets.len() {
        let (shown, comment) = out.masked(&path.index(index));
        let _ = writeln!(out.text, "  - {shown}{comment}");
    }
}

fn upstreams(out: &mut Printer<'_>, config: &Config) {
    let upstreams = &config.proxy.upstreams;
    if upstreams.is_empty() {
        out.value(&KeyPath::default(), "upstreams", &serde_json::Map::new());
        return;
    }
    let path = out.section(&KeyPath::default(), "upstreams");
    for (index, upstream) in upstreams.iter().enumerate() {
        let path = out.section(&path, &upstream.name);
        let urls: Vec<&str> = upstream.servers.iter().map(|server| server.url.as_str()).collect();
        out.value(&path, "servers", &urls);
        if let Some(assertion) = &config.proxy.assertion {
            out.value(&path, "audience", &assertion.audiences.get(index));
        }
        out.value(&path, "balance", &upstream.balance);
        out.value(&path, "http2", &upstream.http2);
        if let Some(tls) = &upstream.tls {
            let path = out.section(&path, "tls");
            out.given(&path, "ca_file");
            out.given(&path, "cert_file");
            out.given(&path, "key_file");
            if let Some(name) = &tls.server_name {
                out.value(&path, "server_name", name);
            }
        }
        if let Some(check) = &upstream.health_check {
            let path = out.section(&path, "health_check");
            out.value(&path, "path", &check.path);
            out.duration(&path, "interval", check.interval);
            out.duration(&path, "timeout", check.timeout);
            out.value(&path, "unhealthy_after", &check.unhealthy_after);
            out.value(&path, "healthy_after", &check.healthy_after);
        }
        let timeouts = out.section(&path, "timeouts");
        out.duration(&timeouts, "connect", upstream.timeouts.connect);
        out.duration(&timeouts, "read", upstream.timeouts.read);
        out.duration(&timeouts, "write", upstream.timeouts.write);
    }
}

fn routes(out: &mut Printer<'_>, config: &Config) {
    let root = KeyPath::default();
    if config.routes.iter().next().is_none() {
        out.value(&root, "routes", &[(); 0]);
        return;
    }
    let path = out.section(&root, "routes");
    for (index, route) in config.routes.iter().enumerate() {
        one_route(out, &path.index(index), route, &config.proxy.upstreams);
    }
}

fn one_route(out: &mut Printer<'_>, path: &KeyPath, route: &Route, upstreams: &[Upstream]) {
    out.value(path, "name", &route.name);
    let matching = out.section(path, "match");
    out.value(&matching, "path", &route.path.as_str());
    if !route.methods.is_empty() {
        let methods: Vec<&str> = route.methods.iter().map(http::Method::as_str).collect();
        out.value(&matching, "methods", &methods);
    }
    if !route.hosts.is_empty() {
        out.value(&matching, "hosts", &route.hosts);
    }
    out.value(path, "upstream", &upstreams.get(route.upstream.0).map(|upstream| &upstream.name));
    let access = match &route.access {
        Access::Public => "public",
        Access::Optional => "optional",
        Access::Required { .. } => "required",
    };
    out.value(path, "access", &access);
    if let Access::Required { roles } = &route.access
        && !roles.is_empty()
    {
        out.value(path, "roles", roles);
    }
    out.value(path, "websocket", &route.websocket);
    out.value(path, "cors", &route.cors);
    out.value(path, "cross_origin_writes", &route.cross_origin_writes);
    if let Some(bytes) = route.max_body {
        out.value(path, "max_body", &shortest_size(bytes));
    }
    if let Some(timeouts) = &route.timeouts {
        let path = out.section(path, "timeouts");
        for (key, timeout) in [("read", timeouts.read), ("write", timeouts.write)] {
            if let Some(timeout) = timeout {
                out.duration(&path, key, timeout);
            }
        }
    }
    if let Some(limit) = &route.rate_limit {
        let path = out.section(path, "rate_limit");
        out.value(&path, "per", &limit.per);
        out.value(&path, "limit", &limit.limit);
        out.duration(&path, "window", limit.window);
    }
    out.value(path, "on_unauthenticated", &route.on_unauthenticated);
}

fn auth(out: &mut Printer<'_>, config: &Config) {
    let auth = out.section(&KeyPath::default(), "auth");
    out.value(&auth, "base_path", &config.auth.base_path);
    if let Some(page) = &config.proxy.sign_in_page {
        out.value(&auth, "sign_in_page", page);
    }
    let origins: Vec<&str> = out.texts(&auth.key("trusted_origins"));
    out.value(&auth, "trusted_origins", &origins);
    session(out, &auth, config);
    let password = out.section(&auth, "password");
    out.value(&password, "min_length", &config.auth.password.min_length);
    out.value(&password, "max_length", &config.auth.password.max_length);
    let blocklist = match config.auth.password.blocklist {
        Blocklist::Builtin { .. } => "builtin",
        Blocklist::None => "none",
    };
    out.value(&password, "blocklist", &blocklist);
    let verification = out.section(&auth, "email_verification");
    out.value(&verification, "required", &config.auth.verification.required);
    out.duration(&verification, "expires_in", config.auth.verification.expires_in);
    // The only value that is not rejected.
    out.value(&verification, "auto_sign_in", &false);
    let reset = out.section(&auth, "password_reset");
    out.duration(&reset, "expires_in", config.auth.reset_expires_in);
    let delete_user = out.section(&auth, "delete_user");
    out.value(&delete_user, "mailed_confirmation", &config.auth.mailed_deletion);
    let notifications = out.section(&auth, "notifications");
    out.value(&notifications, "new_device", &config.auth.notify_new_device);
    rate_limits(out, &auth, config);
}

fn rate_limits(out: &mut Printer<'_>, auth: &KeyPath, config: &Config) {
    let limits = out.section(auth, "rate_limits");
    for class in RateClass::ALL {
        let limit = config.auth.rate_limits.get(class).unwrap_or(class.default_limit());
        let path = out.section(&limits, class.as_str());
        out.value(&path, "limit", &limit.limit);
        out.duration(&path, "window", limit.window);
    }
}

fn session(out: &mut Printer<'_>, auth: &KeyPath, config: &Config) {
    let session = out.section(auth, "session");
    out.duration(&session, "expires_in", config.auth.session.expires_in);
    out.duration(&session, "refresh_after", config.auth.session.refresh_after);
    out.duration(&session, "absolute", config.auth.session.absolute);
    out.duration(&session, "fresh_age", config.auth.session.fresh_age);
    let name = &config.auth.cookie.name;
    let bare = name.strip_prefix("__Host-").or_else(|| name.strip_prefix("__Secure-")).unwrap_or(name);
    out.value(&session, "cookie_name", &bare);
    out.value(&session, "same_site", &config.auth.cookie.same_site);
    out.value(&session, "domain", &config.auth.cookie.domain);
    let check = out.section(&session, "check");
    match config.auth.session.check {
        CheckMode::Database => out.value(&check, "mode", &"database"),
        CheckMode::Cached { max_staleness } => {
            out.value(&check, "mode", &"cached");
            out.duration(&check, "max_staleness", max_staleness);
        }
    }
}

fn mail(out: &mut Printer<'_>, config: &Config) {
    let mail = out.section(&KeyPath::default(), "mail");
    out.value(&mail, "from", &config.mail.from.to_string());
    let transport = out.section(&mail, "transport");
    match &config.mail.transport {
        TransportSettings::Smtp { url, password } => {
            out.value(&transport, "smtp", url);
            if password.is_some() {
                out.secret(&transport, "password");
            }
        }
        TransportSettings::Directory(directory) => out.value(&transport, "directory", directory),
        TransportSettings::Console => out.value(&transport, "console", &true),
    }
}

struct Printer<'a> {
    tree: &'a Node,
    text: String,
}

impl<'a> Printer<'a> {
    /// Begins a nested mapping and returns its path.
    fn section(&mut self, parent: &KeyPath, key: &str) -> KeyPath {
        let _ = writeln!(self.text, "{}{}:", margin(parent, key), scalar(&key));
        parent.key(key)
    }

    fn value(&mut self, parent: &KeyPath, key: &str, value: &impl Serialize) {
        let comment = self.source(&parent.key(key));
        let _ = writeln!(self.text, "{}{}: {}{comment}", margin(parent, key), scalar(&key), scalar(value));
    }

    fn duration(&mut self, parent: &KeyPath, key: &str, value: Duration) {
        self.value(parent, key, &shortest(value));
    }

    /// Shows a text as it was given, where it was; files are read into something that cannot be printed.
    fn given(&mut self, parent: &KeyPath, key: &str) {
        if let [text] = self.texts(&parent.key(key))[..] {
            self.value(parent, key, &text);
        }
    }

    fn secret(&mut self, parent: &KeyPath, key: &str) {
        let (shown, comment) = self.masked(&parent.key(key));
        let _ = writeln!(self.text, "{}{key}: {shown}{comment}", margin(parent, key));
    }

    fn masked(&self, path: &KeyPath) -> (String, String) {
        match self.tree.find(path).map(|node| &node.origin) {
            Some(Origin::Env(name)) => (format!("{{ env: {} }}", scalar(name)), "  # set".to_owned()),
            Some(Origin::File(name)) => (format!("{{ file: {} }}", scalar(name)), "  # read".to_owned()),
            _ => ("\"***\"".to_owned(), self.source(path)),
        }
    }

    fn source(&self, path: &KeyPath) -> String {
        match self.tree.find(path).filter(|node| !node.is_null()).map(|node| &node.origin) {
            None => "  # default".to_owned(),
            Some(Origin::Inline) => String::new(),
            Some(Origin::Env(name)) => format!("  # from the environment variable {name}"),
            Some(Origin::File(name)) => format!("  # from the file {name}"),
            Some(Origin::Override(name)) => format!("  # overridden by {name}"),
        }
    }

    fn is_written(&self, path: &KeyPath) -> bool {
        self.tree.find(path).is_some_and(|node| !node.is_null())
    }

    fn is_true(&self, path: &KeyPath) -> bool {
        self.texts(path) == ["true"]
    }

    /// Returns the text at a path, or the texts of the list there.
    fn texts(&self, path: &KeyPath) -> Vec<&'a str> {
        self.tree.find(path).map(Node::texts).unwrap_or_default()
    }
}

/// Returns the margin: two blanks a level; the first key of a list item carries its dash.
fn margin(parent: &KeyPath, key: &str) -> String {
    let depth = parent.steps().len();
    let is_first_of_item = parent.to_string().ends_with(']') && key == "name";
    if is_first_of_item { format!("{}- ", "  ".repeat(depth - 1)) } else { "  ".repeat(depth) }
}

/// Writes a value as JSON, which is YAML, and quotes what YAML would read as something else.
fn scalar(value: &(impl Serialize + ?Sized)) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    match &json {
        serde_json::Value::String(text) if is_plain(text) => text.clone(),
        serde_json::Value::Array(items) => {
            format!("[{}]", items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        _ => json.to_string(),
    }
}

/// Returns whether every YAML reader takes the text for itself without quotes.
fn is_plain(text: &str) -> bool {
    let is_word = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_quantity = unit.len() < text.len() && ["d", "h", "m", "s", "ms", "B", "KiB", "MiB"].contains(&unit);
    let is_name = is_word && text.starts_with(|c: char| c.is_ascii_alphabetic());
    is_quantity || (is_name && !reserved.contains(&text.to_lowercase().as_str()))
}

fn shortest(value: Duration) -> String {
    let milliseconds = value.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let unit = units.into_iter().find(|(_, length)| milliseconds.is_multiple_of(*length));
    let (unit, length) = unit.unwrap_or(("ms", 1));
    format!("{}{unit}", milliseconds / length)
}

fn shortest_size(bytes: u64) -> String {
    let unit = [("MiB", 1024 * 1024), ("KiB", 1024)].into_iter().find(|(_, length)| bytes.is_multiple_of(*length));
    let (unit, length) = unit.unwrap_or(("B", 1));
    format!("{}{unit}", bytes / length)
}
