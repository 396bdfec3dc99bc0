//! Delivers to an SMTP server, over a few kept connections.
//!
//! lettre's own pool takes a connection back even when a timeout cut a dialogue short, and the next message would then
//! read the answers to the last one. Here a connection is kept only after a message was accepted.

#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::{
    address::Envelope,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::ClientId,
    },
};
use tokio::time::{Instant, timeout};

use crate::{
    mail::{
        delivery_error::DeliveryError,
        smtp_server::{SmtpSecurity, SmtpServer},
        transport_error::TransportError,
    },
    types::Secret,
};

/// Limits the time of TCP, TLS, EHLO and AUTH together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Limits the time of everything, the connecting included.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// Limits the time for a kept connection to prove itself.
const NOOP_TIMEOUT: Duration = Duration::from_secs(2);
/// Limits the idle connections to as many as the worker delivers at once.
const MAX_IDLE: usize = 4;
/// Servers close idle connections after some minutes; ours are for bursts.
const MAX_IDLE_TIME: Duration = Duration::from_secs(20);

/// Holds a server and the connections to it.
pub struct Smtp {
    server: SmtpServer,
    credentials: Option<Credentials>,
    /// Is none where TLS is never used.
    tls: Option<TlsParameters>,
    hello: ClientId,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Smtp {
    /// Prepares a client, which connects when the first message is sent.
    pub(crate) fn new(server: SmtpServer, password: Option<&Secret>) -> Result<Self, TransportError> {
        let credentials = match (&server.user, password) {
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password.expose().to_owned())),
            (None, None) => None,
            _ => return Err(TransportError::Credentials),
        };
        let tls = match server.security {
            SmtpSecurity::None => None,
            // Brings its own crypto provider (ring), so that none has to be installed for the process.
            SmtpSecurity::Implicit | SmtpSecurity::Required | SmtpSecurity::Opportunistic => {
                Some(TlsParameters::new_rustls(server.host.clone()).map_err(TransportError::Tls)?)
            }
        };
        Ok(Self { server, credentials, tls, hello: ClientId::default(), idle: Mutex::default() })
    }

    pub(crate) async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<(), DeliveryError> {
        timeout(SEND_TIMEOUT, self.send_over_some_connection(envelope, message))
            .await
            .unwrap_or_else(|_| Err(DeliveryError::Transient("the server took too long".to_owned())))
    }

    async fn send_over_some_connection(&self, envelope: &Envelope, message: &[u8]) -> Result<(), DeliveryError> {
        let mut connection = match self.reuse().await {
            Some(connection) => connection,
            None => timeout(CONNECT_TIMEOUT, self.connect())
                .await
                .map_err(|_| DeliveryError::Transient("connecting took too long".to_owned()))?
                .map_err(|error| DeliveryError::connecting(&error))?,
        };
        connection.send(envelope, message).await.map_err(|error| DeliveryError::sending(&error))?;
        self.keep(connection);
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let implicit = self.tls.as_ref().filter(|_| self.server.security == SmtpSecurity::Implicit);
        let address = (self.server.host.as_str(), self.server.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_TIMEOUT), &self.hello, implicit.cloned(), None)
                .await?;
        if let Some(tls) = &self.tls {
            let upgrades = match self.server.security {
                SmtpSecurity::Required => true,
                SmtpSecurity::Opportunistic => connection.can_starttls(),
                SmtpSecurity::Implicit | SmtpSecurity::None => false,
            };
            if upgrades {
                // Fails where the server does not offer it.
                connection.starttls(tls.clone(), &self.hello).await?;
            }
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }

    /// Returns a kept connection that still answers.
    async fn reuse(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.idle().pop()?;
            if since.elapsed() < MAX_IDLE_TIME
                && matches!(timeout(NOOP_TIMEOUT, connection.test_connected()).await, Ok(true))
            {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle();
        if !connection.has_broken() && idle.len() < MAX_IDLE {
            idle.push((connection, Instant::now()));
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({}:{})", self.server.host, self.server.port)
    }
}
