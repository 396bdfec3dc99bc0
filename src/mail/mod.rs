//! What is written to people, and how it leaves: rendered from typed messages, delivered from the outbox.

mod captured;
mod delivery_error;
mod message;
mod mime;
mod name;
mod outbox;
mod smtp;
mod smtp_server;
mod transport;

use std::path::PathBuf;

use crate::types::Secret;

pub use captured::{Caught, CaughtMail};
pub use delivery_error::DeliveryError;
pub use message::{Message, Rendered};
pub use outbox::{Letter, LetterId, OUTBOX_PURPOSE, Outbox, UnreadableLetter};
pub use smtp::Smtp;
pub use smtp_server::{SmtpSecurity, SmtpServer, SmtpUrlError};
pub use transport::{Transport, TransportError};

/// `mail:` of gateway.yaml, compiled.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `App <no-reply@example.com>`.
    pub from: lettre::message::Mailbox,
    pub transport: TransportSettings,
}

/// Where messages go.
#[derive(Debug, Clone)]
pub enum TransportSettings {
    /// `smtp://`, `smtp://…?tls=required` or `smtps://` with an optional user; the password comes separately.
    Smtp { url: String, password: Option<Secret> },
    /// One `.eml` file a message.
    Directory(PathBuf),
    /// Printed to standard output.
    Console,
}
