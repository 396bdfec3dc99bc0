//! Asks the ops listener whether the gateway is ready, with nothing but a socket: the container's image has no shell
//! and no curl.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, bail};

/// Bounds the time of each step. Readiness itself responds within about a second.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Bounds the response in bytes, which is a short JSON object.
const MAX_RESPONSE: u64 = 8 * 1024;

pub(crate) fn run(ops_listen: SocketAddr) -> anyhow::Result<()> {
    let address = reachable(ops_listen);
    let answer =
        ask(address).with_context(|| format!("http://{address}/readyz (server.ops_listen) does not answer"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match status(head) {
        Some(200) => Ok(()),
        Some(status) => bail!("not ready: {status} {}", body.trim()),
        None => bail!("http://{address}/readyz (server.ops_listen) does not speak HTTP"),
    }
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    // The request goes out in one packet: a server that responds to the first of several would close on the others.
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_RESPONSE).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Returns the address to connect to. Nobody listens *at* the unspecified address, but on loopback too.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn status(head: &str) -> Option<u16> {
    head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    #[test]
    fn asks_where_the_listener_can_be_reached() {
        for (listen, asked) in
            [("0.0.0.0:9090", "127.0.0.1:9090"), ("[::]:9090", "[::1]:9090"), ("10.0.0.1:9090", "10.0.0.1:9090")]
        {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }

    #[test]
    fn only_200_is_ready() {
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", None),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"failed\":[\"database\"]}", Some("not ready: 503")),
            ("SSH-2.0-OpenSSH\r\n", Some("does not speak HTTP")),
            ("", Some("does not speak HTTP")),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            });
            let error = run(address).err().map(|error| error.to_string());
            server.join().unwrap();
            match expected {
                None => assert_eq!(error, None),
                Some(text) => assert!(error.as_ref().is_some_and(|error| error.contains(text)), "{error:?}"),
            }
        }
    }
}
