//! `upstreams:`.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, ToSocketAddrs},
};

use url::Url;

use super::values::{duration, is_name};
use crate::{
    config::{errors::Report, path::KeyPath, raw, text::Text},
    proxy::{Upstream, UpstreamServer, UpstreamTimeouts},
};

/// In the order of their names, which is the order `UpstreamId` counts by.
pub(super) fn compile(raw: BTreeMap<String, raw::Upstream>, report: &mut Report<'_>) -> Vec<Upstream> {
    let path = KeyPath::of(&["upstreams"]);
    raw.into_iter().map(|(name, raw)| upstream(name, raw, &path, report)).collect()
}

fn upstream(name: String, raw: raw::Upstream, path: &KeyPath, report: &mut Report<'_>) -> Upstream {
    let path = path.key(&name);
    if !is_name(&name, b"_-") {
        report.at_key(&path, "an upstream's name is 1 to 64 characters out of a-z 0-9 _ -");
    }
    if raw.health_check.is_some() {
        report.unsupported(&path.key("health_check"), "leave it out; a server that refuses connections is passed over");
    }
    let servers_path = path.key("servers");
    let servers = raw.servers.unwrap_or_default();
    if servers.is_empty() {
        report.missing(&servers_path, "at least one, for example servers: [\"http://127.0.0.1:8000\"]");
    }
    let servers = servers
        .iter()
        .enumerate()
        .filter_map(|(index, text)| server(text, &servers_path.index(index), report))
        .collect();
    Upstream { name, servers, timeouts: timeouts(&raw.timeouts, &path.key("timeouts"), report) }
}

fn timeouts(raw: &raw::Timeouts, path: &KeyPath, report: &mut Report<'_>) -> UpstreamTimeouts {
    let default = UpstreamTimeouts::default();
    UpstreamTimeouts {
        connect: duration(raw.connect.as_ref(), default.connect, &path.key("connect"), report),
        read: duration(raw.read.as_ref(), default.read, &path.key("read"), report),
        write: duration(raw.write.as_ref(), default.write, &path.key("write"), report),
    }
}

fn server(Text(text): &Text, path: &KeyPath, report: &mut Report<'_>) -> Option<UpstreamServer> {
    let shape = "a server is written like http://127.0.0.1:8000: scheme, host and port, nothing else";
    let Ok(url) = Url::parse(text) else {
        report.invalid(path, shape);
        return None;
    };
    if matches!(url.scheme(), "https" | "unix") {
        report.at(path, format!("{}:// to an upstream is not supported yet; use http://host:port", url.scheme()));
        return None;
    }
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let has_user = !url.username().is_empty() || url.password().is_some();
    let (Some(host), "http", true, false) = (url.host_str(), url.scheme(), is_bare, has_user) else {
        // A user name in a URL comes with a password: not shown.
        if has_user {
            report.at(path, shape);
        } else {
            report.invalid(path, shape);
        }
        return None;
    };
    // `http://host:80` is fine; `http://host` is more often a forgotten port than port 80.
    if url.port().is_none() && !text.trim_end_matches('/').ends_with(":80") {
        report.invalid(path, "the port is missing; a server is written like http://127.0.0.1:8000");
        return None;
    }
    resolve(host, url.port_or_known_default().unwrap_or(80), path, report)
        .map(|address| UpstreamServer { url: text.clone(), address })
}

/// Once, when the configuration is loaded. IPv4 first: many development servers listen on nothing else.
fn resolve(host: &str, port: u16, path: &KeyPath, report: &mut Report<'_>) -> Option<SocketAddr> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> = match (bare, port).to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            report.at(path, format!("the host {host:?} cannot be resolved: {error}"));
            return None;
        }
    };
    let address = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first()).copied();
    if address.is_none() {
        report.at(path, format!("the host {host:?} has no address"));
    }
    address
}
