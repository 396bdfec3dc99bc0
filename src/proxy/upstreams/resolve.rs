//! Finds out where the servers are, by looking up their names.

use std::{io, net, path::Path, time::Duration};

use pingora::protocols::l4::socket::SocketAddr;
use tokio::{net::lookup_host, time::timeout};

use crate::proxy::settings::{ServerAddress, UpstreamServer};

/// Bounds the wait for a name server when a configuration is put in force: a reload waits for it.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// Returns the addresses of the servers, in their order; `None` for a name that leads nowhere, which is logged.
pub(crate) async fn all(servers: &[UpstreamServer]) -> Vec<Option<SocketAddr>> {
    let look_ups: Vec<_> = servers.iter().cloned().map(|server| tokio::spawn(first(server))).collect();
    let mut addresses = Vec::with_capacity(look_ups.len());
    for look_up in look_ups {
        addresses.push(look_up.await.unwrap_or(None));
    }
    addresses
}

async fn first(server: UpstreamServer) -> Option<SocketAddr> {
    let (host, port) = match &server.address {
        ServerAddress::Unix(path) => return Some(unix(path)),
        ServerAddress::Tcp { host, port } => (host, *port),
    };
    let found = timeout(MAX_WAIT, addresses(host, port)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    match found {
        Ok(found) => Some(SocketAddr::Inet(preferred(&found)?)),
        Err(error) => {
            tracing::warn!(
                event = "upstream_unresolved",
                server = server.url,
                error = %error,
                "the name of an upstream server cannot be looked up; it gets no requests until it can be"
            );
            None
        }
    }
}

/// Returns every address of a name, at least one.
pub(crate) async fn addresses(host: &str, port: u16) -> io::Result<Vec<net::SocketAddr>> {
    let found: Vec<net::SocketAddr> = lookup_host((host, port)).await?.collect();
    if found.is_empty() { Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address")) } else { Ok(found) }
}

/// Returns an IPv4 address where there is one, as many development servers listen on nothing else.
pub(crate) fn preferred(addresses: &[net::SocketAddr]) -> Option<net::SocketAddr> {
    addresses.iter().find(|address| address.is_ipv4()).or(addresses.first()).copied()
}

fn unix(path: &Path) -> SocketAddr {
    let address = std::os::unix::net::SocketAddr::from_pathname(path);
    SocketAddr::Unix(address.expect("the configuration checked the path's length"))
}
