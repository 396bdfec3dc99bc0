//! Reads the PROXY protocol, versions 1 and 2: a load balancer's word on who is connected to it, before the first byte
//! of the client. Only trusted proxies are believed, and where it is on they have to speak it.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ppp::{HeaderResult, PartialResult, v1, v2};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

/// Bounds the time for the whole header.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bounds the header in bytes. This is more than an address of any kind needs; version 2 allows further fields, and
/// balancers send few.
const MAX_LENGTH: usize = 1024;

/// Reads the header off the stream. Returns the address of the client it tells of; the peer's own where the balancer
/// speaks for itself (health checks).
pub(crate) async fn receive(stream: &mut TcpStream, peer: SocketAddr) -> io::Result<SocketAddr> {
    timeout(TIMEOUT, read(stream, peer)).await?
}

async fn read(stream: &mut TcpStream, peer: SocketAddr) -> io::Result<SocketAddr> {
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "not a PROXY protocol header");
    let mut seen = [0; MAX_LENGTH];
    let mut known = 0;
    loop {
        // The bytes are looked at and left there: what follows the header is the client's.
        let available = stream.peek(&mut seen).await?;
        if available == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let header = HeaderResult::parse(&seen[..available]);
        if header.is_incomplete() && available < MAX_LENGTH {
            if available == known {
                // The socket is level-triggered: it shows the same bytes again, until more arrive.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            known = available;
            continue;
        }
        let (length, source) = match header {
            HeaderResult::V1(Ok(header)) => (header.header.len(), source_v1(&header.addresses)),
            HeaderResult::V2(Ok(header)) => (header.header.len(), source_v2(&header)),
            HeaderResult::V1(Err(_)) | HeaderResult::V2(Err(_)) => return Err(malformed()),
        };
        stream.read_exact(&mut seen[..length]).await?;
        return Ok(source.unwrap_or(peer));
    }
}

fn source_v1(addresses: &v1::Addresses) -> Option<SocketAddr> {
    match addresses {
        v1::Addresses::Unknown => None,
        v1::Addresses::Tcp4(tcp) => Some((IpAddr::V4(tcp.source_address), tcp.source_port).into()),
        v1::Addresses::Tcp6(tcp) => Some((IpAddr::V6(tcp.source_address), tcp.source_port).into()),
    }
}

fn source_v2(header: &v2::Header<'_>) -> Option<SocketAddr> {
    match (header.command, header.addresses) {
        (v2::Command::Proxy, v2::Addresses::IPv4(tcp)) => {
            Some((IpAddr::V4(tcp.source_address), tcp.source_port).into())
        }
        (v2::Command::Proxy, v2::Addresses::IPv6(tcp)) => {
            Some((IpAddr::V6(tcp.source_address), tcp.source_port).into())
        }
        (v2::Command::Local, _) | (_, v2::Addresses::Unspecified | v2::Addresses::Unix(_)) => None,
    }
}
