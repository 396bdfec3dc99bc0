//! Compiles `upstreams:`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use rustls::pki_types::ServerName;
use url::Url;

use crate::{
    config::{
        compile::{
            server::pem,
            values::{duration, is_name, value},
        },
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
    proxy::{
        Balance, ClientCertificate, HealthCheck, ServerAddress, Upstream, UpstreamServer, UpstreamTimeouts, UpstreamTls,
    },
};

const SHAPES: &str = "a server is written like http://127.0.0.1:8000, https://api.internal or unix:/run/app.sock";
/// Bounds a path in bytes: the system's structure for socket addresses holds no more.
const MAX_SOCKET_PATH: usize = 100;

/// Returns them in the order of their names, which is the order `UpstreamId` counts by. Files are relative to `folder`.
pub(crate) fn compile(raw: &BTreeMap<String, raw::Upstream>, folder: &Path, report: &mut Report<'_>) -> Vec<Upstream> {
    let path = KeyPath::from_keys(&["upstreams"]);
    if raw.is_empty() {
        report.record(&path, serde_json::Map::new());
    }
    raw.iter().map(|(name, raw)| upstream(name, raw, folder, &path, report)).collect()
}

fn upstream(name: &str, raw: &raw::Upstream, folder: &Path, path: &KeyPath, report: &mut Report<'_>) -> Upstream {
    let path = path.key(name);
    if !is_name(name, b"_-") {
        report.at_key(&path, "an upstream's name is 1 to 64 characters out of a-z 0-9 _ -");
    }
    let servers_path = path.key("servers");
    let servers = raw.servers.as_deref().unwrap_or_default();
    if servers.is_empty() {
        report.missing(&servers_path, "at least one, for example servers: [\"http://127.0.0.1:8000\"]");
    }
    let servers: Vec<UpstreamServer> = servers
        .iter()
        .enumerate()
        .filter_map(|(index, text)| server(text, &servers_path.index(index), report))
        .collect();
    report.record(&servers_path, servers.iter().map(|server| server.url.as_str()).collect::<Vec<_>>());
    let tls = raw.tls.as_ref().and_then(|raw| {
        if servers.iter().all(|server| !server.is_tls) && !servers.is_empty() {
            report.at_key(&path.key("tls"), "is for https:// servers, and there is none");
        }
        tls(raw, folder, &path.key("tls"), report)
    });
    Upstream {
        name: name.to_owned(),
        servers,
        balance: value(raw.balance, Balance::default(), &path.key("balance"), report),
        http2: value(raw.http2, false, &path.key("http2"), report),
        timeouts: timeouts(&raw.timeouts, &path.key("timeouts"), report),
        tls,
        health_check: raw.health_check.as_ref().and_then(|raw| health_check(raw, &path.key("health_check"), report)),
    }
}

fn timeouts(raw: &raw::Timeouts, path: &KeyPath, report: &mut Report<'_>) -> UpstreamTimeouts {
    let default = UpstreamTimeouts::default();
    UpstreamTimeouts {
        connect: duration(raw.connect.as_ref(), default.connect, &path.key("connect"), report),
        read: duration(raw.read.as_ref(), default.read, &path.key("read"), report),
        write: duration(raw.write.as_ref(), default.write, &path.key("write"), report),
    }
}

fn health_check(raw: &raw::HealthCheck, path: &KeyPath, report: &mut Report<'_>) -> Option<HealthCheck> {
    let path_key = path.key("path");
    let Some(Text(target)) = &raw.path else {
        report.missing(&path_key, "health_check: { path: /health, interval: 5s }");
        return None;
    };
    if !target.starts_with('/') || target.bytes().any(|b| !b.is_ascii_graphic()) {
        report.invalid(&path_key, "a path begins with / and has no spaces, for example /health");
        return None;
    }
    let default = HealthCheck::with_defaults(target.clone());
    report.record(&path_key, target);
    let mut count = |given: Option<u32>, default: u32, key: &str| {
        if given == Some(0) {
            report.invalid(&path.key(key), "must be at least 1");
        }
        value(given, default, &path.key(key), report)
    };
    let unhealthy_after = count(raw.unhealthy_after, default.unhealthy_after, "unhealthy_after");
    let healthy_after = count(raw.healthy_after, default.healthy_after, "healthy_after");
    Some(HealthCheck {
        interval: duration(raw.interval.as_ref(), default.interval, &path.key("interval"), report),
        timeout: duration(raw.timeout.as_ref(), default.timeout, &path.key("timeout"), report),
        unhealthy_after,
        healthy_after,
        path: default.path,
    })
}

fn tls(raw: &raw::UpstreamTls, folder: &Path, path: &KeyPath, report: &mut Report<'_>) -> Option<UpstreamTls> {
    let ca = raw.ca_file.as_ref().map(|file| pem::certificates(file, folder, &path.key("ca_file"), report));
    let server_name = raw.server_name.as_ref().map(|Text(name)| {
        if ServerName::try_from(name.as_str()).is_err() {
            report
                .invalid(&path.key("server_name"), "a name is a host name or an IP address, for example api.internal");
        }
        report.record(&path.key("server_name"), name.clone())
    });
    let client = match (&raw.cert_file, &raw.key_file) {
        (None, None) => None,
        (Some(cert), Some(key)) => {
            let chain = pem::certificates(cert, folder, &path.key("cert_file"), report);
            let key = pem::private_key(key, folder, &path.key("key_file"), report);
            let (chain, key) = chain.zip(key)?;
            let chain = chain.into_iter().map(|certificate| certificate.to_vec()).collect();
            Some(ClientCertificate { chain, key: key.secret_der().to_vec() })
        }
        (Some(_), None) => {
            report.missing(&path.key("key_file"), "the certificate's private key");
            None
        }
        (None, Some(_)) => {
            report.missing(&path.key("cert_file"), "the key's certificate");
            None
        }
    };
    let ca = match ca {
        None => None,
        Some(read) => Some(read?.into_iter().map(|certificate| certificate.to_vec()).collect()),
    };
    Some(UpstreamTls { ca, client, server_name })
}

fn server(text: &Text, path: &KeyPath, report: &mut Report<'_>) -> Option<UpstreamServer> {
    match text.0.strip_prefix("unix:") {
        Some(socket) => unix(&text.0, socket.strip_prefix("//").unwrap_or(socket), path, report),
        None => tcp(text, path, report),
    }
}

fn unix(text: &str, socket: &str, path: &KeyPath, report: &mut Report<'_>) -> Option<UpstreamServer> {
    if !socket.starts_with('/') || socket.len() > MAX_SOCKET_PATH {
        report.invalid(path, format!("a socket is an absolute path of at most {MAX_SOCKET_PATH} bytes; {SHAPES}"));
        return None;
    }
    Some(UpstreamServer { url: text.to_owned(), address: ServerAddress::Unix(PathBuf::from(socket)), is_tls: false })
}

fn tcp(Text(text): &Text, path: &KeyPath, report: &mut Report<'_>) -> Option<UpstreamServer> {
    let Ok(url) = Url::parse(text) else {
        report.invalid(path, SHAPES);
        return None;
    };
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let has_user = !url.username().is_empty() || url.password().is_some();
    let (Some(host), "http" | "https", true, false) = (url.host_str(), url.scheme(), is_bare, has_user) else {
        // A user name in a URL comes with a password: not shown.
        if has_user {
            report.at(path, SHAPES);
        } else {
            report.invalid(path, SHAPES);
        }
        return None;
    };
    let is_tls = url.scheme() == "https";
    // `http://host:80` is fine; `http://host` is more often a forgotten port than port 80.
    if !is_tls && url.port().is_none() && !text.trim_end_matches('/').ends_with(":80") {
        report.invalid(path, "the port is missing; a server is written like http://127.0.0.1:8000");
        return None;
    }
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = url.port_or_known_default().unwrap_or(80);
    Some(UpstreamServer { url: text.clone(), address: ServerAddress::Tcp { host, port }, is_tls })
}
