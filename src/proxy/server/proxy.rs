//! Holds the gateway in force, and what connections need beside it.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use pingora::http::RequestHeader;
use time::OffsetDateTime;

use crate::{
    proxy::{
        client::{
            Client,
            load::{ConnectionLoad, Load},
        },
        decide::{current_gateway::Current, gateway::Gateway, rejection::Rejection},
        forward::{access_log, response, serve},
        http1::{head::HeadError, header_case::HeaderCase},
        identity::headers,
        settings::Settings,
        upstreams::connect::Connector,
    },
    types::RequestId,
};

/// Holds the gateway in force, and what all that come after it share.
pub struct Proxy {
    current: Arc<Current>,
    load: Load,
    connector: Connector,
}

impl Proxy {
    /// Begins with this gateway.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        gateway.upstreams.show(&gateway.metrics);
        let load = Load::default();
        load.set_max_unread(gateway.settings.max_unread);
        Self { current: Arc::new(Current::new(gateway)), load, connector: Connector::new() }
    }

    /// Serves a request whose head is parsed.
    pub(crate) async fn serve_request(
        &self,
        client: &mut Client,
        request: (RequestHeader, HeaderCase),
        peer: SocketAddr,
    ) {
        serve::serve(&self.current, &self.connector, client, request, peer.ip()).await;
    }

    /// Ends every connection at once. What was under way is written down as cut off.
    pub fn cut_off(&self) {
        self.load.cut_off();
    }

    /// Lets another gateway decide on requests that arrive from now on; those under way keep theirs, but their rules
    /// are asked again where their responses last.
    pub fn replace(&self, gateway: Gateway) {
        gateway.upstreams.show(&gateway.metrics);
        self.load.set_max_unread(gateway.settings.max_unread);
        self.current.replace(gateway);
    }

    /// Begins to count what a client connection has under way.
    pub(crate) fn connection_load(&self) -> Arc<ConnectionLoad> {
        self.load.connection()
    }

    /// Returns the certificate that clients are shown; without one they speak in plaintext.
    pub(crate) fn tls(&self) -> Option<Arc<rustls::ServerConfig>> {
        self.current.load().settings.tls.as_ref().map(|certificate| Arc::clone(&certificate.config))
    }

    /// Returns whether this peer has to tell whom it speaks for; `None` where nobody does.
    pub(crate) fn expects_proxy_protocol(&self, peer: SocketAddr) -> Option<bool> {
        let gateway = self.current.load();
        let Settings { proxy_protocol, trusted_proxies, .. } = &gateway.settings;
        proxy_protocol.then(|| trusted_proxies.iter().any(|network| network.contains(&peer.ip().to_canonical())))
    }

    /// Returns scheme, host and port of `public_url`.
    pub(crate) fn public_origin(&self) -> String {
        let gateway = self.current.load();
        let Settings { public_scheme, hosts, .. } = &gateway.settings;
        format!("{public_scheme}://{}", hosts.first().map_or("", String::as_str))
    }

    /// Records a head that is rejected, and returns status, fields and body of the response.
    pub(crate) fn reject(
        &self,
        peer: SocketAddr,
        error: HeadError,
    ) -> (StatusCode, Vec<(HeaderName, HeaderValue)>, Bytes) {
        let id = RequestId::generate();
        let (status, mut fields, body) = self.parts(&id, peer, error);
        fields.extend(HeaderValue::from_str(id.as_str()).map(|id| (headers::REQUEST_ID, id)));
        (status, fields, body)
    }

    /// Does the same, and returns the bytes of HTTP/1.1.
    pub(crate) fn raw_rejection(&self, peer: SocketAddr, error: HeadError) -> Vec<u8> {
        let id = RequestId::generate();
        let (status, fields, body) = self.parts(&id, peer, error);
        response::raw(status, fields, &body, &id)
    }

    fn parts(
        &self,
        id: &RequestId,
        peer: SocketAddr,
        error: HeadError,
    ) -> (StatusCode, Vec<(HeaderName, HeaderValue)>, Bytes) {
        let gateway = self.current.load();
        access_log::rejected_head(&gateway, id, peer, error, OffsetDateTime::now_utc());
        let (status, mut fields, body) = Rejection::Head(error).problem().parts(Some(id));
        fields.extend(gateway.settings.hsts.then_some(headers::HSTS));
        (status, fields, body)
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proxy")
    }
}
