//! Writes to people: mail is rendered from typed messages, and delivered from the outbox.

mod captured;
mod code;
mod delivery_error;
mod look;
mod message;
mod mime;
mod name;
mod outbox;
mod reader;
mod settings;
mod smtp;
mod smtp_server;
mod transport;
mod transport_error;

pub use captured::{CapturedMail, MailCapture};
pub use code::CodeUse;
pub use delivery_error::DeliveryError;
pub use look::{Logo, Look};
pub use message::{Message, Rendered};
pub use outbox::{OUTBOX_PURPOSE, Outbox, OutboxMessage, OutboxMessageId, UnreadableMessage};
pub use reader::Reader;
pub use settings::{Sender, Settings, TransportSettings};
pub use smtp::Smtp;
pub use smtp_server::{SmtpSecurity, SmtpServer, SmtpUrlError};
pub use transport::Transport;
pub use transport_error::TransportError;
