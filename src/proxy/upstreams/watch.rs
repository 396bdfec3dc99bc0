//! What goes on beside the requests: servers are probed, and their names looked up again.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::header;
use pingora::{
    connectors::http::Connector, http::RequestHeader, protocols::http::client::HttpSession, upstreams::peer::HttpPeer,
};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Server, group, peer::Peers};
use crate::proxy::settings::{HealthCheck, ServerAddress, Upstream, UpstreamServer};

/// How often names are looked up: as most name servers' entries live.
const LOOK_UP: Duration = Duration::from_secs(30);

/// Starts what this server needs.
pub(super) fn start(server: &Arc<Server>, upstream: &Upstream, tasks: &TaskTracker, stopped: &CancellationToken) {
    let until_stopped = |work: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        let stopped = stopped.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                () = work => {}
            }
        });
    };
    if let Some(check) = &upstream.health_check {
        until_stopped(Box::pin(probe(Arc::clone(server), check.clone())));
    }
    if server.settings.address.is_name() {
        until_stopped(Box::pin(look_up(Arc::clone(server), upstream.clone())));
    }
}

async fn probe(server: Arc<Server>, check: HealthCheck) {
    let connector = Connector::new(None);
    let mut ticks = interval(check.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let peer = server.peers.load().plain.clone();
        let found = timeout(check.timeout, ask(&connector, &peer, &server.settings, &check)).await;
        server.health.probed(matches!(found, Ok(Ok(status)) if (200..400).contains(&status)));
    }
}

/// The status of one probe, over a connection of its own: a kept one would hide that no new ones are accepted.
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

async fn look_up(server: Arc<Server>, upstream: Upstream) {
    let mut ticks = interval(LOOK_UP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is at once, and the configuration was resolved just now.
    ticks.tick().await;
    let mut settings = server.settings.clone();
    loop {
        ticks.tick().await;
        let ServerAddress::Tcp { host, address } = &mut settings.address else { return };
        // A name that cannot be looked up right now keeps the address it had.
        let Ok(found) = tokio::net::lookup_host((host.as_str(), address.port())).await else { continue };
        let found: Vec<SocketAddr> = found.collect();
        if found.is_empty() || found.contains(address) {
            continue;
        }
        *address = found.iter().find(|address| address.is_ipv4()).copied().unwrap_or(found[0]);
        tracing::info!(server = settings.url, address = %address, "an upstream server's name leads to another address");
        server.peers.store(Arc::new(Peers::new(&upstream, &settings, group(&upstream))));
    }
}
