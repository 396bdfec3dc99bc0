//! Compiles `server:`.

pub(crate) mod geoip;
pub(crate) mod pem;

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZero,
    path::Path,
};

use ipnet::IpNet;

use crate::{
    config::{
        compile::values::{is_host, not_ascii, number, size, value},
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
    proxy::Certificate,
    types::{PublicUrl, is_loopback_host, split_port},
};

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
const MAX_THREADS: usize = 512;
const DEFAULT_OPS_LISTEN: &str = "127.0.0.1:9090";
/// Is the number of requests that may be under way where nothing is said: as many as connections may be open, so that
/// only requests that share one meet the bound.
const DEFAULT_MAX_REQUESTS: usize = 20_000;
const DEFAULT_MAX_UNREAD: &str = "512MiB";
const MIN_MAX_UNREAD: usize = 16 * 1024 * 1024;

/// Holds what is known of the section even where parts of it are wrong.
pub(crate) struct Server {
    pub(crate) listen: Vec<SocketAddr>,
    pub(crate) redirect_listen: Vec<SocketAddr>,
    pub(crate) ops_listen: SocketAddr,
    pub(crate) threads: usize,
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Lists `public_url`'s authority first, then `server.hosts`.
    pub(crate) hosts: Vec<String>,
    pub(crate) tls: Option<Certificate>,
    pub(crate) proxy_protocol: bool,
    pub(crate) hsts: bool,
    pub(crate) max_requests: usize,
    pub(crate) max_unread: usize,
}

/// Compiles the section. Files are relative to `folder`.
pub(crate) fn compile(raw: raw::Server, folder: &Path, report: &mut Report<'_>) -> Server {
    let path = KeyPath::from_keys(&["server"]);
    let listen = listen(raw.listen, &path.key("listen"), report);
    let is_insecure_allowed = value(raw.insecure_public_url, false, &path.key("insecure_public_url"), report);
    let public_url = public_url(raw.public_url.as_ref(), is_insecure_allowed, &path.key("public_url"), report);
    let ops_listen = ops_listen(raw.ops_listen.as_ref(), &listen, &path.key("ops_listen"), report);
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = number(raw.threads, processors.min(MAX_THREADS), 1..=MAX_THREADS, &path.key("threads"), report);
    let tls = raw.tls.and_then(|raw| tls(&raw, folder, &path.key("tls"), report));
    let max_requests_path = path.key("max_requests");
    let max_requests = number(raw.max_requests, DEFAULT_MAX_REQUESTS, 100..=1_000_000, &max_requests_path, report);
    let max_unread = max_unread(raw.max_unread, &path.key("max_unread"), report);
    let redirect_listen = redirect_listen(&raw.redirect_listen, &listen, public_url.as_ref(), &path, report);
    let proxy_protocol = value(raw.proxy_protocol, false, &path.key("proxy_protocol"), report);
    let trusted_proxies = trusted_proxies(&raw.trusted_proxies, &path.key("trusted_proxies"), report);
    let hosts = hosts(public_url.as_ref(), raw.hosts, &path.key("hosts"), report);
    if proxy_protocol && trusted_proxies.is_empty() {
        report.at(&path.key("proxy_protocol"), "is for proxies that server.trusted_proxies lists, and it lists none");
    }
    if raw.hsts == Some(true) && public_url.as_ref().is_some_and(|url| !url.is_https()) {
        report.at(&path.key("hsts"), "is for a public_url with https");
    }
    // On this machine all ports have one host: what a browser is told of one counts for every program here.
    let is_https_kept =
        public_url.as_ref().is_some_and(|url| url.is_https() && raw.hsts.unwrap_or(!is_loopback_host(url.host())));
    report.record(&path.key("hsts"), is_https_kept);
    Server {
        listen,
        redirect_listen,
        ops_listen,
        threads,
        public_url,
        trusted_proxies,
        hosts,
        tls,
        proxy_protocol,
        hsts: is_https_kept,
        max_requests,
        max_unread,
    }
}

fn tls(raw: &raw::Tls, folder: &Path, path: &KeyPath, report: &mut Report<'_>) -> Option<Certificate> {
    let example = "tls: { cert_file: tls.crt, key_file: tls.key }";
    for (key, file) in [("cert_file", &raw.cert_file), ("key_file", &raw.key_file)] {
        if file.is_none() {
            report.missing(&path.key(key), example);
        }
    }
    let chain = raw.cert_file.as_ref().map(|file| pem::certificates(file, folder, &path.key("cert_file"), report));
    let key = raw.key_file.as_ref().map(|file| pem::private_key(file, folder, &path.key("key_file"), report));
    let certificate = Certificate::new(chain.flatten()?, key.flatten()?);
    certificate.map_err(|error| report.at(path, format!("the certificate and its key do not fit: {error}"))).ok()
}

fn redirect_listen(
    raw: &[Text],
    public: &[SocketAddr],
    public_url: Option<&PublicUrl>,
    server: &KeyPath,
    report: &mut Report<'_>,
) -> Vec<SocketAddr> {
    let path = server.key("redirect_listen");
    if !raw.is_empty() && public_url.is_some_and(|url| !url.is_https()) {
        report.at(&path, "sends people to public_url, which is not https");
    }
    let mut addresses = Vec::new();
    for (index, text) in raw.iter().enumerate() {
        let path = path.index(index);
        let Some(address) = address(text, &path, report) else { continue };
        if address.port() != 0 && (public.contains(&address) || addresses.contains(&address)) {
            report.at(&path, format!("{address} is listed twice"));
        }
        addresses.push(address);
    }
    report.record(&path, addresses)
}

fn default_address(text: &str) -> SocketAddr {
    text.parse().expect("a default is a socket address")
}

fn address(Text(text): &Text, path: &KeyPath, report: &mut Report<'_>) -> Option<SocketAddr> {
    let parsed = text.parse().ok();
    if parsed.is_none() {
        report.invalid(path, "an address is an IP address with a port, for example 127.0.0.1:8080 or [::]:8080");
    }
    parsed
}

fn listen(raw: Option<Vec<Text>>, path: &KeyPath, report: &mut Report<'_>) -> Vec<SocketAddr> {
    let Some(raw) = raw else { return report.record(path, vec![default_address(DEFAULT_LISTEN)]) };
    if raw.is_empty() {
        report.at(path, format!("needs at least one address, for example [\"{DEFAULT_LISTEN}\"]"));
    }
    let mut addresses = Vec::new();
    for (index, text) in raw.iter().enumerate() {
        let path = path.index(index);
        let Some(address) = address(text, &path, report) else { continue };
        if address.port() != 0 && addresses.contains(&address) {
            report.at(&path, format!("{address} is listed twice"));
        }
        addresses.push(address);
    }
    report.record(path, addresses)
}

fn ops_listen(raw: Option<&Text>, public: &[SocketAddr], path: &KeyPath, report: &mut Report<'_>) -> SocketAddr {
    let fallback = default_address(DEFAULT_OPS_LISTEN);
    let address = raw.map_or(Some(fallback), |text| address(text, path, report)).unwrap_or(fallback);
    if address.port() != 0 && public.contains(&address) {
        report.at(path, format!("{address} is a public listener too; metrics and health need an address of their own"));
    }
    report.record(path, address)
}

fn max_unread(raw: Option<Text>, path: &KeyPath, report: &mut Report<'_>) -> usize {
    let raw = raw.unwrap_or_else(|| Text(DEFAULT_MAX_UNREAD.to_owned()));
    let Some(max) = size(&raw, path, report) else { return MIN_MAX_UNREAD };
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    if max < MIN_MAX_UNREAD {
        report.invalid(path, "must be 16MiB or more");
    }
    max
}

fn public_url(
    raw: Option<&Text>,
    is_insecure_allowed: bool,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<PublicUrl> {
    let Some(Text(text)) = raw else {
        report.missing(path, "how people reach the gateway, for example public_url: \"https://app.example.com\"");
        return None;
    };
    let url = match PublicUrl::parse(text) {
        Ok(url) => url,
        Err(error) => {
            report.invalid(path, error);
            return None;
        }
    };
    if !url.is_https() && !is_loopback_host(url.host()) && !is_insecure_allowed {
        report.invalid(
            path,
            "plain http is for loopback only, since passwords and cookies could be read on the way; use https \
             (or, knowing that, set server.insecure_public_url: true)",
        );
    }
    report.record(path, url.origin().as_str());
    Some(url)
}

fn trusted_proxies(raw: &[Text], path: &KeyPath, report: &mut Report<'_>) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for (index, Text(text)) in raw.iter().enumerate() {
        let path = path.index(index);
        let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        match network {
            None => report.invalid(&path, "a proxy is an IP address or a CIDR, for example 10.0.0.0/8"),
            // Whoever is trusted may claim any client address (HDR-07).
            Some(network) if network.prefix_len() == 0 => {
                report.invalid(
                    &path,
                    "trusting every address lets any client forge its own; list your proxies' networks",
                );
            }
            Some(network) => networks.push(network.trunc()),
        }
    }
    report.record(path, networks.iter().map(ToString::to_string).collect::<Vec<_>>());
    networks
}

fn hosts(public_url: Option<&PublicUrl>, raw: Vec<Text>, path: &KeyPath, report: &mut Report<'_>) -> Vec<String> {
    let mut hosts: Vec<String> = public_url.map(|url| url.authority().to_owned()).into_iter().collect();
    for (index, Text(text)) in raw.into_iter().enumerate() {
        let path = path.index(index);
        let text = text.to_ascii_lowercase();
        let (host, port) = split_port(&text);
        if let Some(message) = not_ascii(host) {
            report.invalid(&path, message);
        } else if !is_host(host) || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            report.invalid(&path, "a host is a name or address with an optional port, for example app.example.com");
        } else if hosts.contains(&text) {
            report.at(&path, format!("{text} is accepted already; leave it out"));
        } else {
            hosts.push(text);
        }
    }
    report.record(path, hosts.get(1..).unwrap_or_default());
    hosts
}
