//! Chooses which server of an upstream a request goes to, and which are left out because they fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use pingora::protocols::l4::socket::SocketAddr;
use prometheus::IntCounter;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    observe::Metrics,
    proxy::{
        settings::{Balance, Upstream, UpstreamServer},
        upstreams::{
            health_watch, resolve,
            server::{Server, ServerGuard},
        },
    },
    routing::UpstreamId,
    tasks::Tasks,
};

/// Reusable connections are looked through this often for some that have expired.
const IDLE_CHECK: Duration = Duration::from_secs(1);

/// Holds every upstream of a configuration. Dropping it ends the probes.
#[derive(Debug)]
pub(crate) struct Upstreams {
    upstreams: Arc<[ServerPool]>,
    _watching: DropGuard,
}

#[derive(Debug)]
struct ServerPool {
    name: String,
    balance: Balance,
    servers: Vec<Arc<Server>>,
    next: AtomicUsize,
    retries: IntCounter,
}

/// Remembers the servers of one upstream that a request was sent to; of more than 64 the others are not remembered.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tried(u64);

impl Upstreams {
    /// Looks up the servers' names, takes every server for healthy, and watches them in the current runtime. A name
    /// that leads nowhere is no reason to stop: its server is looked up again until it is there.
    pub(crate) async fn start(settings: &[Upstream], metrics: &Metrics, tasks: &Tasks) -> Self {
        let stopped = CancellationToken::new();
        let mut upstreams = Vec::with_capacity(settings.len());
        for upstream in settings {
            let pool = ServerPool::new(upstream, metrics, resolve::all(&upstream.servers).await);
            for server in &pool.servers {
                health_watch::start(server, upstream, tasks, &stopped);
            }
            upstreams.push(pool);
        }
        let upstreams: Arc<[ServerPool]> = upstreams.into();
        let (pools, until) = (Arc::clone(&upstreams), stopped.clone());
        tasks.supervise("idle_upstream_connections", &stopped, move || {
            let (pools, until) = (Arc::clone(&pools), until.clone());
            async move {
                until.run_until_cancelled(close_expired(&pools)).await;
            }
        });
        Self { upstreams, _watching: stopped.drop_guard() }
    }

    /// Shows operators these servers, and none of the configuration before: a server that is gone is not down.
    pub(crate) fn show(&self, metrics: &Metrics) {
        metrics.upstream_up.reset();
        for server in self.upstreams.iter().flat_map(|upstream| &upstream.servers) {
            server.health.show(metrics);
        }
    }

    pub(crate) fn name(&self, id: UpstreamId) -> &str {
        &self.upstreams[id.0].name
    }

    /// Returns how many servers a request could be sent to.
    pub(crate) fn count(&self, id: UpstreamId) -> usize {
        self.upstreams[id.0].servers.len()
    }

    /// Chooses a server that was not tried yet, a healthy one before the others. When all have been tried, it is any of
    /// them.
    pub(crate) fn choose(&self, id: UpstreamId, tried: &mut Tried) -> ServerGuard {
        let upstream = &self.upstreams[id.0];
        let index = upstream.index(*tried);
        tried.insert(index);
        ServerGuard::new(Arc::clone(&upstream.servers[index]))
    }

    /// Returns whether there is a healthy server that was not tried yet.
    pub(crate) fn has_other(&self, id: UpstreamId, tried: Tried) -> bool {
        let mut servers = self.upstreams[id.0].servers.iter().enumerate();
        servers.any(|(index, server)| !tried.contains(index) && server.is_usable())
    }

    pub(crate) fn count_retry(&self, id: UpstreamId) {
        self.upstreams[id.0].retries.inc();
    }
}

/// Closes connections that were kept for too long, also where no request comes that would find them.
async fn close_expired(pools: &[ServerPool]) {
    loop {
        tokio::time::sleep(IDLE_CHECK).await;
        for server in pools.iter().flat_map(|pool| &pool.servers) {
            if let Some(peers) = &*server.peers.load() {
                peers.idle.close_expired();
            }
        }
    }
}

impl ServerPool {
    /// Creates the pool. `addresses` are those of the servers, in their order.
    fn new(upstream: &Upstream, metrics: &Metrics, addresses: Vec<Option<SocketAddr>>) -> Self {
        let server = |(server, address): (&UpstreamServer, Option<SocketAddr>)| {
            Arc::new(Server::new(upstream, server, metrics, address))
        };
        Self {
            name: upstream.name.clone(),
            balance: upstream.balance,
            servers: upstream.servers.iter().zip(addresses).map(server).collect(),
            next: AtomicUsize::new(0),
            retries: metrics.upstream_retries.with_label_values(&[&upstream.name]),
        }
    }

    fn index(&self, tried: Tried) -> usize {
        let count = self.servers.len();
        let start = if count == 1 { 0 } else { self.next.fetch_add(1, Ordering::Relaxed) };
        let in_turn = || (0..count).map(move |offset| start.wrapping_add(offset) % count);
        let untried = || in_turn().filter(move |&index| !tried.contains(index));
        let usable = || untried().filter(|&index| self.servers[index].is_usable());
        let chosen = match self.balance {
            Balance::RoundRobin => usable().next(),
            // The first in turn is taken of those with the fewest.
            Balance::LeastConnections => {
                usable().min_by_key(|&index| self.servers[index].in_use.load(Ordering::Relaxed))
            }
        };
        // Where all fail, the next one is as good as any: it may be back.
        chosen.or_else(|| untried().next()).unwrap_or(start % count)
    }
}

impl Tried {
    fn insert(&mut self, index: usize) {
        self.0 |= 1_u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or(0);
    }

    fn contains(self, index: usize) -> bool {
        u32::try_from(index).ok().and_then(|index| self.0.checked_shr(index)).is_some_and(|bits| bits & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::settings::{ServerAddress, UpstreamTimeouts};

    fn pool(balance: Balance, count: usize) -> ServerPool {
        let server = |n: usize| UpstreamServer {
            url: format!("http://127.0.0.1:{n}"),
            address: ServerAddress::Tcp { host: "127.0.0.1".to_owned(), port: 1 },
            is_tls: false,
        };
        let upstream = Upstream {
            name: "api".to_owned(),
            servers: (0..count).map(server).collect(),
            timeouts: UpstreamTimeouts::default(),
            balance,
            http2: false,
            tls: None,
            health_check: None,
        };
        let address = SocketAddr::Inet(([127, 0, 0, 1], 1).into());
        ServerPool::new(&upstream, &Metrics::new(), vec![Some(address); count])
    }

    #[test]
    fn each_has_its_turn() {
        let upstream = pool(Balance::RoundRobin, 3);
        let turns: Vec<usize> = (0..6).map(|_| upstream.index(Tried::default())).collect();
        assert_eq!(turns, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn the_least_busy_is_chosen() {
        let upstream = pool(Balance::LeastConnections, 3);
        for (index, in_use) in [(0, 2), (1, 0), (2, 1)] {
            upstream.servers[index].in_use.store(in_use, Ordering::Relaxed);
        }
        assert_eq!([upstream.index(Tried::default()), upstream.index(Tried::default())], [1, 1]);
    }

    #[test]
    fn what_failed_or_was_tried_is_passed_over_while_there_is_another() {
        let upstream = pool(Balance::RoundRobin, 3);
        for _ in 0..3 {
            upstream.servers[0].health.failed();
        }
        let mut tried = Tried::default();
        tried.insert(1);
        assert_eq!([upstream.index(tried), upstream.index(tried)], [2, 2]);
        tried.insert(2);
        assert_eq!(upstream.index(tried), 0, "a failing one is better than none");
        tried.insert(0);
        assert!(upstream.index(tried) < 3);
    }
}
