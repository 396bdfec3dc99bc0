//! The public listener as clients meet it without anything in front: TLS, HTTP/2, the redirect, the PROXY protocol.

mod abandoned;
mod certificates;
mod hsts;
mod http2;
mod http2_load;
mod proxy_protocol;
mod redirect;

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::harness::{Setup, TestGateway, gateway::merge, tls::Authority};

/// A gateway with a certificate for `localhost`, and whom to trust for it.
struct Secured {
    gw: TestGateway,
    authority: Authority,
    folder: TempDir,
}

impl Secured {
    async fn start(changes: Value) -> Self {
        let (authority, folder) = (Authority::new(), TempDir::new().unwrap());
        authority.issue(&["localhost"]).write(folder.path(), "tls");
        let tls = json!({ "cert_file": folder.path().join("tls.pem"), "key_file": folder.path().join("tls.key") });
        let mut all = json!({ "server": { "tls": tls } });
        merge(&mut all, &changes);
        Self { gw: Setup::new(all).start().await, authority, folder }
    }

    async fn connect(&self, protocol: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(self.gw.address).await?;
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
    }
}
