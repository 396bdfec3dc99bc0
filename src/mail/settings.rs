//! Holds `mail:` of gateway.yaml, compiled.

use std::path::PathBuf;

use crate::{mail::look::Look, types::Secret};

/// Holds `mail:` of gateway.yaml, compiled.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The sender is written like `App <no-reply@example.com>`.
    pub from: lettre::message::Mailbox,
    /// Default: the name in `from`, and no logo.
    pub look: Look,
    pub transport: TransportSettings,
}

impl Settings {
    /// Returns whom mails come from, and what they look like.
    #[must_use]
    pub fn sender(&self) -> Sender {
        Sender { from: self.from.clone(), look: self.look.clone() }
    }
}

/// Says whom mails come from, and what they look like.
#[derive(Debug, Clone)]
pub struct Sender {
    pub from: lettre::message::Mailbox,
    pub look: Look,
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
