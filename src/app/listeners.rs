//! Binds the sockets, before anything else is started.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use anyhow::{Context, anyhow};
use tokio::net::TcpSocket;

/// Bounds the connections that wait to be accepted; a burst beyond the usual 128 would otherwise be slowed by retries.
const BACKLOG: u32 = 1024;

/// Says where the gateway is reached, ports resolved.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    pub(crate) public: Vec<SocketAddr>,
    pub(crate) ops: SocketAddr,
}

/// Holds listeners that are bound and listening, non-blocking.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) public: Vec<TcpListener>,
    pub(crate) redirect: Vec<TcpListener>,
    pub(crate) ops: TcpListener,
}

impl Listeners {
    /// Binds all, or none; those that were handed over to this process are taken, and of these the others closed. Must
    /// be called inside the runtime.
    pub(crate) fn bind(
        public: &[SocketAddr],
        redirect: &[SocketAddr],
        ops: SocketAddr,
        mut inherited: Vec<TcpListener>,
    ) -> anyhow::Result<Self> {
        for socket in &inherited {
            // systemd's are not.
            socket.set_nonblocking(true).context("an inherited socket cannot be used")?;
        }
        let mut one = |address: SocketAddr, key: &str| {
            let given = inherited.iter().position(|socket| socket.local_addr().is_ok_and(|given| given == address));
            match given {
                Some(index) => Ok(inherited.swap_remove(index)),
                None => bind(address, key),
            }
        };
        let mut all = |addresses: &[SocketAddr], key: &str| {
            addresses.iter().map(|address| one(*address, key)).collect::<Result<_, _>>()
        };
        let (public, redirect) = (all(public, "server.listen")?, all(redirect, "server.redirect_listen")?);
        Ok(Self { public, redirect, ops: one(ops, "server.ops_listen")? })
    }

    /// Returns the addresses with their real ports.
    pub(crate) fn addresses(&self) -> anyhow::Result<Addresses> {
        let address = |listener: &TcpListener| listener.local_addr().context("a listener has no address");
        Ok(Addresses { public: self.public.iter().map(address).collect::<Result<_, _>>()?, ops: address(&self.ops)? })
    }
}

fn bind(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    try_bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!("{key}: {address} is in use by another process"),
        io::ErrorKind::AddrNotAvailable => anyhow!("{key}: {address} is not an address of this machine"),
        io::ErrorKind::PermissionDenied => anyhow!("{key}: not permitted to listen on {address}"),
        _ => anyhow!("{key}: cannot listen on {address}: {error}"),
    })
}

/// Binds with `SO_REUSEADDR`, as a restart would otherwise wait for the old connections' TIME-WAIT.
fn try_bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_named_with_its_key() {
        let any = "127.0.0.1:0".parse().unwrap();
        let first = Listeners::bind(&[any], &[], any, Vec::new()).unwrap().addresses().unwrap();
        assert_ne!(first.ops.port(), 0);
        let held = TcpListener::bind(any).unwrap();
        let taken = held.local_addr().unwrap();
        for (public, ops, message) in [
            (taken, any, format!("server.listen: {taken} is in use by another process")),
            (any, taken, format!("server.ops_listen: {taken} is in use by another process")),
        ] {
            assert_eq!(Listeners::bind(&[public], &[], ops, Vec::new()).unwrap_err().to_string(), message);
        }
    }
}
