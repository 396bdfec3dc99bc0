//! Describes why mail cannot be sent at all, which is found at the start.

use std::{io, path::PathBuf};

use crate::mail::smtp_server::SmtpUrlError;

/// Describes why a transport cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("mail.transport.smtp: {0}")]
    Url(#[from] SmtpUrlError),
    #[error("mail.transport: a user in the SMTP URL and a password go together; one is missing")]
    Credentials,
    #[error("mail.transport: TLS cannot be used")]
    Tls(#[source] lettre::transport::smtp::Error),
    #[error("mail.transport.directory: {path} cannot be created")]
    Directory { path: PathBuf, source: io::Error },
}
