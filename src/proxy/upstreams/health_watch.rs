//! Does what goes on beside the requests: servers are probed, and their names looked up again.

use std::{sync::Arc, time::Duration};

use http::header;
use pingora::{
    connectors::http::Connector,
    http::RequestHeader,
    protocols::{http::client::HttpSession, l4::socket::SocketAddr},
    upstreams::peer::{HttpPeer, Peer},
};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    proxy::{
        settings::{HealthCheck, ServerAddress, Upstream, UpstreamServer},
        upstreams::{peer::Peers, resolve, server::Server},
    },
    tasks::Tasks,
};

/// Names are looked up this often: as most name servers' entries live.
const LOOK_UP: Duration = Duration::from_secs(30);
/// A name that leads nowhere is looked up this often: the server may be starting.
const RETRY: Duration = Duration::from_secs(1);

/// Starts what this server needs.
pub(crate) fn start(server: &Arc<Server>, upstream: &Upstream, tasks: &Tasks, stopped: &CancellationToken) {
    if let Some(check) = &upstream.health_check {
        let (server, check, until) = (Arc::clone(server), check.clone(), stopped.clone());
        tasks.supervise("health_check", stopped, move || {
            let (probing, until) = (Box::pin(probe(Arc::clone(&server), check.clone())), until.clone());
            async move {
                until.run_until_cancelled(probing).await;
            }
        });
    }
    if server.settings.address.is_name() {
        let (server, upstream, until) = (Arc::clone(server), upstream.clone(), stopped.clone());
        tasks.supervise("name_look_up", stopped, move || {
            let (looking, until) = (look_up(Arc::clone(&server), upstream.clone()), until.clone());
            async move {
                until.run_until_cancelled(looking).await;
            }
        });
    }
}

async fn probe(server: Arc<Server>, check: HealthCheck) {
    let connector = Connector::new(None);
    let mut ticks = interval(check.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(peer) = server.peers.load().as_ref().map(|peers| peers.peer.clone()) else { continue };
        let found = timeout(check.timeout, ask(&connector, &peer, &server.settings, &check)).await;
        server.health.probed(matches!(found, Ok(Ok(status)) if (200..400).contains(&status)));
    }
}

/// Returns the status of one probe, over a connection of its own: a kept one would hide that no new ones are accepted.
async fn ask(
    connector: &Connector,
    peer: &HttpPeer,
    server: &UpstreamServer,
    check: &HealthCheck,
) -> pingora::Result<u16> {
    let (mut session, _) = connector.get_http_session(peer).await?;
    let mut request = RequestHeader::build("GET", check.path.as_bytes(), None)?;
    request.insert_header(header::HOST, server.authority())?;
    request.insert_header(header::USER_AGENT, concat!("authgate/", env!("CARGO_PKG_VERSION"), " (health check)"))?;
    if let HttpSession::H1(_) = &session {
        request.insert_header(header::CONNECTION, "close")?;
    }
    session.write_request_header(Box::new(request)).await?;
    session.finish_request_body().await?;
    session.read_response_header().await?;
    let status = session.response_header().map_or(0, |response| response.status.as_u16());
    session.shutdown().await;
    Ok(status)
}

/// Follows the server's name for as long as the configuration is in force.
async fn look_up(server: Arc<Server>, upstream: Upstream) {
    let ServerAddress::Tcp { host, port } = &server.settings.address else { return };
    loop {
        let current = server.peers.load().as_ref().and_then(|peers| peers.peer.address().as_inet().copied());
        sleep(if current.is_some() { LOOK_UP } else { RETRY }).await;
        // A name that cannot be looked up right now keeps the address it had.
        let Ok(found) = resolve::addresses(host, *port).await else {
            if current.is_none() {
                server.health.connect_failed();
            }
            continue;
        };
        if current.is_some_and(|current| found.contains(&current)) {
            continue;
        }
        let Some(address) = resolve::preferred(&found) else { continue };
        tracing::info!(server = server.settings.url, %address, "an upstream server's name leads to this address now");
        server.peers.store(Some(Arc::new(Peers::new(&upstream, &server.settings, SocketAddr::Inet(address)))));
        if current.is_none() {
            // What counted against it was the name alone.
            server.health.responded();
        }
    }
}
