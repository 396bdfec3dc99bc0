//! Holds `mail:` of gateway.yaml, compiled.

use std::path::PathBuf;

use crate::types::Secret;

/// Holds `mail:` of gateway.yaml, compiled.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The sender is written like `App <no-reply@example.com>`.
    pub from: lettre::message::Mailbox,
    pub transport: TransportSettings,
}

/// Tells where messages go.
#[derive(Debug, Clone)]
pub enum TransportSettings {
    /// Is a server, as `smtp://`, `smtp://…?tls=required` or `smtps://` with an optional user; the password comes
    /// separately.
    Smtp { url: String, password: Option<Secret> },
    /// Each message becomes an `.eml` file.
    Directory(PathBuf),
    /// Messages are printed to standard output.
    Console,
}
