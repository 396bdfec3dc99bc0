//! Says where messages go: an SMTP server, a directory, standard output, or memory.

use std::{
    borrow::Cow,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use time::OffsetDateTime;
use tokio::time::timeout;

use crate::{
    language::Texts,
    mail::{
        captured::{CapturedMail, MailCapture},
        delivery_error::DeliveryError,
        look::Look,
        message::Rendered,
        mime,
        outbox::OutboxMessage,
        settings::{Sender, Settings, TransportSettings},
        smtp::Smtp,
        transport_error::TransportError,
    },
};

/// Limits the wait for a file or a terminal that does not take the text.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Is a way to deliver. Every delivery ends within about half a minute.
#[derive(Debug)]
pub enum Transport {
    Smtp(Smtp),
    /// Writes one `<unix-millis>-<message id>.eml` a message. A redelivered message replaces itself.
    Directory(PathBuf),
    Console,
    Capture(MailCapture),
}

impl Transport {
    /// Prepares the configured transport. An SMTP server is first contacted when there is a message for it, so that the
    /// gateway starts without it.
    pub fn connect(settings: &Settings) -> Result<Self, TransportError> {
        match &settings.transport {
            TransportSettings::Smtp { url, password } => Ok(Self::Smtp(Smtp::new(url.parse()?, password.as_ref())?)),
            TransportSettings::Directory(path) => {
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(path)
                    .map_err(|source| TransportError::Directory { path: path.clone(), source })?;
                Ok(Self::Directory(path.clone()))
            }
            TransportSettings::Console => Ok(Self::Console),
        }
    }

    /// Delivers one message. `written_at` is when it was enqueued.
    #[tracing::instrument(level = "debug", skip_all, fields(mail.kind = queued.message.kind()))]
    pub async fn deliver(
        &self,
        sender: &Sender,
        queued: &OutboxMessage,
        written_at: OffsetDateTime,
    ) -> Result<(), DeliveryError> {
        let rendered = queued
            .message
            .render(&self.look(sender), Texts::new(queued.language))
            .map_err(|_| DeliveryError::Permanent("the message could not be rendered".to_owned()))?;
        match self {
            Self::Smtp(smtp) => {
                let message = mime::compose(sender, queued, &rendered, written_at)?;
                smtp.send(message.envelope(), &message.formatted()).await
            }
            Self::Directory(directory) => {
                let message = mime::compose(sender, queued, &rendered, written_at)?.formatted();
                let millis = written_at.unix_timestamp_nanos() / 1_000_000;
                let name = format!("{millis:013}-{}.eml", queued.id);
                let directory = directory.clone();
                off_the_async_threads(move || write_file(&directory, &name, &message)).await
            }
            Self::Console => {
                let block = console_block(queued, &rendered);
                off_the_async_threads(move || {
                    let mut output = io::stdout().lock();
                    output.write_all(block.as_bytes())?;
                    output.flush()
                })
                .await
            }
            Self::Capture(captured) => {
                let Rendered { subject, text, html } = rendered;
                let links = queued.message.link().map(str::to_owned).into_iter().collect();
                captured.push(CapturedMail { to: queued.to.clone(), subject, text, html, links, at: written_at });
                Ok(())
            }
        }
    }
}

impl Transport {
    /// Returns the look of what is delivered. A message that is only captured has no parts beside its text.
    fn look<'s>(&self, sender: &'s Sender) -> Cow<'s, Look> {
        match self {
            Self::Capture(_) => {
                Cow::Owned(Look { name: sender.look.name.clone(), accent: sender.look.accent, logo: None })
            }
            Self::Smtp(_) | Self::Directory(_) | Self::Console => Cow::Borrowed(&sender.look),
        }
    }
}

async fn off_the_async_threads(write: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), DeliveryError> {
    timeout(WRITE_TIMEOUT, tokio::task::spawn_blocking(write))
        .await
        .unwrap_or_else(|_| Ok(Err(io::ErrorKind::TimedOut.into())))
        .unwrap_or_else(|panic| Err(io::Error::other(panic)))
        .map_err(|error| DeliveryError::io(&error))
}

/// Readers of the directory see the whole file or none, and a message is not taken for delivered before it is on disk.
fn write_file(directory: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    let unfinished = directory.join(format!(".{name}.tmp"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(message)?;
    file.sync_all()?;
    fs::rename(&unfinished, directory.join(name))?;
    File::open(directory)?.sync_all()
}

fn console_block(queued: &OutboxMessage, rendered: &Rendered) -> String {
    let rule = "-".repeat(72);
    let (to, Rendered { subject, text, .. }) = (queued.to.as_str(), rendered);
    format!("{rule}\nMail to {to}\nSubject: {subject}\n\n{}\n{rule}\n", text.trim_end())
}
