//! Holds the certificate of the public listener. A reload of the configuration replaces it.

use std::sync::Arc;

use pingora::utils::tls::{WrappedX509, parse_x509};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};

/// Lists the protocols in the order of our preference; the client chooses by what it knows.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Holds a certificate chain with its key, ready to be shown to clients.
#[derive(Debug, Clone)]
pub struct Certificate {
    pub(crate) config: Arc<ServerConfig>,
    /// Says when it expires, in Unix time.
    pub not_after: i64,
}

impl Certificate {
    /// Configures TLS 1.2 and 1.3 with the safe defaults. Fails where the key is not the certificate's.
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, rustls::Error> {
        let not_after = chain.first().map_or(0, |leaf| {
            let parsed = WrappedX509::new(leaf.to_vec(), parse_x509);
            parsed.borrow_cert().validity().not_after.timestamp()
        });
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
        // Without it every resumption costs a full handshake.
        config.ticketer = ring::Ticketer::new()?;
        Ok(Self { config: Arc::new(config), not_after })
    }
}
